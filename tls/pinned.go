package tls

import (
	"crypto/sha256"
	"crypto/tls"
	"crypto/x509"
	"encoding/hex"
	"errors"
	"fmt"
	"strings"
)

// ErrFingerprint is what is wrapped when a server shows another certificate than the one it is known
// by.
var ErrFingerprint = errors.New("the certificate is not the one that is known")

// ParseFingerprint reads a SHA-256 in hex, with colons or without, as openssl prints it.
func ParseFingerprint(text string) (sum [sha256.Size]byte, err error) {
	text = strings.ReplaceAll(strings.TrimPrefix(text, "sha256:"), ":", "")
	decoded, err := hex.DecodeString(text)
	if err != nil || len(decoded) != len(sum) {
		return sum, errors.New("a fingerprint is a SHA-256 in hex, 64 digits")
	}
	return [sha256.Size]byte(decoded), nil
}

// Pinned makes a client's configuration trust the certificate with that fingerprint, and no other.
func Pinned(c *tls.Config, fingerprint [sha256.Size]byte) {
	// What is checked instead: the very certificate, which is more than who has signed it.
	c.InsecureSkipVerify = true
	c.VerifyConnection = func(state tls.ConnectionState) error {
		shown := state.PeerCertificates[0]
		if sha256.Sum256(shown.Raw) != fingerprint {
			return &tls.CertificateVerificationError{
				UnverifiedCertificates: []*x509.Certificate{shown},
				Err:                    fmt.Errorf("%w: it has the fingerprint %s", ErrFingerprint, Fingerprint(shown)),
			}
		}
		return nil
	}
}
