package app

import (
	"crypto/tls"
	"fmt"
	"net"
	"strconv"
	"strings"
	"time"
	"unicode"

	"github.com/astproxy/astproxy/ami"
	"github.com/astproxy/astproxy/proxy"
	astls "github.com/astproxy/astproxy/tls"
	"github.com/astproxy/astproxy/upstream"
)

// managerPort is where Asterisk's manager interface usually listens.
const managerPort = "5038"

// Upstream is the server as the session with it wants it. The error is tls_ca's or tls_fingerprint's.
func (c ServerConfig) Upstream() (upstream.Config, error) {
	config := upstream.Config{
		Name:           c.Name,
		Address:        c.Address,
		Username:       c.Username,
		Secret:         upstream.Secret(c.Secret),
		ConnectTimeout: c.ConnectTimeout,
		Keepalive:      c.Keepalive,
		ActionTimeout:  c.ActionTimeout,
		BackoffMax:     c.BackoffMax,
	}
	if !c.TLS {
		return config, nil
	}
	config.TLS = &tls.Config{ServerName: c.TLSServerName, MinVersion: tls.VersionTLS12}
	if c.TLSFingerprint != "" {
		sum, err := astls.ParseFingerprint(c.TLSFingerprint)
		if err != nil {
			return upstream.Config{}, fmt.Errorf("server %s: tls_fingerprint: %w", c.Name, err)
		}
		astls.Pinned(config.TLS, sum)
	}
	if c.TLSCA != "" {
		pool, err := authorities(c.TLSCA)
		if err != nil {
			return upstream.Config{}, fmt.Errorf("server %s: tls_ca %s: %w", c.Name, c.TLSCA, err)
		}
		config.TLS.RootCAs = pool
	}
	return config, nil
}

// check finds what is wrong with the table alone.
func (c ServerConfig) check(report reporter) {
	switch {
	case c.Name == "":
		report.hinted("name", "a server needs a name", `such as name = "pbx": clients choose servers by it`)
	case strings.ContainsFunc(c.Name, unicode.IsSpace) || strings.ContainsFunc(c.Name, unicode.IsControl):
		report.problem("name", "a server's name has no blanks and no control characters in it")
	}
	if c.Address == "" {
		report.hinted("address", "a server needs an address", `such as address = "127.0.0.1:5038"`)
	} else {
		checkAddress(report, "address", c.Address, managerPort)
	}
	if c.Username == "" {
		report.hinted("username", "a server needs a username", "the name of a user in Asterisk's manager.conf")
	} else {
		checkSendable(report, "username", c.Username)
	}
	report.warnOfExample(c.Secret)
	switch {
	case c.Secret != "" && c.SecretFile != "":
		report.problem("secret_file", "there is a secret as well; give one of the two")
	case c.Secret == "" && c.SecretFile == "":
		report.problem("secret", "a server needs a secret or a secret_file")
	default:
		checkSendable(report, "secret", string(c.Secret))
	}
	for key, value := range map[string]string{
		"tls_ca": c.TLSCA, "tls_server_name": c.TLSServerName, "tls_fingerprint": c.TLSFingerprint,
	} {
		if value != "" && !c.TLS {
			report.hinted(key, key+" is of no use without TLS", "add tls = true, or take it out")
		}
	}
	if c.TLSFingerprint != "" {
		if _, err := astls.ParseFingerprint(c.TLSFingerprint); err != nil {
			report.hinted("tls_fingerprint", err.Error(), "openssl x509 -noout -fingerprint -sha256 prints it")
		}
		if c.TLSCA != "" {
			report.problem("tls_fingerprint", "with a fingerprint nobody looks at tls_ca: give one of the two")
		}
	}
	report.positive("keepalive", c.Keepalive)
	report.positive("action_timeout", c.ActionTimeout)
	report.positive("connect_timeout", c.ConnectTimeout)
	if c.BackoffMax < upstream.DefaultBackoffMin {
		report.problem("backoff_max", fmt.Sprintf("must be at least %v", upstream.DefaultBackoffMin))
	}
	c.checkCache(report)
}

// maxCache is how long an answer may be kept: longer, and it is no picture of how things are.
const maxCache = time.Minute

// checkCache wants actions whose answers may be kept.
func (c ServerConfig) checkCache(report reporter) {
	table := report.table.keys["cache"]
	if table == nil {
		return
	}
	inside := report.document.at(table)
	for action, keep := range c.Cache {
		if !proxy.PollActions(action) {
			inside.hinted(action, fmt.Sprintf("answers to %s are never kept", action), offer(action, proxy.AllPollActions()))
		}
		if keep < 0 || keep > maxCache {
			inside.problem(action, fmt.Sprintf("an answer is kept for at most %v", maxCache))
		}
	}
}

// checkAddress wants a host and a port in numbers.
func checkAddress(report reporter, key, address, usualPort string) {
	host, port, err := net.SplitHostPort(address)
	if err != nil {
		hint := ""
		if !strings.Contains(strings.Trim(address, "[]"), ":") || strings.HasSuffix(address, "]") {
			hint = fmt.Sprintf("did you mean %q?", strings.TrimSuffix(address, ":")+":"+usualPort)
		}
		report.hinted(key, fmt.Sprintf("%s: %q is not a host and a port", key, address), hint)
		return
	}
	if host == "" || strings.ContainsFunc(host, unicode.IsSpace) {
		report.problem(key, fmt.Sprintf("%s: %q names no host", key, address))
	}
	if number, err := strconv.ParseUint(port, 10, 16); err != nil || number == 0 {
		report.problem(key, fmt.Sprintf("%s: the port is a number from 1 to 65535, not %q", key, port))
	}
}

// checkSendable wants what can be the value of a Username or Secret header. It shows no value.
func checkSendable(report reporter, key, value string) {
	switch {
	case strings.ContainsAny(value, "\r\n\x00"):
		report.problem(key, "a "+key+" is one line, without NUL: AMI cannot carry another")
	case value != "" && value[0] <= ' ':
		report.problem(key, "a "+key+" does not begin with a blank: Asterisk would not see it")
	case len(value) > ami.MaxLine-len("Username: "):
		report.problem(key, fmt.Sprintf("a %s has at most %d bytes: AMI cannot carry more", key, ami.MaxLine-len("Username: ")))
	}
}

// positive wants a duration above zero.
func (r reporter) positive(key string, duration time.Duration) {
	if duration <= 0 {
		r.problem(key, key+" must be above zero")
	}
}
