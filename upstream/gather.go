package upstream

import "time"

// gathering lets events come together before they are read, when there are many: to wake a thread for one costs
// many times what it costs to read it, and who gets them waits for others anyway. An answer is never waited with: while
// actions are unanswered nothing is gathered, and one that is sent ends it.
type gathering struct {
	timer  *time.Timer
	since  time.Time // of the present window
	events int       // for everybody, that came in it
	busy   bool      // the last one was worth it
}

// A window of so many times Config.Gather in which so many events have come is worth gathering in the next: two
// at a time at least.
const (
	gatherWindow = 4
	gatherEvents = 2 * gatherWindow
)

// came notes that a read has come back.
func (g *gathering) came(now time.Time, gather time.Duration) {
	passed := now.Sub(g.since)
	if passed < gatherWindow*gather {
		return
	}
	g.busy = g.events >= gatherEvents && passed < 2*gatherWindow*gather
	g.since, g.events = now, 0
}

// gather waits for more to come, if it is worth it, and reads of it what it can get without waiting.
func (c *timedConn) gather(p []byte) (n int) {
	s := c.session
	g := &s.reader.gathering
	if !g.busy || !s.beginGathering() {
		return 0
	}
	c.gatherer.Hold()
	if g.timer == nil {
		g.timer = time.NewTimer(s.config.Gather)
	} else {
		g.timer.Reset(s.config.Gather)
	}
	select {
	case <-g.timer.C:
	case <-s.gathered:
		g.timer.Stop()
	}
	s.mu.Lock()
	s.gathers = false
	s.mu.Unlock()
	return c.gatherer.Take(p)
}

func (s *Session) beginGathering() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.gathers = len(s.sent) == 0
	return s.gathers
}

// endGathering has the reader read now. With mu held.
func (s *Session) endGathering() {
	if !s.gathers {
		return
	}
	s.gathers = false
	select {
	case s.gathered <- struct{}{}:
	default: // it is told already
	}
}
