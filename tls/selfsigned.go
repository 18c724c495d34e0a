package tls

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"math/big"
	"net"
	"os"
	"path/filepath"
	"time"
)

// selfSignedFor is how long a self-signed certificate is good: clients know it by its fingerprint and
// not by an authority, so a new one would only be in their way.
const selfSignedFor = 10 * 365 * 24 * time.Hour

// selfSigned gives the files of a certificate that the proxy has signed itself, which it makes if they
// are not there, and logs its fingerprint.
func (c Config) selfSigned(log *slog.Logger) (certificate, key string, err error) {
	certificate, key = filepath.Join(c.Folder, "self-signed.pem"), filepath.Join(c.Folder, "self-signed.key")
	if _, err := os.Stat(key); errors.Is(err, fs.ErrNotExist) {
		if err := os.MkdirAll(c.Folder, 0o700); err != nil {
			return "", "", err
		}
		if err := makeSelfSigned(certificate, key); err != nil {
			return "", "", fmt.Errorf("making a certificate: %w", err)
		}
	}
	pair, err := tls.LoadX509KeyPair(certificate, key)
	if err != nil {
		return "", "", fmt.Errorf("%s: %w; remove it and a new one is made", certificate, err)
	}
	log.Info("the certificate is self-signed", "file", certificate, "fingerprint", Fingerprint(pair.Leaf))
	return certificate, key, nil
}

func makeSelfSigned(certificate, key string) error {
	private, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return err
	}
	serial, err := rand.Int(rand.Reader, new(big.Int).Lsh(big.NewInt(1), 127))
	if err != nil {
		return err
	}
	host, err := os.Hostname()
	if err != nil {
		host = "astproxy"
	}
	template := &x509.Certificate{
		SerialNumber: serial,
		Subject:      pkix.Name{CommonName: host, Organization: []string{"astproxy, self-signed"}},
		NotBefore:    time.Now().Add(-time.Hour), // clocks differ
		NotAfter:     time.Now().Add(selfSignedFor),
		KeyUsage:     x509.KeyUsageDigitalSignature,
		ExtKeyUsage:  []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth},
		DNSNames:     []string{host, "localhost"},
		IPAddresses:  []net.IP{net.IPv4(127, 0, 0, 1), net.IPv6loopback},
	}
	signed, err := x509.CreateCertificate(rand.Reader, template, template, private.Public(), private)
	if err != nil {
		return err
	}
	secret, err := x509.MarshalPKCS8PrivateKey(private)
	if err != nil {
		return err
	}
	// The key last: it tells that both are there.
	if err := writePEM(certificate, "CERTIFICATE", signed, 0o644); err != nil {
		return err
	}
	return writePEM(key, "PRIVATE KEY", secret, 0o600)
}

// writePEM writes a whole file or none.
func writePEM(path, kind string, content []byte, mode fs.FileMode) error {
	half := path + ".new"
	text := pem.EncodeToMemory(&pem.Block{Type: kind, Bytes: content})
	if err := os.WriteFile(half, text, mode); err != nil {
		return err
	}
	return os.Rename(half, path)
}
