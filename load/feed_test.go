package load

import (
	"bytes"
	"context"
	"errors"
	"testing"
	"time"
)

// A stepClock is time that passes only in sleep, and in what a write is said to take.
type stepClock struct {
	at    int64
	slept int
}

func (c *stepClock) now() int64 { return c.at }

func (c *stepClock) sleep(d time.Duration) {
	c.slept++
	c.at += int64(d)
}

// A written is what one write held.
type written struct {
	at        int64
	sequences []uint64
	due       []int64
}

func recordWrites(clock *stepClock, stall func(n int) time.Duration) (*[]written, func([]byte) error) {
	var list []written
	return &list, func(b []byte) error {
		w := written{at: clock.at}
		for {
			i := bytes.Index(b, amiWire.mark)
			if i < 0 {
				break
			}
			sequence, due, ok := amiWire.parse(b[i:])
			if !ok {
				return errors.New("bad mark")
			}
			w.sequences, w.due = append(w.sequences, sequence), append(w.due, due)
			b = b[i+markBytes:]
		}
		list = append(list, w)
		clock.at += int64(stall(len(list)))
		return nil
	}
}

func TestPacedEventsGoOutOneByOneWhenDue(t *testing.T) {
	clock := &stepClock{at: 1000}
	writes, write := recordWrites(clock, func(int) time.Duration { return 0 })
	f := newFeed(newRecording(recorded), write)
	if err := f.paced(t.Context(), clock, 50, 500); err != nil {
		t.Fatal(err)
	}
	if len(*writes) != 50 {
		t.Fatalf("%d writes for 50 events", len(*writes))
	}
	for i, w := range *writes {
		due := 1000 + int64(i)*int64(2*time.Millisecond)
		if len(w.sequences) != 1 || w.sequences[0] != uint64(i+1) || w.due[0] != due || w.at != due {
			t.Errorf("write %d: %+v, due at %d", i, w, due)
		}
	}
}

func TestAStallDelaysEventsButNotTheTimeTheyWereDue(t *testing.T) {
	clock := &stepClock{}
	writes, write := recordWrites(clock, func(n int) time.Duration {
		if n == 3 {
			return 21 * time.Millisecond // ten and a half intervals
		}
		return 0
	})
	f := newFeed(newRecording(recorded), write)
	if err := f.paced(t.Context(), clock, 50, 500); err != nil {
		t.Fatal(err)
	}
	late := (*writes)[3]
	if len(late.sequences) != 10 || late.sequences[0] != 4 {
		t.Fatalf("after the stall went out %v", late.sequences)
	}
	for i, due := range late.due {
		if want := int64(3+i) * int64(2*time.Millisecond); due != want {
			t.Errorf("event %d says it was due at %d, not %d", late.sequences[i], due, want)
		}
	}
	if f.late.max != int64(19*time.Millisecond) || f.late.count != 50 {
		t.Errorf("the feed says it was late by %d at most, of %d events", f.late.max, f.late.count)
	}
	if next := (*writes)[4]; next.sequences[0] != 14 || next.at != next.due[0] {
		t.Errorf("after the rest: %+v", next)
	}
}

func TestAPaceEndsWithItsContext(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	clock := &stepClock{}
	_, write := recordWrites(clock, func(n int) time.Duration {
		if n == 5 {
			cancel()
		}
		return 0
	})
	err := newFeed(newRecording(recorded), write).paced(ctx, clock, 1000, 500)
	if !errors.Is(err, context.Canceled) {
		t.Errorf("paced returned %v", err)
	}
}

func TestABurstSendsEveryEventOnceInOrder(t *testing.T) {
	writes, write := recordWrites(&stepClock{}, func(int) time.Duration { return 0 })
	if err := newFeed(newRecording(recorded), write).burst(t.Context(), 1000); err != nil {
		t.Fatal(err)
	}
	want := uint64(1)
	for _, w := range *writes {
		for _, sequence := range w.sequences {
			if sequence != want {
				t.Fatalf("event %d where %d was next", sequence, want)
			}
			want++
		}
	}
	if want != 1001 {
		t.Errorf("%d events", want-1)
	}
}
