package tls

import (
	"errors"
	"time"
)

// Config says where the certificates of one listener come from: Certificate and Key, or Domains, or
// neither, which is a certificate that the proxy signs itself.
type Config struct {
	// Certificate and Key name files in PEM: the certificate with what leads to its authority, and
	// its private key.
	Certificate, Key string

	// Domains are the names to get certificates for by ACME (RFC 8555), from the authority at
	// Directory ("" is Let's Encrypt), which is told Email. AuthorityCA is a file with the
	// certificates that the authority's own HTTPS is trusted by; "" is the system's.
	Domains     []string
	Email       string
	Directory   string
	AuthorityCA string

	// ClientCA names a file with the authorities of client certificates; "" asks for none.
	ClientCA string

	// Folder is for what is made here and kept: the self-signed certificate, those of ACME.
	Folder string
	// Look is how often the files are looked at for new ones; 0 is ten seconds.
	Look time.Duration
}

const defaultLook = 10 * time.Second

// Validate tells everything that is wrong with c, without looking at the files.
func (c Config) Validate() error {
	var wrong []error
	if (c.Certificate == "") != (c.Key == "") {
		wrong = append(wrong, errors.New("certificate and key are given together, or neither"))
	}
	if c.Certificate != "" && len(c.Domains) > 0 {
		wrong = append(wrong, errors.New("there is a certificate, so acme has nothing to get"))
	}
	if len(c.Domains) == 0 && (c.Email != "" || c.Directory != "" || c.AuthorityCA != "") {
		wrong = append(wrong, errors.New("acme names no domain to get a certificate for"))
	}
	if c.Folder == "" && c.Certificate == "" {
		wrong = append(wrong, errors.New("there is no folder to keep certificates in"))
	}
	return errors.Join(wrong...)
}
