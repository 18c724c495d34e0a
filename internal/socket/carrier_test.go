package socket_test

import (
	"bytes"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"io"
	"math/big"
	"os"
	"testing"
	"time"

	"github.com/astproxy/astproxy/internal/socket"
)

// securePair is a connection over TLS, whose near end is carried.
func securePair(t *testing.T) (near, far *tls.Conn) {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{SerialNumber: big.NewInt(1), NotAfter: time.Now().Add(time.Hour)}
	certificate, err := x509.CreateCertificate(rand.Reader, template, template, &key.PublicKey, key)
	if err != nil {
		t.Fatal(err)
	}
	server, client := pair(t)
	near = tls.Server(socket.NewCarrier(server, socket.NewWriter(server)), &tls.Config{
		Certificates: []tls.Certificate{{Certificate: [][]byte{certificate}, PrivateKey: key}},
	})
	far = tls.Client(client, &tls.Config{InsecureSkipVerify: true}) //nolint:gosec // it is its own
	shaken := make(chan error, 1)
	go func() { shaken <- far.Handshake() }()
	if err := errors.Join(near.Handshake(), <-shaken); err != nil {
		t.Fatal(err)
	}
	return near, far
}

// numbered is n bytes of which each place can be told from its neighbours.
func numbered(n int) []byte {
	b := make([]byte, n)
	for i := range b {
		b[i] = byte(i * 7 >> 3)
	}
	return b
}

func TestOverTLSWhatTheSocketDoesNotTakeIsHeldAndComesInOrder(t *testing.T) {
	near, far := securePair(t)
	w := socket.NewWriter(near)
	if w == nil {
		t.Fatal("it cannot be written without waiting")
	}
	all := numbered(32 << 20)
	sent := 0
	for !w.Held() { // until the socket is full
		n, err := w.TryWrite(all[sent:])
		if err != nil {
			t.Fatal(err)
		}
		sent += n
	}
	if n, err := w.TryWrite(all[sent:]); n != 0 || err != nil {
		t.Errorf("behind what is held it took %d, %v", n, err)
	}
	got := make(chan []byte)
	go func() {
		b := make([]byte, len(all))
		n, _ := io.ReadFull(far, b)
		got <- b[:n]
	}()
	for sent < len(all) || w.Held() {
		n, _, err := w.Write(all[sent:])
		if err != nil {
			t.Fatal(err)
		}
		sent += n
	}
	if b := <-got; !bytes.Equal(b, all) {
		t.Errorf("%d bytes of %d came, or others", len(b), len(all))
	}
}

func TestOverTLSADeadlineThatHasPassedSpoilsNothing(t *testing.T) {
	near, far := securePair(t)
	w := socket.NewWriter(near)
	all := numbered(16 << 20)
	sent := 0
	for !w.Held() {
		n, err := w.TryWrite(all[sent:])
		if err != nil {
			t.Fatal(err)
		}
		sent += n
	}
	_ = near.SetWriteDeadline(time.Now())
	if n, progress, err := w.Write(all[sent:]); n != 0 || progress || !errors.Is(err, os.ErrDeadlineExceeded) {
		t.Errorf("%d, %v, %v", n, progress, err)
	}
	_ = near.SetWriteDeadline(time.Time{})
	read := make(chan error, 1)
	go func() {
		b := make([]byte, len(all))
		_, err := io.ReadFull(far, b)
		if err == nil && !bytes.Equal(b, all) {
			err = errors.New("other bytes came")
		}
		read <- err
	}()
	for sent < len(all) || w.Held() {
		n, _, err := w.Write(all[sent:])
		if err != nil {
			t.Fatal(err)
		}
		sent += n
	}
	if err := <-read; err != nil {
		t.Error(err)
	}
}

func TestOverTLSTheEndIsSaid(t *testing.T) {
	near, far := securePair(t)
	w := socket.NewWriter(near)
	if n, err := w.TryWrite([]byte("bye")); n != 3 || err != nil {
		t.Fatal(n, err)
	}
	if err := near.Close(); err != nil {
		t.Error(err)
	}
	if b, err := io.ReadAll(far); string(b) != "bye" || err != nil { // an end that is not said is an error
		t.Errorf("%q, %v", b, err)
	}
}

func TestTLSOverNoCarrierIsNotWrittenWithoutWaiting(t *testing.T) {
	server, _ := pair(t)
	if socket.NewWriter(tls.Server(server, &tls.Config{})) != nil { //nolint:gosec // nothing is said
		t.Error("a Writer")
	}
	if socket.NewWriter(server) == nil {
		t.Error("no Writer")
	}
}

// KeyUpdates are answered by TLS itself, whether the other end reads the answers or not. Here their answers are written as
// TLS writes them, for crypto/tls asks for none.
//
//astproxy:attack
func TestWhatTLSSaysByItselfToWhoDoesNotReadIsBounded(t *testing.T) {
	near, _ := securePair(t)
	w := socket.NewWriter(near)
	all := numbered(16 << 20)
	for !w.Held() { // until the socket is full
		n, err := w.TryWrite(all)
		if err != nil {
			t.Fatal(err)
		}
		all = all[n:]
	}
	carrier, record, held := near.NetConn(), make([]byte, 1<<10), 0
	for {
		n, err := carrier.Write(record)
		if err != nil {
			break
		}
		if held += n; held > 1<<20 {
			t.Fatalf("%d bytes are held", held)
		}
	}
	if _, err := w.TryWrite([]byte("x")); err == nil {
		t.Error("the connection goes on")
	}
}
