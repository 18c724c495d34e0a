package tls

import (
	"crypto/tls"
	"fmt"
	"net/http"
	"path/filepath"

	"golang.org/x/crypto/acme"
	"golang.org/x/crypto/acme/autocert"
)

// acmeProtocol is what an authority asks for in the handshake by which it sees that a domain is here
// (RFC 8737).
const acmeProtocol = acme.ALPNProto

// fromAuthority gets certificates when they are first asked for, and renews them, by TLS-ALPN-01 on
// the listener itself: the authority must reach it at port 443.
func (c Config) fromAuthority() (func(*tls.ClientHelloInfo) (*tls.Certificate, error), error) {
	client := &acme.Client{DirectoryURL: c.Directory}
	if c.AuthorityCA != "" {
		roots, err := pool(c.AuthorityCA)
		if err != nil {
			return nil, err
		}
		transport := http.DefaultTransport.(*http.Transport).Clone()
		transport.TLSClientConfig = &tls.Config{RootCAs: roots, MinVersion: tls.VersionTLS12}
		client.HTTPClient = &http.Client{Transport: transport}
	}
	manager := &autocert.Manager{
		Prompt:     autocert.AcceptTOS,
		Cache:      autocert.DirCache(filepath.Join(c.Folder, "acme")),
		HostPolicy: autocert.HostWhitelist(c.Domains...),
		Client:     client,
		Email:      c.Email,
	}
	only := c.Domains[0]
	return func(hello *tls.ClientHelloInfo) (*tls.Certificate, error) {
		if hello.ServerName == "" { // a manager client that names no host gets the first
			named := *hello
			named.ServerName = only
			hello = &named
		}
		certificate, err := manager.GetCertificate(hello)
		if err != nil {
			return nil, fmt.Errorf("certificate for %q: %w", hello.ServerName, err)
		}
		return certificate, nil
	}, nil
}
