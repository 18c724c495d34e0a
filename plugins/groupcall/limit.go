package groupcall

import (
	"slices"
	"sync"
	"time"

	"github.com/astproxy/astproxy/plugins"
)

// limit is how much one server may be asked to call: so many legs at once, and so many more a second. Calls that want more
// take turns.
type limit struct {
	clock  plugins.Clock
	second float64 // legs a second

	mu      sync.Mutex
	free    int     // legs that may be called besides
	tokens  float64 // legs that may be dialled by the time of at
	at      time.Time
	waiting []*turn
	timer   bool // it will be looked at again
}

// turn is a call that wants to dial one more leg.
type turn struct{ granted func() }

func newLimit(clock plugins.Clock, atOnce, perSecond int) *limit {
	return &limit{clock: clock, second: float64(perSecond), free: atOnce, tokens: 1, at: clock.Now()}
}

// burst is what may be caught up with if a timer is late.
func (l *limit) burst() float64 { return max(1, l.second/20) }

// want calls t.granted when one more leg may be dialled, at once or later; it may be on this goroutine.
func (l *limit) want(t *turn) {
	l.mu.Lock()
	l.waiting = append(l.waiting, t)
	l.mu.Unlock()
	l.look()
}

// forget takes a turn back; false: it was granted.
func (l *limit) forget(t *turn) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	before := len(l.waiting)
	l.waiting = slices.DeleteFunc(l.waiting, func(other *turn) bool { return other == t })
	return len(l.waiting) < before
}

// giveBack says that n legs are not being called any more.
func (l *limit) giveBack(n int) {
	l.mu.Lock()
	l.free += n
	l.mu.Unlock()
	l.look()
}

// look grants what may be granted.
func (l *limit) look() {
	l.mu.Lock()
	now := l.clock.Now()
	l.tokens = min(l.burst(), l.tokens+now.Sub(l.at).Seconds()*l.second)
	l.at = now
	var granted []*turn
	for len(l.waiting) > 0 && l.free > 0 && l.tokens >= 1 {
		granted = append(granted, l.waiting[0])
		l.waiting = l.waiting[1:]
		l.free--
		l.tokens--
	}
	again := len(l.waiting) > 0 && l.free > 0 && !l.timer
	l.timer = l.timer || again
	wait := time.Duration((1-l.tokens)/l.second*float64(time.Second)) + time.Microsecond
	l.mu.Unlock()
	for _, t := range granted {
		t.granted()
	}
	if again {
		l.clock.AfterFunc(wait, l.lookAgain)
	}
}

// lookAgain is when the time for one more leg has come.
func (l *limit) lookAgain() {
	l.mu.Lock()
	l.timer = false
	l.mu.Unlock()
	l.look()
}
