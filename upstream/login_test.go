package upstream

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"errors"
	"io"
	"math/big"
	"net"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/astproxy/astproxy/ami"
)

func TestASessionThatLogsInIsUp(t *testing.T) {
	b := start(t)
	if status := b.session.Status(); status.Up || status.Reason == "" {
		t.Errorf("before: %+v", status)
	}
	p := b.connection()
	p.sendRaw(banner22 + "\r\n")
	p.reply("Challenge", "Response: Success\nActionID: $\nChallenge: "+testChallenge)
	login := p.expect("Login")
	if login.Has("Secret") || login.Get("Username") != "astproxy" || login.Get("AuthType") != "MD5" || login.Get("Events") != "on" {
		t.Errorf("login %q", login)
	}
	p.answer(login, accepted)
	if _, known := b.session.FullyBooted(); known {
		t.Error("FullyBooted is known before it came")
	}
	p.send(booted)
	p.reply("ListCommands", fewActions)
	status := b.changed()
	if !status.Up || status.Banner != banner22 || status.Reason != "" || status.Outstanding != 0 || time.Since(status.Since) > time.Minute {
		t.Errorf("up: %+v", status)
	}
	if got := b.session.Status(); got != status {
		t.Errorf("status %+v, told %+v", got, status)
	}
	if m, known := b.session.FullyBooted(); !known || m.Get("Uptime") != "195" {
		t.Errorf("FullyBooted is %q, %v", m, known)
	}
	if m := b.broadcast(); m.Event() != "FullyBooted" {
		t.Errorf("broadcast %q", m)
	}
	if b.session.Name() != "office" {
		t.Errorf("name %q", b.session.Name())
	}
	if strings.Contains(b.logged.String(), testSecret) {
		t.Error("the log shows the secret")
	}
}

func TestAnAsteriskWithoutChallengeIsShownTheSecret(t *testing.T) {
	b := start(t)
	p := b.connection()
	p.sendRaw(banner22 + "\r\n")
	p.reply("Challenge", "Response: Error\nActionID: $\nMessage: Invalid/unknown command")
	if login := p.reply("Login", accepted); login.Get("Secret") != testSecret || login.Has("Key") {
		t.Errorf("login %q", login)
	}
	p.send(booted)
	p.reply("ListCommands", fewActions)
	if status := b.changed(); !status.Up {
		t.Errorf("status %+v", status)
	}
	if strings.Contains(b.logged.String(), testSecret) {
		t.Error("the log shows the secret")
	}
}

func TestARefusedLoginIsToldApartFromNetworkTroubleAndLoggedOnce(t *testing.T) {
	for answer, want := range map[string]string{
		"Authentication failed": "wrong username or secret",
		"Login Already In Use":  "allowmultiplelogin",
		"Permission denied":     "login refused: Permission denied",
	} {
		t.Run(answer, func(t *testing.T) {
			b := start(t, func(c *Config) { c.BackoffMax = time.Millisecond })
			for range 4 {
				p := b.connection()
				p.sendRaw(banner22 + "\r\n")
				p.reply("Challenge", "Response: Success\nActionID: $\nChallenge: 1")
				p.reply("Login", "Response: Error\nActionID: $\nMessage: "+answer)
				_ = p.conn.Close()
			}
			b.connection()
			if status := b.session.Status(); status.Up || !strings.Contains(status.Reason, want) || !strings.HasPrefix(status.Reason, "login refused: ") {
				t.Errorf("status %+v", status)
			}
			if n := b.logged.count("login refused"); n != 1 {
				t.Errorf("logged %d times:\n%s", n, b.logged)
			}
			if len(b.observer.changes) > 0 {
				t.Error("the session has changed without having been up")
			}
		})
	}
}

func TestTroubleWhileConnectingIsNamed(t *testing.T) {
	for name, c := range map[string]struct {
		play func(p *peer)
		want string
	}{
		"no banner":       {func(p *peer) {}, "no banner: Asterisk closed the connection"},
		"not an Asterisk": {func(p *peer) { p.sendRaw("SSH-2.0-OpenSSH_9.6\r\n") }, "not an Asterisk manager: its banner is \"SSH-2.0"},
		"no answer":       {func(p *peer) { p.sendRaw(banner22 + "\r\n"); p.expect("Challenge") }, "no answer to Challenge: Asterisk closed"},
		"shutting down": {func(p *peer) {
			p.sendRaw(banner22 + "\r\n")
			p.reply("Challenge", "Response: Error\nActionID: $\nMessage: Asterisk is shutting down")
		}, "Asterisk is shutting down"},
		"shutting down later": {func(p *peer) {
			p.sendRaw(banner22 + "\r\n")
			p.reply("Challenge", "Response: Success\nActionID: $\nChallenge: 1")
			p.reply("Login", "Response: Error\nActionID: $\nMessage: Asterisk is shutting down")
		}, "Asterisk is shutting down"},
		"no answer to Login": {func(p *peer) {
			p.sendRaw(banner22 + "\r\n")
			p.reply("Challenge", "Response: Success\nActionID: $\nChallenge: 1")
			p.expect("Login")
		}, "no answer to Login: Asterisk closed"},
	} {
		t.Run(name, func(t *testing.T) {
			b := start(t)
			p := b.connection()
			c.play(p)
			_ = p.conn.Close()
			b.connection()
			if reason := b.session.Status().Reason; !strings.HasPrefix(reason, c.want) {
				t.Errorf("reason %q", reason)
			}
		})
	}
}

func TestAnAsteriskThatDoesNotAnswerTheLoginIsGivenUp(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := startPiped(t)
		began := time.Now()
		b.connection()
		b.connection()
		if waited := time.Since(began).Round(time.Second); waited != DefaultLoginTimeout {
			t.Errorf("gave up after %v", waited)
		}
		if reason := b.session.Status().Reason; reason != "no banner: nothing came in time" {
			t.Errorf("reason %q", reason)
		}
	})
}

