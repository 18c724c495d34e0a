package migrate

import (
	"fmt"
	"net"
	"strconv"
	"strings"
	"time"
	"unicode"

	"github.com/astproxy/astproxy/ami"
	"github.com/astproxy/astproxy/upstream"
)

// host is a line of a host = address, port, user, secret, events, use_ssl.
type host struct {
	setting
	address, port, user, secret, events, ssl string
	fields                                   int
}

// parseHost takes a line apart as add_server of config.c does, but for blanks around fields, which only quotes
// leave there.
func parseHost(s setting) host {
	fields := strings.Split(s.value, ",")
	h := host{setting: s, fields: len(fields)}
	for i, into := range []*string{&h.address, &h.port, &h.user, &h.secret, &h.events, &h.ssl} {
		if i < len(fields) {
			*into = strings.Trim(fields[i], " \t")
		}
	}
	h.address, h.port, h.events = lowered(h.address), lowered(h.port), lowered(h.events)
	if len(fields) > 5 {
		h.ssl = lowered(fields[5]) // " on" is not on
	}
	return h
}

func (c *conversion) servers() {
	c.out.heading("The Asterisks. Clients see each one's name as Server: NAME, and send an action to one by the same header.")
	c.names = map[string]string{}
	var seen ami.Class
	written := 0
	for _, s := range c.hosts {
		h := parseHost(s)
		mask, known := ami.ParseMask(h.events)
		if !known || h.events == "" {
			mask, _ = ami.ClassByName("all")
		}
		c.out.blank()
		if written > 0 && mask != seen {
			c.out.warn("%s: this Asterisk was asked for other events (%q) than the one before. Here a user sees the same classes of all.", h.where, h.events)
		}
		if c.server(h) {
			seen |= mask
			written++
		}
	}
	if written == 0 {
		c.exampleServer()
		seen, _ = ami.ClassByName("all")
	}
	c.read = classNames(seen)
}

// classNames are the classes of a set as a list of ours has them.
func classNames(set ami.Class) []string {
	all, _ := ami.ClassByName("all")
	if set == all {
		return []string{"all"}
	}
	names := []string{}
	for _, name := range ami.ClassNames() {
		if class, _ := ami.ClassByName(name); name != "all" && class&set != 0 {
			names = append(names, name)
		}
	}
	return names
}

// server writes one [[server]], if it can be one.
func (c *conversion) server(h host) bool {
	if !isHost(h.address) || !sendable(h.user) || !sendable(h.secret) {
		c.out.warn("%s: astproxy cannot connect to this host: its address, its user or its secret is missing, or nothing that could be one. It is left out.", h.where)
		return false
	}
	if h.fields < 6 || h.ssl == "" || h.events == "" || h.port == "" {
		c.out.warn("%s: a field is missing of host = address, port, user, secret, events, use_ssl; astmanproxy would not start with it.", h.where)
	}
	if h.user != lowered(h.user) || h.secret != lowered(h.secret) {
		c.out.warn("%s: astmanproxy before 1.30 made the user and the secret lower-case. If Asterisk refuses the login, that is why.", h.where)
	}
	c.out.table("[[server]]")
	c.out.set("name", c.name(h))
	c.out.set("address", net.JoinHostPort(h.address, c.serverPort(h)))
	c.out.set("username", h.user)
	c.out.set("secret", h.secret)
	c.tlsTowards(h)
	if seconds := number(c.value("retryinterval")); time.Duration(seconds)*time.Second >= upstream.DefaultBackoffMin {
		c.out.set("backoff_max", time.Duration(seconds)*time.Second)
	}
	return true
}

// isHost tells whether a text can be the address of a server, and its name.
func isHost(text string) bool {
	return text != "" && writable(text) && !strings.ContainsFunc(text, func(r rune) bool {
		return unicode.IsSpace(r) || unicode.IsControl(r) || r == '[' || r == ']'
	})
}

// sendable tells whether AMI can carry a text as a name or a secret.
func sendable(text string) bool {
	return text != "" && text[0] > ' ' && len(text) < ami.MaxLine-len("Username: ") && writable(text) && !strings.ContainsAny(text, "\r\n\x00")
}

// name gives a server its host's name, which no other one has.
func (c *conversion) name(h host) string {
	if _, taken := c.names[h.address]; !taken {
		c.names[h.address] = h.address
		return h.address
	}
	name := fmt.Sprintf("%s-%d", h.address, number(h.port))
	for n := 2; c.names[name] != ""; n++ {
		name = fmt.Sprintf("%s-%d-%d", h.address, number(h.port), n)
	}
	c.names[name] = name
	c.out.warn("%s: the second host %q. A client that named it got the first that was connected; here it has a name of its own.", h.where, h.address)
	return name
}

func (c *conversion) serverPort(h host) string {
	const usual = "5038"
	port := number(h.port)
	if port < 1 || port > 65535 {
		c.out.warn("%s: %q is no port; %s is what Asterisk usually has.", h.where, h.port, usual)
		return usual
	}
	return strconv.Itoa(port)
}

func (c *conversion) tlsTowards(h host) {
	if h.ssl != "on" {
		if h.ssl != "off" && h.ssl != "" {
			c.out.warn("%s: only on is on for astmanproxy, so use_ssl was off, and the secret went to this Asterisk in plain text.", h.where)
		}
		return
	}
	c.out.set("tls", true)
	c.out.warn("%s: astmanproxy never looked whose certificate it was. astproxy does: if Asterisk's is not signed by an authority "+
		"that this machine knows, say by which file it is (tls_ca), or which one it is (tls_fingerprint). On Asterisk's machine", h.where)
	c.out.example("openssl x509 -noout -fingerprint -sha256 -in /etc/asterisk/keys/asterisk.pem")
	c.out.note("prints the latter.")
	c.out.line(`#tls_ca = ""`)
	c.out.line(`#tls_fingerprint = ""`)
}

// exampleServer is for files that name no Asterisk: there must be one.
func (c *conversion) exampleServer() {
	c.out.blank()
	c.out.warn("there is no Asterisk to connect to in the old files. This one is an example.")
	c.out.table("[[server]]")
	c.out.set("name", "asterisk")
	c.out.set("address", "127.0.0.1:5038")
	c.out.set("username", "astproxy")
	c.out.set("secret", "change-this-secret")
	c.names["asterisk"] = "asterisk"
}
