package migrate

import (
	"crypto/tls"
	"fmt"
	"net"
	"net/netip"
	"path/filepath"
	"strconv"
	"strings"
	"time"
)

// The longest that an ami+amis:// listener may wait for a TLS client to begin, and how long astmanproxy does
// where nothing is said.
const (
	mostSniffWait    = 10 * time.Second
	defaultSniffWait = 500 * time.Millisecond
)

func (c *conversion) listeners() {
	c.out.heading("Where clients connect.")
	address := c.listenAddress()
	input := c.format("inputformat", "standard", "xml", "http")
	encrypted, plain := c.yes("acceptencryptedconnection"), c.yes("acceptunencryptedconnection")
	if !encrypted && !plain {
		c.out.warn("acceptencryptedconnection and acceptunencryptedconnection are both no, which they are where they are left out: " +
			"astmanproxy let nobody in. Here it is plain text, on this machine alone.")
		_, port, _ := net.SplitHostPort(address)
		address, plain = net.JoinHostPort("127.0.0.1", port), true
	}
	if input == "http" && encrypted && plain {
		c.bothHTTP(address)
		return
	}
	scheme := map[[2]bool]string{{true, true}: "ami+amis", {true, false}: "amis", {false, true}: "ami"}[[2]bool{encrypted, plain}]
	if input == "http" {
		scheme = map[bool]string{true: "https", false: "http"}[encrypted]
	}
	c.listener(scheme, address)
}

// listener writes one [[listen]].
func (c *conversion) listener(scheme, address string) {
	c.out.blank()
	if strings.HasPrefix(scheme, "ami") {
		c.out.note("Clients of AMI. They may also send XML, as with inputformat = xml, and each may choose what it is written in by " +
			"ProxyAction: SetOutputFormat, as before. inputformat = http has no counterpart at this listener: it would be one of its own, http://.")
	} else {
		c.out.note("HTTP, as with inputformat = http: /?Action=Ping&ActionID=1, and POST. docs/http-action.md says what differs: whole lists " +
			"come without X-Until-Event, X-Maxtime is what it is documented as, and nobody gets in without a login. Clients of AMI need a " +
			"listener of their own, ami:// on another port.")
	}
	c.out.table("[[listen]]")
	c.out.set("url", scheme+"://"+address)
	if scheme != "amis" && scheme != "https" {
		c.insecure(address)
	}
	c.out.set("format", c.outputFormat())
	if banner := c.value("forcebanner"); c.has("forcebanner") && strings.HasPrefix(scheme, "ami") {
		c.banner(banner)
	}
	if scheme == "ami+amis" {
		c.sniffWait()
	}
	if strings.HasSuffix(scheme, "s") {
		c.certificate()
	}
}

// bothHTTP is for astmanproxy's one port on which HTTP and HTTPS are told apart. Here it takes two.
func (c *conversion) bothHTTP(address string) {
	host, text, _ := net.SplitHostPort(address)
	port, _ := strconv.Atoi(text)
	next := port + 1
	if next > 65535 {
		next = port - 1
	}
	c.out.warn("astmanproxy took HTTP and HTTPS on port %d alike. Here each has a port of its own: HTTPS is on %d.", port, next)
	c.listener("http", address)
	c.listener("https", net.JoinHostPort(host, strconv.Itoa(next)))
}

func (c *conversion) listenAddress() string {
	host := c.value("listenaddress")
	parsed, err := netip.ParseAddr(host)
	switch {
	case host == "*":
		host = "0.0.0.0"
	case !c.has("listenaddress"):
		c.out.warn("listenaddress is not set, and astmanproxy could not listen. Here it is this machine alone.")
		host = "127.0.0.1"
	case err != nil || !parsed.Is4():
		c.out.warn("%s: listenaddress = %q is neither * nor an IPv4 address, and astmanproxy could not listen on it. Here it is this machine alone.",
			c.where("listenaddress"), host)
		host = "127.0.0.1"
	}
	port := number(c.value("listenport"))
	if port < 1 || port > 65535 {
		const ours = 5039
		c.out.warn("listenport is not set, or none from 1 to 65535. Here it is %d.", ours)
		port = ours
	}
	return net.JoinHostPort(host, strconv.Itoa(port))
}

