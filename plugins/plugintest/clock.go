package plugintest

import (
	"slices"
	"sync"
	"time"
)

// Clock is time that passes when Advance is called. It implements plugins.Clock.
type Clock struct {
	mu     sync.Mutex
	now    time.Time
	timers []*timer
	set    chan struct{} // closed at the next AfterFunc
}

// timer is one AfterFunc.
type timer struct {
	at time.Time
	f  func()
}

// NewClock makes a Clock of which the time is a moment of 2026.
func NewClock() *Clock {
	return &Clock{now: time.Date(2026, time.January, 2, 3, 4, 5, 0, time.UTC), set: make(chan struct{})}
}

// Now implements plugins.Clock.
func (c *Clock) Now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.now
}

// AfterFunc implements plugins.Clock.
func (c *Clock) AfterFunc(d time.Duration, f func()) (stop func() bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	t := &timer{c.now.Add(d), f}
	c.timers = append(c.timers, t)
	close(c.set)
	c.set = make(chan struct{})
	return func() bool {
		c.mu.Lock()
		defer c.mu.Unlock()
		before := len(c.timers)
		c.timers = slices.DeleteFunc(c.timers, func(other *timer) bool { return other == t })
		return len(c.timers) < before
	}
}

// Advance has time pass, and begins what is due, in its order, each on a goroutine of its own.
func (c *Clock) Advance(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.now = c.now.Add(d)
	slices.SortStableFunc(c.timers, func(a, b *timer) int { return a.at.Compare(b.at) })
	for len(c.timers) > 0 && !c.timers[0].at.After(c.now) {
		go c.timers[0].f()
		c.timers = c.timers[1:]
	}
}

// Await waits until at least so many AfterFuncs wait, so that an Advance does not come too soon.
func (c *Clock) Await(n int) {
	for {
		c.mu.Lock()
		set, enough := c.set, len(c.timers) >= n
		c.mu.Unlock()
		if enough {
			return
		}
		<-set
	}
}
