package tls_test

import (
	"bytes"
	"context"
	"crypto/tls"
	"errors"
	"io"
	"log/slog"
	"net"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	astls "github.com/astproxy/astproxy/tls"
)

func quiet() *slog.Logger { return slog.New(slog.DiscardHandler) }

// log is what was logged, which another goroutine waits for.
type log struct {
	mu      sync.Mutex
	text    bytes.Buffer
	written chan struct{}
}

func newLog() *log { return &log{written: make(chan struct{}, 100)} }

func (l *log) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.written <- struct{}{}
	return l.text.Write(p)
}

func (l *log) waitFor(t *testing.T, text string) {
	t.Helper()
	for {
		l.mu.Lock()
		found := strings.Contains(l.text.String(), text)
		l.mu.Unlock()
		if found {
			return
		}
		select {
		case <-l.written:
		case <-time.After(time.Minute):
			t.Fatalf("%q was never logged", text)
		}
	}
}

// connect is the two ends of a connection.
func connect(t *testing.T) (near, far net.Conn) {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	if far, err = net.Dial("tcp", l.Addr().String()); err != nil {
		t.Fatal(err)
	}
	if near, err = l.Accept(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		near.Close()
		far.Close()
	})
	return near, far
}

// shown is the fingerprint of the certificate that a server with c shows to a client.
func shown(t *testing.T, c *tls.Config) string {
	t.Helper()
	near, far := connect(t)
	defer near.Close()
	defer far.Close()
	go tls.Server(near, c).Handshake()
	client := tls.Client(far, &tls.Config{InsecureSkipVerify: true})
	if err := client.Handshake(); err != nil {
		t.Fatal(err)
	}
	return astls.Fingerprint(client.ConnectionState().PeerCertificates[0])
}

func TestASelfSignedCertificateStaysTheSameAfterARestart(t *testing.T) {
	folder, logged := t.TempDir(), newLog()
	first, err := astls.New(astls.Config{Folder: folder}, slog.New(slog.NewTextHandler(logged, nil)))
	if err != nil {
		t.Fatal(err)
	}
	second, err := astls.New(astls.Config{Folder: folder}, quiet())
	if err != nil {
		t.Fatal(err)
	}
	fingerprint := shown(t, first.Server())
	if again := shown(t, second.Server()); again != fingerprint {
		t.Errorf("it was %s and is %s", fingerprint, again)
	}
	logged.waitFor(t, fingerprint)
	info, err := os.Stat(filepath.Join(folder, "self-signed.key"))
	if err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("others may read the key: %v, %v", info, err)
	}
}

// pair makes the files of a certificate, each of its own.
func pair(t *testing.T) (certificate, key string) {
	t.Helper()
	folder := t.TempDir()
	if _, err := astls.New(astls.Config{Folder: folder}, quiet()); err != nil {
		t.Fatal(err)
	}
	return filepath.Join(folder, "self-signed.pem"), filepath.Join(folder, "self-signed.key")
}

func replace(t *testing.T, path, with string) {
	t.Helper()
	content, err := os.ReadFile(with)
	if err != nil {
		t.Fatal(err)
	}
	write(t, path, string(content))
}

func write(t *testing.T, path, content string) {
	t.Helper()
	half := path + ".half"
	if err := os.WriteFile(half, []byte(content), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.Rename(half, path); err != nil {
		t.Fatal(err)
	}
}

func TestReplacedFilesAreUsedAndGarbageIsNot(t *testing.T) {
	certificate, key := pair(t)
	logged := newLog()
	s, err := astls.New(astls.Config{Certificate: certificate, Key: key, Look: time.Millisecond}, slog.New(slog.NewTextHandler(logged, nil)))
	if err != nil {
		t.Fatal(err)
	}
	ctx, stop := context.WithCancel(t.Context())
	var running sync.WaitGroup
	running.Go(func() { s.Run(ctx) })
	defer running.Wait()
	defer stop()

	first := shown(t, s.Server())
	write(t, certificate, "garbage")
	logged.waitFor(t, "the old one stays")
	if now := shown(t, s.Server()); now != first {
		t.Errorf("behind garbage it is %s, not %s", now, first)
	}
	other, otherKey := pair(t)
	replace(t, key, otherKey)
	replace(t, certificate, other)
	logged.waitFor(t, "the certificate is a new one")
	if now := shown(t, s.Server()); now == first {
		t.Error("the old one is still used")
	}
}

//astproxy:attack
func TestOldProtocolsAreRefused(t *testing.T) {
	certificate, key := pair(t)
	s, err := astls.New(astls.Config{Certificate: certificate, Key: key}, quiet())
	if err != nil {
		t.Fatal(err)
	}
	near, far := connect(t)
	defer near.Close()
	defer far.Close()
	go func() {
		_ = tls.Server(near, s.Server()).Handshake()
		near.Close()
	}()
	old := tls.Client(far, &tls.Config{InsecureSkipVerify: true, MinVersion: tls.VersionTLS10, MaxVersion: tls.VersionTLS11})
	if err := old.Handshake(); err == nil {
		t.Error("TLS 1.1 is spoken")
	}
}

func TestFilesThatAreOfNoUseAreNamed(t *testing.T) {
	certificate, key := pair(t)
	_, otherKey := pair(t)
	broken := filepath.Join(t.TempDir(), "broken.pem")
	write(t, broken, "no PEM")
	for name, c := range map[string]astls.Config{
		"none":           {Certificate: "/nowhere.pem", Key: key},
		"another's key":  {Certificate: certificate, Key: otherKey},
		"no authorities": {Certificate: certificate, Key: key, ClientCA: broken},
	} {
		_, err := astls.New(c, quiet())
		if err == nil || !strings.Contains(err.Error(), ".pem") {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestAPinnedCertificateIsTrustedAndNoOther(t *testing.T) {
	certificate, key := pair(t)
	s, err := astls.New(astls.Config{Certificate: certificate, Key: key}, quiet())
	if err != nil {
		t.Fatal(err)
	}
	right := shown(t, s.Server())
	wrong := strings.Repeat("00", 32)
	for text, want := range map[string]error{right: nil, "sha256:" + strings.ToUpper(right): nil, wrong: astls.ErrFingerprint} {
		sum, err := astls.ParseFingerprint(text)
		if err != nil {
			t.Fatal(err)
		}
		c := &tls.Config{ServerName: "elsewhere"}
		astls.Pinned(c, sum)
		near, far := connect(t)
		go func() {
			secured := tls.Server(near, s.Server())
			if secured.Handshake() == nil {
				_, _ = io.Copy(io.Discard, secured)
			}
			near.Close()
		}()
		err = tls.Client(far, c).Handshake()
		far.Close()
		if !errors.Is(err, want) {
			t.Errorf("%s: %v", text, err)
		}
	}
	if _, err := astls.ParseFingerprint("abc"); err == nil {
		t.Error("abc is a fingerprint")
	}
}
