package tls

import (
	"context"
	"crypto/sha256"
	"crypto/tls"
	"crypto/x509"
	"encoding/hex"
	"fmt"
	"log/slog"
	"os"
	"sync/atomic"
	"time"
)

// Certificates are those of one listener.
type Certificates struct {
	// set at construction
	config  Config
	log     *slog.Logger
	get     func(*tls.ClientHelloInfo) (*tls.Certificate, error)
	clients *x509.CertPool // nil: no client certificates
	acme    bool

	current atomic.Pointer[tls.Certificate] // of files
	seen    [2]stamp                        // of the files when they were last read; owned by Run
}

// New loads, makes or prepares the certificates of a valid Config. An error says which file it is
// about.
func New(c Config, log *slog.Logger) (*Certificates, error) {
	if c.Look == 0 {
		c.Look = defaultLook
	}
	s := &Certificates{config: c, log: log}
	s.get = s.fromFiles
	var err error
	switch {
	case c.Certificate != "":
	case len(c.Domains) > 0:
		s.acme = true
		s.get, err = c.fromAuthority()
	default:
		s.config.Certificate, s.config.Key, err = c.selfSigned(log)
	}
	if err == nil && s.config.Certificate != "" {
		err = s.load()
	}
	if err == nil && c.ClientCA != "" {
		s.clients, err = pool(c.ClientCA)
	}
	if err != nil {
		return nil, err
	}
	return s, nil
}

// Server is how a listener speaks TLS: 1.2 and newer, HTTP/1.1 where it speaks HTTP. A client may show
// a certificate if there is an authority for them, and a wrong one ends the handshake.
func (s *Certificates) Server() *tls.Config {
	c := &tls.Config{MinVersion: tls.VersionTLS12, GetCertificate: s.get}
	if s.clients != nil {
		c.ClientCAs, c.ClientAuth = s.clients, tls.VerifyClientCertIfGiven
	}
	if s.acme {
		c.NextProtos = []string{"http/1.1", acmeProtocol}
	}
	return c
}

func (s *Certificates) fromFiles(*tls.ClientHelloInfo) (*tls.Certificate, error) {
	return s.current.Load(), nil
}

// load reads the files. If they are of no use what was loaded before stays.
func (s *Certificates) load() error {
	s.seen = [2]stamp{stampOf(s.config.Certificate), stampOf(s.config.Key)}
	pair, err := tls.LoadX509KeyPair(s.config.Certificate, s.config.Key)
	if err != nil {
		return fmt.Errorf("certificate %s with key %s: %w", s.config.Certificate, s.config.Key, err)
	}
	if until := time.Until(pair.Leaf.NotAfter); until < 0 {
		s.log.Warn("the certificate has expired", "file", s.config.Certificate, "expired", pair.Leaf.NotAfter)
	}
	s.current.Store(&pair)
	return nil
}

// Run looks now and then whether the files have been replaced, until ctx ends.
func (s *Certificates) Run(ctx context.Context) {
	if s.current.Load() == nil {
		return // an authority's are renewed by the handshakes
	}
	ticker := time.NewTicker(s.config.Look)
	defer ticker.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-ticker.C:
			s.Reload()
		}
	}
}

// Reload reads the files again if they have changed. It is Run's; who calls it otherwise must not let
// Run run at the same time.
func (s *Certificates) Reload() {
	if now := [2]stamp{stampOf(s.config.Certificate), stampOf(s.config.Key)}; now == s.seen {
		return
	}
	if err := s.load(); err != nil {
		s.log.Error("the new certificate is of no use; the old one stays", "error", err)
		return
	}
	s.log.Info("the certificate is a new one", "file", s.config.Certificate, "fingerprint", Fingerprint(s.current.Load().Leaf))
}

// Fingerprint is a certificate's SHA-256, in hex, by which one that no authority has signed is
// recognised.
func Fingerprint(c *x509.Certificate) string {
	sum := sha256.Sum256(c.Raw)
	return hex.EncodeToString(sum[:])
}

// stamp tells whether a file is still the same.
type stamp struct {
	modified time.Time
	size     int64
}

func stampOf(path string) stamp {
	info, err := os.Stat(path)
	if err != nil {
		return stamp{}
	}
	return stamp{info.ModTime(), info.Size()}
}

func pool(path string) (*x509.CertPool, error) {
	pem, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	pool := x509.NewCertPool()
	if !pool.AppendCertsFromPEM(pem) {
		return nil, fmt.Errorf("%s: there is no certificate in PEM form in it", path)
	}
	return pool, nil
}
