package app

import (
	"crypto/tls"
	"fmt"
	"net/url"
	"path/filepath"
	"slices"
	"strings"
	"time"

	astls "github.com/astproxy/astproxy/tls"
)

// encrypted tells whether every client of the listener has TLS, sniffed whether a client may.
func (c ListenerConfig) encrypted() bool { return c.Scheme() == "amis" || c.Scheme() == "https" }

func (c ListenerConfig) sniffed() bool { return c.Scheme() == "ami+amis" }

// tls is where the listener's certificates come from; state is the folder for those that are made.
func (c ListenerConfig) tls(state string) astls.Config {
	return astls.Config{
		Certificate: c.Certificate, Key: c.Key,
		Domains: c.ACME, Email: c.ACMEEmail, Directory: c.ACMEDirectory, AuthorityCA: c.ACMECA,
		ClientCA: c.ClientCA,
		Folder:   filepath.Join(state, "tls"),
	}
}

// checkTLS finds what is wrong with the keys about TLS.
func (c ListenerConfig) checkTLS(report reporter) {
	given := map[string]bool{
		"certificate": c.Certificate != "", "key": c.Key != "", "acme": len(c.ACME) > 0, "acme_email": c.ACMEEmail != "",
		"acme_directory": c.ACMEDirectory != "", "acme_ca": c.ACMECA != "", "client_ca": c.ClientCA != "",
	}
	if !c.encrypted() && !c.sniffed() {
		for key, is := range given {
			if is {
				report.hinted(key, key+" is of no use without TLS", "make the URL begin with amis://, ami+amis:// or https://, or take it out")
			}
		}
		return
	}
	for _, err := range joined(c.tls("state").Validate()) {
		key := "certificate"
		if len(c.ACME) == 0 && c.Certificate == "" && c.Key == "" {
			key = "acme_directory"
		}
		report.problem(key, err.Error())
	}
	for i, domain := range c.ACME {
		if domain == "" || strings.ContainsAny(domain, "*:/ ") || !strings.Contains(domain, ".") {
			report.problem(fmt.Sprintf("acme[%d]", i), fmt.Sprintf("%q is not a domain's name", domain))
		}
	}
	if u, err := url.Parse(c.ACMEDirectory); c.ACMEDirectory != "" && (err != nil || u.Scheme != "https" || u.Host == "") {
		report.problem("acme_directory", "an authority's directory is an https:// URL")
	}
	if c.SniffWait <= 0 || c.SniffWait > 10*time.Second {
		report.problem("sniff_wait", "sniff_wait must be above 0 and at most 10s")
	}
	c.checkTLSFiles(report)
}

// checkTLSFiles looks at the files now, when somebody is there to read what is wrong with them.
func (c ListenerConfig) checkTLSFiles(report reporter) {
	if c.Certificate != "" && c.Key != "" {
		pair, err := tls.LoadX509KeyPair(c.Certificate, c.Key)
		switch {
		case err != nil:
			report.problem("certificate", fmt.Sprintf("cannot use %s with %s: %v", c.Certificate, c.Key, err))
		case time.Now().After(pair.Leaf.NotAfter):
			report.add("certificate", Problem{Warning: true,
				Text: fmt.Sprintf("the certificate has expired on %s", pair.Leaf.NotAfter.Format(time.DateOnly))})
		}
	}
	for key, path := range map[string]string{"client_ca": c.ClientCA, "acme_ca": c.ACMECA} {
		if path == "" {
			continue
		}
		if _, err := authorities(path); err != nil {
			report.problem(key, fmt.Sprintf("cannot use %s: %v", path, err))
		}
	}
}

// checkCertificates wants each client certificate to be one user's, and somebody to check it.
func (d *document) checkCertificates(config *Config) {
	verified := slices.ContainsFunc(config.Listeners, func(l ListenerConfig) bool { return l.ClientCA != "" })
	again := d.once("user", "certificate")
	for i, user := range config.Users {
		again(i, user.Certificate, fmt.Sprintf("a second user with the certificate %q", user.Certificate))
		if user.Certificate != "" && !verified {
			d.item("user", i).hinted("certificate", "no listener verifies client certificates", "give one a client_ca")
		}
	}
}
