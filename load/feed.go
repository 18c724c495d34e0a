package load

import (
	"context"
	"time"
)

// chunkBytes is the most the feed hands to the proxy's connection in one write.
const chunkBytes = 64 << 10

// A feed numbers the recorded events and writes them. Used by one goroutine.
type feed struct {
	rec   *recording
	write func([]byte) error // whole events; blocks until they are taken
	late  histogram          // paced: how long after an event was due it was written
	chunk []byte
}

func newFeed(rec *recording, write func([]byte) error) *feed {
	return &feed{rec: rec, write: write, chunk: make([]byte, 0, chunkBytes+16<<10)}
}

// marker writes event 0, which says that the way is open.
func (f *feed) marker() error {
	return f.write(f.rec.appendEvent(f.chunk[:0], 0, sinceEpoch()))
}

// burst writes events 1 to n as fast as they are taken, each due when its chunk is written.
func (f *feed) burst(ctx context.Context, n uint64) error {
	for sequence := uint64(1); sequence <= n; {
		if err := ctx.Err(); err != nil {
			return err
		}
		b, now := f.chunk[:0], sinceEpoch()
		for sequence <= n && len(b) < chunkBytes {
			b = f.rec.appendEvent(b, sequence, now)
			sequence++
		}
		if err := f.write(b); err != nil {
			return err
		}
	}
	return nil
}

// A timekeeper is the clock a pace is kept by.
type timekeeper interface {
	now() int64          // nanoseconds since the epoch
	sleep(time.Duration) // about that long
}

// paced writes n events at rate a second. Each is due at its own time, counted from the first;
// the feed writes what is due and nothing else, and what it could not write in time keeps the time
// it was due, so that a stall shows in the latency of every event it delayed.
func (f *feed) paced(ctx context.Context, clock timekeeper, n uint64, rate float64) error {
	start := clock.now()
	dueAt := func(sequence uint64) int64 {
		return start + int64(float64(sequence-1)*float64(time.Second)/rate)
	}
	for sequence := uint64(1); sequence <= n; {
		if err := sleepUntil(ctx, clock, dueAt(sequence)); err != nil {
			return err
		}
		b, now := f.chunk[:0], clock.now()
		for sequence <= n && dueAt(sequence) <= now && len(b) < chunkBytes {
			f.late.add(now - dueAt(sequence))
			b = f.rec.appendEvent(b, sequence, dueAt(sequence))
			sequence++
		}
		if err := f.write(b); err != nil {
			return err
		}
	}
	return nil
}

// sleepUntil returns at the given nanosecond or later, or when ctx ends.
func sleepUntil(ctx context.Context, clock timekeeper, at int64) error {
	const slice = 100 * time.Millisecond // how soon a cancelled run ends
	for {
		if err := ctx.Err(); err != nil {
			return err
		}
		left := time.Duration(at - clock.now())
		if left <= 0 {
			return nil
		}
		clock.sleep(min(left, slice))
	}
}
