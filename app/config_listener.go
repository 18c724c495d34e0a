package app

import (
	"crypto/tls"
	"fmt"
	"net"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"github.com/astproxy/astproxy/formats"
	"github.com/astproxy/astproxy/proxy/listen"
	"github.com/astproxy/astproxy/proxy/listen/monitor"
)

// served are the schemes that a listener's URL may begin with, planned those that this version knows
// of and does not serve: asking for one is no slip of the pen.
var (
	served  = []string{"ami", "amis", "ami+amis", "http", "https", "agi"}
	planned = []string{"http+https", "ws", "wss"}
)

// Scheme is what the listener speaks: "ami".
func (c ListenerConfig) Scheme() string {
	name, _, _ := strings.Cut(c.URL, "://")
	return strings.ToLower(name)
}

// Address is the host and port to listen on, for a URL that passes Load's checks.
func (c ListenerConfig) Address() string {
	_, address, _ := strings.Cut(c.URL, "://")
	return strings.TrimSuffix(address, "/")
}

// ami is the listener as the door for manager clients wants it.
func (c ListenerConfig) ami(security *tls.Config) listen.AMIConfig {
	s := listen.Security{TLS: security}
	if c.sniffed() {
		s.Sniff = c.SniffWait
	}
	return listen.AMIConfig{
		Security:              s,
		AuthenticationTimeout: c.AuthenticationTimeout,
		UnauthenticatedLimit:  c.UnauthenticatedLimit,
		Banner:                c.Banner,
		Format:                c.format(),
	}
}

// http is the listener as the door for scripts and browsers wants it.
func (c ListenerConfig) http(security *tls.Config, replies RepliesConfig) listen.HTTPConfig {
	return listen.HTTPConfig{TLS: security, Format: c.format(), Origins: c.Origins, ConnectionLimit: c.ConnectionLimit,
		Monitoring: monitor.Readers(c.Monitoring), AnswerMemory: int64(replies.Memory)}
}

// format is what Format names; nil: nothing is said.
func (c ListenerConfig) format() formats.Format {
	format, _ := formats.Lookup(c.Format)
	return format
}

// check finds what is wrong with the table alone.
func (c ListenerConfig) check(report reporter) {
	if c.URL == "" {
		report.hinted("url", "a listener needs a URL", `such as url = "ami://127.0.0.1:5039"`)
	} else {
		c.checkURL(report)
	}
	report.positive("authentication_timeout", c.AuthenticationTimeout)
	if c.UnauthenticatedLimit < 1 {
		report.problem("unauthenticated_limit", "unauthenticated_limit must be above zero: nobody could log in")
	}
	if c.ConnectionLimit < 1 {
		report.problem("connection_limit", "connection_limit must be above zero: nobody could connect")
	}
	report.format(c.Format)
	c.checkTLS(report)
	c.checkAGI(report)
	report.choice("monitoring", c.Monitoring, monitor.AllReaders)
	for i, origin := range c.Origins {
		if u, err := url.Parse(origin); err != nil || u.Scheme == "" || u.Host == "" || u.Scheme+"://"+u.Host != origin {
			report.hinted(fmt.Sprintf("origins[%d]", i), fmt.Sprintf("%q is not a scheme and a host", origin), `such as "https://panel.example.org"`)
		} else if defaultPorts[strings.ToLower(u.Scheme)] == u.Port() && u.Port() != "" {
			report.hinted(fmt.Sprintf("origins[%d]", i), fmt.Sprintf("no browser says the port of %q", origin), fmt.Sprintf("write %q", strings.TrimSuffix(origin, ":"+u.Port())))
		}
	}
	if c.Banner == "" || strings.ContainsAny(c.Banner, "\r\n\x00") {
		report.problem("banner", "a banner is one line, and not empty")
	}
}

// defaultPorts are those that a browser leaves out of an origin.
var defaultPorts = map[string]string{"http": "80", "https": "443"}

const suchListener = `such as "ami://127.0.0.1:5039"`

// checkURL shows nothing of a URL with a user in it: there could be a secret, too.
func (c ListenerConfig) checkURL(report reporter) {
	if strings.Contains(c.URL, "@") {
		report.hinted("url", "there are no users in a listener's URL", "they are [[user]] tables of their own")
		return
	}
	if !strings.Contains(c.URL, "://") {
		hint := suchListener
		if _, _, err := net.SplitHostPort(c.URL); err == nil {
			hint = fmt.Sprintf("did you mean %q?", "ami://"+c.URL)
		}
		report.hinted("url", fmt.Sprintf("%q is not a URL", c.URL), hint)
		return
	}
	if !slices.Contains(served, c.Scheme()) {
		c.refuseScheme(report)
		return
	}
	host, port, err := net.SplitHostPort(c.Address())
	if err != nil || strings.ContainsAny(c.Address(), "/?# ") {
		report.hinted("url", fmt.Sprintf("%q is not a scheme, a host and a port", c.URL), suchListener)
		return
	}
	if _, err := strconv.ParseUint(port, 10, 16); err != nil {
		report.problem("url", fmt.Sprintf("the port is a number up to 65535, not %q", port))
		return
	}
	if !c.Insecure && !c.encrypted() && !isLoopback(host) {
		report.hinted("url", fmt.Sprintf("%s:// would send secrets and calls in plain text over the network", c.Scheme()),
			"listen on 127.0.0.1, or add insecure = true if the network is safe")
	}
}

func (c ListenerConfig) refuseScheme(report reporter) {
	hint := "this version serves " + strings.Join(served, ", ")
	if slices.Contains(planned, c.Scheme()) {
		report.hinted("url", fmt.Sprintf("the scheme %q is not there yet", c.Scheme()), hint)
		return
	}
	if meant := didYouMean(c.Scheme(), slices.Concat(served, planned)); meant != "" {
		hint = meant
	}
	report.hinted("url", fmt.Sprintf("unknown scheme %q", c.Scheme()), hint)
}

// isLoopback tells whether only this machine reaches a host's address. No host is every address.
func isLoopback(host string) bool {
	if strings.EqualFold(host, "localhost") {
		return true
	}
	host, _, _ = strings.Cut(host, "%") // an IPv6 address's zone
	ip := net.ParseIP(host)
	return ip != nil && ip.IsLoopback()
}
