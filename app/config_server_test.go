package app

import (
	"encoding/pem"
	"net/http/httptest"
	"os"
	"strings"
	"testing"
)

// A server's table becomes a session's configuration, with TLS that trusts what it was told to.
func TestUpstream(t *testing.T) {
	plain, err := load(t, good).Servers[0].Upstream()
	if err != nil {
		t.Fatal(err)
	}
	if err := plain.Validate(); err != nil {
		t.Error(err)
	}
	if plain.Name != "pbx" || plain.Address != "127.0.0.1:5038" || string(plain.Secret) != "x" || plain.TLS != nil {
		t.Errorf("got %+v", plain)
	}

	server := httptest.NewTLSServer(nil)
	defer server.Close()
	certificate := pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: server.Certificate().Raw})
	path := write(t, strings.Replace(good, "[[listen]]", "tls = true\ntls_ca = 'ca.pem'\ntls_server_name = 'example.com'\n[[listen]]", 1))
	writeFile(t, "ca.pem", string(certificate), 0o600)
	config, err := Load(path)
	if err != nil {
		t.Fatal(err)
	}
	secure, err := config.Servers[0].Upstream()
	if err != nil {
		t.Fatal(err)
	}
	if secure.TLS == nil || secure.TLS.ServerName != "example.com" || secure.TLS.RootCAs == nil || secure.TLS.InsecureSkipVerify {
		t.Errorf("got %+v", secure.TLS)
	}

	if err := os.Remove("ca.pem"); err != nil {
		t.Fatal(err)
	}
	want := "server pbx: tls_ca ca.pem: no such file or directory"
	if _, err := config.Servers[0].Upstream(); err == nil || err.Error() != want {
		t.Errorf("got %v, want %s", err, want)
	}
}

// The log is as chatty and in the form that its table says.
func TestLogger(t *testing.T) {
	var text, json strings.Builder
	quiet := LogConfig{Level: "warn", Format: "text"}.Logger(&text)
	quiet.Info("unheard")
	quiet.Warn("heard")
	LogConfig{Level: "debug", Format: "json"}.Logger(&json).Debug("heard")
	if got := text.String(); strings.Contains(got, "unheard") || !strings.Contains(got, "msg=heard") {
		t.Errorf("got %s", got)
	}
	if got := json.String(); !strings.Contains(got, `"msg":"heard"`) {
		t.Errorf("got %s", got)
	}
}
