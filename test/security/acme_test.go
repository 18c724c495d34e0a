package security_test

import (
	"crypto/tls"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"testing"
	"time"

	astls "github.com/astproxy/astproxy/tls"
)

// An authority that speaks ACME sees by TLS-ALPN-01 that the domain leads to the listener, and
// signs.
func TestACertificateComesByACME(t *testing.T) {
	pebble, challtestsrv := pebbles(t)
	folder := t.TempDir()
	// Pebble's own HTTPS has a certificate that nobody has signed; the listener is told of it.
	if _, err := astls.New(astls.Config{Folder: folder}, slog.New(slog.DiscardHandler)); err != nil {
		t.Fatal(err)
	}
	own, key := filepath.Join(folder, "self-signed.pem"), filepath.Join(folder, "self-signed.key")

	names, directory, listener := free(t), free(t), free(t)
	_, port, _ := net.SplitHostPort(listener)
	start(t, nil, challtestsrv, "-dnsserver", names, "-defaultIPv4", "127.0.0.1", "-defaultIPv6", "",
		"-doh", "", "-http01", "", "-https01", "", "-tlsalpn01", "", "-management", free(t))
	config := filepath.Join(folder, "pebble.json")
	content, err := json.Marshal(map[string]any{"pebble": map[string]any{
		"listenAddress": directory, "managementListenAddress": free(t), "certificate": own, "privateKey": key,
		"httpPort": 1, "tlsPort": json.Number(port),
	}})
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(config, content, 0o600); err != nil {
		t.Fatal(err)
	}
	start(t, []string{"PEBBLE_VA_NOSLEEP=1", "PEBBLE_WFE_NONCEREJECT=0"}, pebble, "-config", config, "-dnsserver", names)
	untilServed(t, "https://"+directory+"/dir")

	address := serve(t, "https://"+listener, fmt.Sprintf("acme = [%q]\nacme_directory = %q\nacme_ca = %q",
		"pbx.example.org", "https://"+directory+"/dir", own))
	conn, err := tls.Dial("tcp", address, &tls.Config{ServerName: "pbx.example.org", InsecureSkipVerify: true})
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	shown := conn.ConnectionState().PeerCertificates[0]
	if shown.VerifyHostname("pbx.example.org") != nil || shown.Issuer.CommonName == shown.Subject.CommonName {
		t.Errorf("the certificate is %s's, for %v", shown.Issuer, shown.DNSNames)
	}
	if _, err := tls.Dial("tcp", address, &tls.Config{ServerName: "other.example.org", InsecureSkipVerify: true}); err == nil {
		t.Error("a name that is not configured has a certificate")
	}
}

// untilServed waits until something answers at a URL.
func untilServed(t *testing.T, url string) {
	t.Helper()
	client := &http.Client{Transport: &http.Transport{TLSClientConfig: &tls.Config{InsecureSkipVerify: true}}}
	defer client.CloseIdleConnections()
	for begin := time.Now(); ; {
		answer, err := client.Get(url)
		if err == nil {
			answer.Body.Close()
			return
		}
		var refused *net.OpError
		if !errors.As(err, &refused) || time.Since(begin) > time.Minute {
			t.Fatal(err)
		}
		time.Sleep(10 * time.Millisecond) // there is nothing to wait for before it listens
	}
}
