package upstream

import (
	"context"
	"log/slog"
	"net"
	"sync"
	"testing"
)

// A Send may have left the rest of an action to the writer just when the connection was lost.
func TestWhatNobodyCameToWriteIsKnownToBeUnsent(t *testing.T) {
	near, far := net.Pipe()
	defer far.Close()
	s := New(Config{Name: "office"}, &recorder{}, slog.New(slog.DiscardHandler))
	l := s.newLink(context.Background(), near)
	defer l.end()
	whole, half := &pending{end: 1}, &pending{end: 3}
	s.out = output{text: []byte("abc"), written: 2, actions: []*pending{whole, half}}
	s.stopWriting(l, new(sync.WaitGroup))
	if whole.unsent || !half.unsent {
		t.Errorf("unsent: the one written whole %v, the other %v", whole.unsent, half.unsent)
	}
}
