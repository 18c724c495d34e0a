package socket_test

import (
	"io"
	"net"
	"testing"

	"github.com/astproxy/astproxy/internal/socket"
)

func pair(t *testing.T) (near, far net.Conn) {
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

func TestWhatTheSocketDoesNotTakeIsLeftAndNothingWaits(t *testing.T) {
	near, far := pair(t)
	w := socket.NewWriter(near)
	sent := 0
	chunk := make([]byte, 1<<20)
	for {
		n, err := w.TryWrite(chunk)
		if err != nil {
			t.Fatal(err)
		}
		if sent += n; n == 0 {
			break
		}
	}
	if _, err := io.ReadFull(far, make([]byte, sent)); err != nil {
		t.Errorf("of %d bytes: %v", sent, err)
	}
}

func TestAClosedConnectionIsAnError(t *testing.T) {
	near, _ := pair(t)
	w := socket.NewWriter(near)
	near.Close()
	if _, err := w.TryWrite([]byte("x")); err == nil {
		t.Error("it was none")
	}
	if again := socket.NewWriter(near); again != nil {
		if _, err := again.TryWrite([]byte("x")); err == nil {
			t.Error("it was none with a new Writer")
		}
	}
}

func TestWhatIsNoTCPConnectionHasNoWriter(t *testing.T) {
	one, _ := net.Pipe()
	if socket.NewWriter(one) != nil {
		t.Error("a pipe has one")
	}
}
