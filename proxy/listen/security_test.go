package listen_test

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"io"
	"math/big"
	"net"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/astproxy/astproxy/access"
	"github.com/astproxy/astproxy/proxy/listen"
	"github.com/astproxy/astproxy/proxy/proxytest"
	"github.com/astproxy/astproxy/sim"
	"github.com/astproxy/astproxy/sim/simtest"
	"github.com/astproxy/astproxy/upstream"
)

// authority signs certificates for a test.
type authority struct {
	t    *testing.T
	cert *x509.Certificate
	key  *ecdsa.PrivateKey
}

func newAuthority(t *testing.T) *authority {
	t.Helper()
	a := &authority{t: t}
	made := a.sign("authority", true)
	a.cert, a.key = made.Leaf, made.PrivateKey.(*ecdsa.PrivateKey)
	return a
}

// sign makes a certificate for name, good for servers on loopback and for clients.
func (a *authority) sign(name string, ca bool) tls.Certificate {
	a.t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		a.t.Fatal(err)
	}
	template := &x509.Certificate{
		SerialNumber: big.NewInt(time.Now().UnixNano()), Subject: pkix.Name{CommonName: name}, IsCA: ca, BasicConstraintsValid: ca,
		NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(time.Hour), IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)},
		KeyUsage: x509.KeyUsageDigitalSignature | x509.KeyUsageCertSign, ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth, x509.ExtKeyUsageClientAuth},
	}
	parent, signer := template, key
	if a.cert != nil {
		parent, signer = a.cert, a.key
	}
	der, err := x509.CreateCertificate(rand.Reader, template, parent, key.Public(), signer)
	if err != nil {
		a.t.Fatal(err)
	}
	leaf, err := x509.ParseCertificate(der)
	if err != nil {
		a.t.Fatal(err)
	}
	return tls.Certificate{Certificate: [][]byte{der}, PrivateKey: key, Leaf: leaf}
}

func (a *authority) pool() *x509.CertPool {
	pool := x509.NewCertPool()
	pool.AddCert(a.cert)
	return pool
}

// secured starts a proxy whose doors have TLS, and knows user anna by her certificate.
func secured(t *testing.T, sniff time.Duration) (*proxytest.Proxy, *authority) {
	t.Helper()
	a := newAuthority(t)
	config := &tls.Config{
		Certificates: []tls.Certificate{a.sign("server", false)}, MinVersion: tls.VersionTLS12,
		ClientCAs: a.pool(), ClientAuth: tls.VerifyClientCertIfGiven,
	}
	asterisk := simtest.Start(t, sim.Config{})
	p := proxytest.Start(t, proxytest.Options{
		Servers: []upstream.Config{proxytest.Server("pbx1", asterisk.Addr(), "astproxy", "secret")},
		Users: []access.UserConfig{proxytest.User(), proxytest.User(proxytest.Named("anna"), func(u *access.UserConfig) {
			u.Certificate = "anna"
		})},
		Door: listen.AMIConfig{Security: listen.Security{TLS: config, Sniff: sniff}},
		HTTP: listen.HTTPConfig{TLS: config},
	})
	return p, a
}

func dialTLS(t *testing.T, p *proxytest.Proxy, a *authority, certificates ...tls.Certificate) *proxytest.Client {
	t.Helper()
	conn, err := tls.Dial("tcp", p.Address, &tls.Config{RootCAs: a.pool(), Certificates: certificates})
	if err != nil {
		t.Fatal(err)
	}
	return proxytest.NewClient(t, conn)
}

func TestAManagerClientWorksOverTLS(t *testing.T) {
	p, a := secured(t, 0)
	c := dialTLS(t, p, a)
	c.Login("user", proxytest.Secret)
	c.Event("FullyBooted")
	if items := c.List("1", "QueueSummary"); len(items) < 3 {
		t.Errorf("a list of %d", len(items))
	}
	c.Ask("UserEvent", "UserEvent: Hello")
	c.Event("UserEvent", "UserEvent: Hello")
	if bye := c.Ask("Logoff"); bye.Response() != "Goodbye" {
		t.Errorf("got %s", bye)
	}
	c.End()
}