func TestAnAsteriskThatIsStillBootingServesAndIsAskedAgain(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := startPiped(t)
		p := b.connection()
		p.welcome()
		began := time.Now()
		p.reply("ListCommands", "Response: Success\nActionID: $\nPing: Keepalive command.  (Priv: <none>)")
		if status := b.changed(); !status.Up || time.Since(began) != bootGrace {
			t.Errorf("%+v after %v", status, time.Since(began))
		}
		if _, known := b.session.Action("Originate"); known {
			t.Error("Originate is known before it was told")
		}
		p.send(booted)
		p.reply("ListCommands", fewActions)
		synctest.Wait()
		if _, known := b.session.Action("Originate"); !known {
			t.Error("Originate is not known after FullyBooted")
		}
		if len(b.observer.changes) > 0 {
			t.Error("a second change")
		}
	})
}

func TestFullyBootedDuringTheQuestionAsksOnceMore(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := startPiped(t)
		p := b.connection()
		p.welcome()
		question := p.expect("ListCommands")
		p.send(booted)
		p.answer(question, "Response: Success\nActionID: $\nPing: Keepalive command.  (Priv: <none>)")
		p.reply("ListCommands", fewActions)
		synctest.Wait()
		if _, known := b.session.Action("originate"); !known || len(b.session.Actions()) != 3 {
			t.Errorf("actions %+v", b.session.Actions())
		}
	})
}

func TestASessionWhoseClassesAreUnknownIsUpAllTheSame(t *testing.T) {
	b := start(t)
	p := b.connection()
	p.welcome()
	p.send(booted)
	p.reply("ListCommands", "Response: Error\nActionID: $\nMessage: Permission denied")
	if status := b.changed(); !status.Up {
		t.Errorf("status %+v", status)
	}
	if len(b.session.Actions()) != 0 || b.logged.count("classes of actions stay unknown") != 1 {
		t.Errorf("actions %v, log %s", b.session.Actions(), b.logged)
	}
}

func TestListCommandsWithoutAnswerIsALoss(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := startPiped(t)
		p := b.connection()
		p.welcome()
		p.send(booted)
		p.expect("ListCommands")
		b.connection()
		if reason := b.session.Status().Reason; reason != "no answer to ListCommands within 10s" {
			t.Errorf("reason %q", reason)
		}
	})
}

func TestASessionOverTLSWorksAndKeepsAlive(t *testing.T) {
	certificate, pool := selfSigned(t)
	b := start(t, func(c *Config) {
		c.TLS = &tls.Config{RootCAs: pool}
		c.Keepalive = 20 * time.Millisecond
	})
	conn := tls.Server((<-b.accept), &tls.Config{Certificates: []tls.Certificate{certificate}})
	t.Cleanup(func() { _ = conn.Close() })
	p := &peer{bench: b, conn: conn, reader: ami.NewReader(conn, ami.ActionLimits)}
	p.welcome()
	p.send(booted)
	p.reply("ListCommands", fewActions)
	if !b.changed().Up {
		t.Fatal("not up")
	}
	for range 3 { // the deadline passes in the middle of reading, which TLS must outlive
		p.reply("Ping", pong)
	}
	in := b.client().request("Action: CoreStatus")
	p.reply("CoreStatus", "Response: Success\nActionID: $\nCoreCurrentCalls: 0")
	in.wants("CoreCurrentCalls+")
}

func TestACertificateThatIsNotTrustedIsNamed(t *testing.T) {
	certificate, _ := selfSigned(t)
	b := start(t, func(c *Config) { c.TLS = &tls.Config{RootCAs: x509.NewCertPool()} })
	conn := tls.Server((<-b.accept), &tls.Config{Certificates: []tls.Certificate{certificate}})
	if err := conn.Handshake(); err == nil {
		t.Error("the handshake went well")
	}
	_ = conn.Close()
	b.connection()
	if reason := b.session.Status().Reason; !strings.Contains(reason, "certificate signed by unknown authority") {
		t.Errorf("reason %q", reason)
	}
}

func TestAPortWithoutTLSIsNamed(t *testing.T) {
	b := start(t, func(c *Config) { c.TLS = &tls.Config{RootCAs: x509.NewCertPool()} })
	conn := <-b.accept
	if _, err := io.WriteString(conn, banner22+"\r\n"); err != nil {
		t.Error(err)
	}
	_, _ = io.Copy(io.Discard, conn) // until the session has given up
	_ = conn.Close()
	b.connection()
	if reason := b.session.Status().Reason; !strings.Contains(reason, "does not speak TLS: tls = true needs the port of tlsbindaddr") {
		t.Errorf("reason %q", reason)
	}
}

// selfSigned makes a certificate for 127.0.0.1.
func selfSigned(t *testing.T) (tls.Certificate, *x509.CertPool) {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{
		SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "asterisk"}, IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)},
		NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(time.Hour), IsCA: true, BasicConstraintsValid: true,
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, &key.PublicKey, key)
	if err != nil {
		t.Fatal(err)
	}
	parsed, err := x509.ParseCertificate(der)
	if err != nil {
		t.Fatal(err)
	}
	pool := x509.NewCertPool()
	pool.AddCert(parsed)
	return tls.Certificate{Certificate: [][]byte{der}, PrivateKey: key}, pool
}

func TestARefusalIsAnErrorOfItsOwn(t *testing.T) {
	refusal := (*RefusedError)(nil)
	if err := error(&RefusedError{"Authentication failed"}); !errors.As(err, &refusal) || refusal.Message != "Authentication failed" {
		t.Errorf("%v", err)
	}
}
