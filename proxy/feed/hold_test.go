package feed

import (
	"net"
	"testing"

	"github.com/astproxy/astproxy/ami"
)

// silent is a format for views that nothing is written of.
type silent struct{}

func (silent) Append(dst []byte, _ *Event) []byte   { return dst }
func (silent) AppendEnd(dst []byte, _ error) []byte { return dst }

func (silent) AppendGap(dst []byte, _ ami.Message) []byte { return dst }

func held(t *testing.T, f *Feed) *Stream {
	t.Helper()
	near, far := net.Pipe()
	t.Cleanup(func() { near.Close(); far.Close() })
	s := f.Open(near, Disconnect)
	s.SetSelection(&Selection{Key: "quiet", Format: silent{}, Match: func(*Event) bool { return false }}, func(dst []byte) []byte { return dst })
	return s
}

func TestAHoldThatEndsWithoutAnEventLeavesNothingBehind(t *testing.T) {
	s := held(t, New(Config{}))
	for range 100 {
		s.Hold().Release(0, nil, nil)
	}
	if n := len(s.latest.waiters); n != 0 {
		t.Errorf("%d are still waiting for an event", n)
	}
}

func TestAHoldThatOutlivesItsStreamCostsNoMemoryForAnswers(t *testing.T) {
	f := New(Config{})
	s := held(t, f)
	h := s.Hold()
	s.release() // as when the connection has ended
	h.Release(0, []byte("answer"), []byte("complete"))
	if _, replies := f.Memory(); replies != 0 {
		t.Errorf("%d bytes are counted as waiting, for ever", replies)
	}
}