func TestOneDoorTakesTLSAndPlainClients(t *testing.T) {
	patient, _ := secured(t, 10*time.Millisecond)
	patient.Login(t, "user") // waits for the banner, as manager clients do

	p, a := secured(t, time.Hour)
	dialTLS(t, p, a).Login("user", proxytest.Secret)
	hasty, err := net.Dial("tcp", p.Address)
	if err != nil {
		t.Fatal(err)
	}
	defer hasty.Close()
	if _, err := io.WriteString(hasty, proxytest.Block("Ping")+proxytest.Block("Logoff")); err != nil {
		t.Fatal(err)
	}
	hasty.SetReadDeadline(time.Now().Add(proxytest.Patience))
	said, err := io.ReadAll(hasty)
	if err != nil || !strings.Contains(string(said), "Permission denied") || !strings.Contains(string(said), "Goodbye") {
		t.Errorf("who does not wait for the banner got %q, %v", said, err)
	}
}

func TestAClientThatEndsBeforeItsFirstByteIsNobodysTrouble(t *testing.T) {
	p, a := secured(t, time.Hour)
	conn, err := net.Dial("tcp", p.Address)
	if err != nil {
		t.Fatal(err)
	}
	conn.Close()
	dialTLS(t, p, a).Login("user", proxytest.Secret)
}

//astproxy:attack
func TestAClientCertificateIsALogin(t *testing.T) {
	p, a := secured(t, 0)
	anna, stranger := a.sign("anna", false), a.sign("stranger", false)
	for name, login := range map[string]struct {
		certificate tls.Certificate
		headers     []string
		want        string
	}{
		"her name":         {anna, []string{"Username: Anna"}, "Authentication accepted"},
		"no name":          {anna, nil, "Authentication accepted"},
		"another's name":   {anna, []string{"Username: user"}, "Authentication failed"},
		"a wrong secret":   {anna, []string{"Username: anna", "Secret: wrong"}, "Authentication failed"},
		"another's secret": {anna, []string{"Username: user", "Secret: " + proxytest.Secret}, "Authentication accepted"},
		"a stranger":       {stranger, []string{"Username: anna"}, "Authentication failed"},
	} {
		t.Run(name, func(t *testing.T) {
			if got := dialTLS(t, p, a, login.certificate).Ask("Login", login.headers...).Get("Message"); got != login.want {
				t.Errorf("got %q", got)
			}
		})
	}
}

//astproxy:attack
func TestWhoCannotBeGuessedIsLetInWhoeverGuessesBesideHim(t *testing.T) {
	p, a := secured(t, 0)
	p.SetLockout(t, access.LockoutConfig{AddressFailures: 1, Lock: time.Hour})
	for range 2 {
		if m := dialTLS(t, p, a).Ask("Login", "Username: anna", "Secret: wrong"); m.Get("Message") != "Authentication failed" {
			t.Fatal(m)
		}
	}
	if m := dialTLS(t, p, a).Ask("Login", "Username: anna", "Secret: "+proxytest.Secret); m.Get("Message") != "Authentication failed" {
		t.Errorf("by her secret: %s", m)
	}
	if m := dialTLS(t, p, a, a.sign("anna", false)).Ask("Login"); m.Response() != "Success" {
		t.Errorf("by her certificate: %s", m)
	}
}

//astproxy:attack
func TestACertificateOfAnotherAuthorityEndsTheHandshake(t *testing.T) {
	p, a := secured(t, 0)
	forged := newAuthority(t).sign("anna", false)
	conn, err := tls.Dial("tcp", p.Address, &tls.Config{RootCAs: a.pool(), GetClientCertificate: func(*tls.CertificateRequestInfo) (*tls.Certificate, error) {
		return &forged, nil
	}})
	if err == nil {
		defer conn.Close()
		conn.SetReadDeadline(time.Now().Add(proxytest.Patience))
		_, err = conn.Read(make([]byte, 1)) // in TLS 1.3 the client hears of it when it reads
	}
	if err == nil || !strings.Contains(err.Error(), "certificate") && !strings.Contains(err.Error(), "authority") {
		t.Errorf("got %v", err)
	}
}

func TestHTTPSIsServed(t *testing.T) {
	p, a := secured(t, 0)
	client := &http.Client{Transport: &http.Transport{TLSClientConfig: &tls.Config{RootCAs: a.pool()}}}
	defer client.CloseIdleConnections()
	answer, err := client.Get("https" + strings.TrimPrefix(p.URL, "http") + "/nowhere")
	if err != nil {
		t.Fatal(err)
	}
	answer.Body.Close()
	if answer.TLS == nil || answer.StatusCode != http.StatusNotFound {
		t.Errorf("got %s", answer.Status)
	}
}
