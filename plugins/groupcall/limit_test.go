package groupcall

import (
	"testing"
	"time"
)

// stillClock is time that the test makes pass; it calls nobody.
type stillClock struct{ now time.Time }

func (c *stillClock) Now() time.Time { return c.now }

func (*stillClock) AfterFunc(time.Duration, func()) func() bool { return func() bool { return true } }

// wanting is a call that wants legs, and how many it was granted.
func wanting(l *limit, legs int, granted *int) {
	for range legs {
		l.want(&turn{granted: func() { *granted++ }})
	}
}

// pass lets time pass in steps.
func pass(l *limit, clock *stillClock, d time.Duration) {
	const step = time.Millisecond
	for range d / step {
		clock.now = clock.now.Add(step)
		l.look() // as its timer would
	}
}

func TestAServerIsAskedForNoMoreLegsASecondThanItMayBe(t *testing.T) {
	clock := &stillClock{now: time.Unix(1000, 0)}
	l := newLimit(clock, 1000, 10)
	granted := 0
	wanting(l, 100, &granted)
	if granted != 1 {
		t.Errorf("%d legs at once", granted)
	}
	pass(l, clock, time.Second)
	if granted < 10 || granted > 11 {
		t.Errorf("%d legs in a second", granted)
	}
	pass(l, clock, 2*time.Second)
	if granted < 30 || granted > 31 {
		t.Errorf("%d legs in three seconds", granted)
	}
}

func TestAServerIsAskedForNoMoreLegsAtOnceThanItMayBe(t *testing.T) {
	clock := &stillClock{now: time.Unix(1000, 0)}
	l := newLimit(clock, 3, 1_000_000)
	granted := 0
	wanting(l, 5, &granted)
	pass(l, clock, time.Second)
	if granted != 3 {
		t.Errorf("%d legs at once", granted)
	}
	l.giveBack(1)
	if granted != 4 {
		t.Errorf("%d legs when one has ended", granted)
	}
}

func TestCallsTakeTurns(t *testing.T) {
	clock := &stillClock{now: time.Unix(1000, 0)}
	l := newLimit(clock, 4, 1_000_000)
	var order []string
	var want func(name string, left int)
	want = func(name string, left int) {
		l.want(&turn{granted: func() {
			order = append(order, name)
			if left > 1 {
				want(name, left-1)
			}
		}})
	}
	l.free = 0
	l.tokens = 10
	want("a", 3)
	want("b", 3)
	for range 4 {
		l.giveBack(1)
	}
	if got := order; len(got) != 4 || got[0] != "a" || got[1] != "b" || got[2] != "a" || got[3] != "b" {
		t.Errorf("the turns were %v", got)
	}
}

func TestATurnThatIsTakenBackIsNotGranted(t *testing.T) {
	l := newLimit(&stillClock{now: time.Unix(1000, 0)}, 1, 1_000_000)
	l.free = 0
	granted := false
	mine := &turn{granted: func() { granted = true }}
	l.want(mine)
	if !l.forget(mine) {
		t.Error("it was granted")
	}
	l.giveBack(1)
	if granted || l.free != 1 {
		t.Errorf("granted: %v, free: %d", granted, l.free)
	}
}
