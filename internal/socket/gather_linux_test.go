package socket_test

import (
	"errors"
	"io"
	"net"
	"testing"

	"github.com/astproxy/astproxy/internal/socket"
)

// connected are the two ends of a connection.
func connected(t *testing.T) (reads, writes net.Conn) {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	if writes, err = net.Dial("tcp", l.Addr().String()); err != nil {
		t.Fatal(err)
	}
	if reads, err = l.Accept(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { reads.Close(); writes.Close() })
	return reads, writes
}

func TestWhatCameTogetherIsTakenAndThenEveryByteIsReadAtOnce(t *testing.T) {
	reads, writes := connected(t)
	g := socket.NewGatherer(reads)
	buffer := make([]byte, 100)
	for range 3 {
		g.Hold()
		if n := g.Take(buffer); n != 0 {
			t.Errorf("took %q of nothing", buffer[:n])
		}
		for _, text := range []string{"some", "more"} {
			if _, err := io.WriteString(writes, text); err != nil {
				t.Fatal(err)
			}
		}
		g.Hold()
		got := ""
		for len(got) < len("somemore") { // the kernel may not have carried it yet
			got += string(buffer[:g.Take(buffer)])
		}
		if got != "somemore" {
			t.Errorf("took %q", got)
		}
		read := make(chan string)
		go func() {
			n, _ := reads.Read(buffer)
			read <- string(buffer[:n])
		}()
		if _, err := io.WriteString(writes, "1"); err != nil {
			t.Fatal(err)
		}
		if got := <-read; got != "1" {
			t.Errorf("read %q", got)
		}
	}
}

func TestTheEndOfAConnectionIsReadBehindWhatWasTaken(t *testing.T) {
	reads, writes := connected(t)
	g := socket.NewGatherer(reads)
	g.Hold()
	writes.Close()
	buffer := make([]byte, 10)
	if n := g.Take(buffer); n != 0 {
		t.Errorf("took %q", buffer[:n])
	}
	if _, err := reads.Read(buffer); !errors.Is(err, io.EOF) {
		t.Errorf("the end is read as %v", err)
	}
}