// insecure says that plain text beyond this machine is meant, as it was.
func (c *conversion) insecure(address string) { insecure(c.out, address, "astmanproxy") }

func insecure(out *output, address, who string) {
	host, _, _ := net.SplitHostPort(address)
	if ip, err := netip.ParseAddr(host); err == nil && ip.IsLoopback() {
		return
	}
	out.warn("secrets and calls go over the network so that anybody on the way can read them, as with %s. If only this machine "+
		"connects, listen on 127.0.0.1 and take this line out; else let clients use TLS, and make the URL begin with amis:// or https://.", who)
	out.set("insecure", true)
}

// format is an option that names one of several, of which the first is the default.
func (c *conversion) format(name string, known ...string) string {
	given := c.value(name)
	for _, format := range known {
		if given == format {
			return format
		}
	}
	if c.has(name) {
		c.out.warn("%s: there is no %s %q. astmanproxy took any that it had; here it is %s.", c.where(name), name, given, known[0])
	}
	return known[0]
}

func (c *conversion) outputFormat() string {
	switch c.format("outputformat", "standard", "xml", "csv") {
	case "xml":
		c.out.note("XML in astmanproxy's shape. \"xml\" is the same with every header as an element, and nothing unparsed.")
		return "xml-legacy"
	case "csv":
		c.out.note("astmanproxy's CSV, with quotes doubled that it left alone. \"csv\" is RFC 4180.")
		return "csv-legacy"
	}
	return "standard"
}

func (c *conversion) banner(banner string) {
	c.folded("forcebanner")
	c.out.note("forcebanner (%s): clients see this line until astproxy has reached an Asterisk, and that Asterisk's own from then on.", c.where("forcebanner"))
	if banner == "" || !writable(banner) || strings.ContainsFunc(banner, func(r rune) bool { return r < ' ' }) {
		c.out.warn("it is empty, or no line of text, and left out.")
		return
	}
	c.out.set("banner", banner)
}

func (c *conversion) sniffWait() {
	wait := defaultSniffWait
	if c.has("sslclienthellotimeout") {
		wait = time.Duration(number(c.value("sslclienthellotimeout"))) * time.Millisecond
	}
	if wait <= 0 || wait > mostSniffWait {
		c.out.warn("%s: astproxy waits from 1ms to %s for a client to begin with TLS.", c.where("sslclienthellotimeout"), shortest(mostSniffWait))
		wait = min(max(wait, time.Millisecond), mostSniffWait)
	}
	c.out.set("sniff_wait", wait)
}

// certificate takes certfile over.
func (c *conversion) certificate() {
	path := c.value("certfile")
	c.folded("certfile")
	if path != "" && !filepath.IsAbs(path) {
		c.out.warn("%s: for astmanproxy this path began at the folder that it was started in, here it begins at this file's.", c.where("certfile"))
	}
	writeCertificate(c.out, c.where("certfile"), path, "")
}

// writeCertificate writes the files of a listener's certificate and its key ("": the same file) if astproxy could
// use them: they must not keep it from starting.
func writeCertificate(out *output, where, path, key string) {
	if key == "" {
		key = path
	}
	if path == "" {
		out.note("No file with a certificate is set. astproxy makes one, signs it itself, and logs its fingerprint.")
		return
	}
	comment := ""
	if _, err := tls.LoadX509KeyPair(path, key); err != nil {
		out.warn("%s: the certificate cannot be used from here: %s. Until it can, and is a certificate and its key in PEM, astproxy makes "+
			"one of its own. Then take the # away:", where, reason(err))
		comment = "#"
	}
	out.line(comment + "certificate = " + quote(strings.ToValidUTF8(path, "?")))
	out.line(comment + "key = " + quote(strings.ToValidUTF8(key, "?")))
}

// reason is what is wrong with a file, on one line, and without the file's content.
func reason(err error) string {
	return fmt.Sprintf("%q", err.Error())
}
