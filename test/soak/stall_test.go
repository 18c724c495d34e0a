package soak_test

import (
	"context"
	"errors"
	"io"
	"os"
	"sync/atomic"
	"syscall"
	"time"
)

// The proxy ends a connection that has not said in ten seconds what it wants. On a machine that has too much else to do that
// can happen to anybody, and is nobody's fault: stalls notices.
type stalls struct {
	seen atomic.Int64 // the latest look at the clock, in Unix nanoseconds
	last atomic.Int64 // the latest look that was too late
	many atomic.Int64
}

const (
	// stallAfter is how late a look at the clock is when the machine has stood still, and stallShadow how long that may be the
	// reason of something.
	stallAfter  = 2 * time.Second
	stallShadow = 30 * time.Second
)

// watch looks at the clock until ctx ends.
func (s *stalls) watch(ctx context.Context) {
	s.seen.Store(time.Now().UnixNano())
	tick := time.NewTicker(100 * time.Millisecond)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
		now := time.Now().UnixNano()
		if now-s.seen.Swap(now) > int64(stallAfter) {
			s.last.Store(now)
			s.many.Add(1)
		}
	}
}

// excuse tells whether a connection that has ended before anything was answered may have been ended because nobody had his turn.
func (s *stalls) excuse(err error) bool {
	ended := errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) || errors.Is(err, syscall.ECONNRESET) ||
		errors.Is(err, syscall.EPIPE) || errors.Is(err, os.ErrDeadlineExceeded)
	now := time.Now().UnixNano()
	return ended && (now-s.seen.Load() > int64(stallAfter) || now-s.last.Load() < int64(stallShadow))
}
