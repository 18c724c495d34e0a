package feed

import (
	"io"
	"net"
	"strings"
	"testing"
	"time"

	"github.com/astproxy/astproxy/ami"
)

// farewelling is AMI's own format, with a last word.
type farewelling struct{ last string }

func (farewelling) Append(dst []byte, e *Event) []byte {
	return append(append(dst, e.Message.Raw()...), "\r\n"...)
}

func (farewelling) AppendGap(dst []byte, gap ami.Message) []byte { return append(dst, gap.Raw()...) }

func (f farewelling) AppendEnd(dst []byte, _ error) []byte { return append(dst, f.last...) }

// whole is a connection, and what comes out of its other end up to its end.
func whole(t *testing.T) (near net.Conn, read func() string) {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	far, err := net.Dial("tcp", l.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { far.Close() })
	if near, err = l.Accept(); err != nil {
		t.Fatal(err)
	}
	return near, func() string {
		near.Close()
		far.SetReadDeadline(time.Now().Add(time.Minute))
		text, err := io.ReadAll(far)
		if err != nil {
			t.Fatal(err)
		}
		return string(text)
	}
}

// sweep writes what a sweeper would.
func sweep(s *Stream) {
	if s.take() {
		s.flush(false)
		s.give()
	}
}

// The feed does not run: nobody but the test writes, in the moment between the loss and the sweeper's look, in which an answer
// that comes is written by who has it.
func TestWhoHasLostEventsGetsNoneOfThoseBehindBeforeHeIsDisconnected(t *testing.T) {
	for _, farewell := range []string{"", "too slow"} {
		f := New(Config{Memory: 64 << 10})
		near, read := whole(t)
		s := f.Open(near, Disconnect)
		s.SetSelection(&Selection{Key: "all", Format: farewelling{farewell}, Match: func(*Event) bool { return true }},
			func(dst []byte) []byte { return append(dst, "login"...) })
		f.matchPending()
		sweep(s)
		for range 40 { // in pieces, so that the log takes them all
			f.Append("pbx", ami.ClassUser, ami.NewEvent("Behind").Add("Filler", strings.Repeat("x", 10<<10)).Message())
			f.matchPending()
		}
		sweep(s)
		s.Send(func(dst []byte) []byte { return append(dst, "answer"...) })
		s.Flush()
		if got, want := read(), "login"+farewell; got != want {
			t.Errorf("it gets %.100q, not %q", got, want)
		}
	}
}

func TestBehindTheLastMessageComesNothing(t *testing.T) {
	f := New(Config{})
	near, read := whole(t)
	s := f.Open(near, Skip)
	s.SetSelection(&Selection{Key: "all", Format: farewelling{}, Match: func(*Event) bool { return true }},
		func(dst []byte) []byte { return append(dst, "login"...) })
	s.Finish([]byte("goodbye"))
	sweep(s)
	f.Append("pbx", ami.ClassUser, ami.NewEvent("Later").Message())
	f.matchPending()
	s.Flush()
	if got := read(); got != "logingoodbye" {
		t.Errorf("it gets %.100q", got)
	}
}
