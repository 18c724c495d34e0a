package soak_test

import (
	"cmp"
	"fmt"
	"slices"
	"strconv"
	"sync"

	"github.com/astproxy/astproxy/proxy/feed"
)

// The series of numbered events. Few clients see the large ones, which are what makes who does not read a slow client.
const (
	small = iota
	large
	seriesCount
)

var seriesNames = [seriesCount]string{"SoakSmall", "SoakLarge"}

// told is what is known without the proxy: which numbers Asterisk was made to tell, in each of its lives.
type told struct {
	mu     sync.Mutex
	life   int              // of the latest numbers; 0: there are none yet
	down   bool             // that life is over, or is being ended
	sent   [seriesCount]int // the latest numbers, of which Asterisk may not know yet
	calls  int              // how many were begun, ever
	events int              // numbered ones ever

	stopped []int                     // calls, at each end of a life
	ends    map[int]*[seriesCount]int // the last numbers of each life that the proxy has had
}

// now is a place in what is told: what comes is behind it.
type now struct {
	life, calls int
	down        bool
	sent        [seriesCount]int
}

func (t *told) now() now {
	t.mu.Lock()
	defer t.mu.Unlock()
	return now{t.life, t.calls, t.down, t.sent}
}

// next is the next number of a series.
func (t *told) next(series int) (life, number int) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.sent[series]++
	t.events++
	return t.life, t.sent[series]
}

func (t *told) begin() {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.life, t.down, t.sent = t.life+1, false, [seriesCount]int{}
}

func (t *told) end() {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.down = true
	t.stopped = append(t.stopped, t.calls)
}

// callsAtOnce is more than there are at any time.
const callsAtOnce = 30

// interrupted tells whether a call may have been going on when a life ended.
func (t *told) interrupted(call int) bool {
	t.mu.Lock()
	defer t.mu.Unlock()
	return slices.ContainsFunc(t.stopped, func(at int) bool { return call > at-callsAtOnce && call <= at+callsAtOnce })
}

func (t *told) nextCall() int {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.calls++
	return t.calls
}

// ended compares the last number that somebody had of a life with what others had: whoever has lost nothing has had what
// the proxy has.
func (t *told) ended(life, series, last int) error {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.ends == nil {
		t.ends = map[int]*[seriesCount]int{}
	}
	ends := t.ends[life]
	if ends == nil {
		ends = &[seriesCount]int{}
		for i := range ends {
			ends[i] = -1
		}
		t.ends[life] = ends
	}
	if ends[series] < 0 {
		ends[series] = last
	}
	if ends[series] != last {
		return fmt.Errorf("the last %s of life %d was number %d, and for another client number %d", seriesNames[series], life, last, ends[series])
	}
	return nil
}

// numbers judges the numbered events of one client, in their order. A client that comes back to its place keeps it.
type numbers struct {
	told  *told
	sees  [seriesCount]bool
	exact bool // the client sees nothing else, so that a gap's number must be just right

	life int
	over bool             // its end was announced
	next [seriesCount]int // 0: any up to most
	most [seriesCount]int

	gap     bool              // one was announced of which something is open
	open    [seriesCount]bool // the series whose next number comes behind the gap
	credit  int               // how many more may be missing there
	unknown bool              // nobody knows how many
	others  bool              // and they may be other people's events

	missed int // ever, announced
}

// begin is for who has just been let in: from now on everything comes.
func (n *numbers) begin() {
	now := n.told.now()
	*n = numbers{told: n.told, sees: n.sees, exact: n.exact, missed: n.missed, life: now.life, over: now.down}
	for i := range n.most {
		n.most[i] = now.sent[i] + 1
	}
}

// announceGap is a ProxyGap. Only one of who has read too slowly tells how many of his own events are missing, and no others.
func (n *numbers) announceGap(missed, reason string) {
	count, err := strconv.Atoi(missed)
	if !n.gap {
		n.credit, n.unknown, n.others = 0, false, false
	}
	n.gap, n.unknown, n.others = true, n.unknown || err != nil, n.others || reason != feed.GapTooSlow
	n.credit += count
	for i := range n.open {
		n.open[i] = n.sees[i]
	}
}

// comeBack is for who has a new connection at the place of the old one: of what a gap has said to be lost, he may get what stands
// behind that place after all.
func (n *numbers) comeBack() { n.others = true }

// announceStatus is a ProxyServerStatus: what comes next may be of another life.
func (n *numbers) announceStatus() (err error) {
	if !n.over && !n.gap {
		for i, next := range n.next {
			if n.sees[i] && next > 0 && err == nil {
				err = n.told.ended(n.life, i, next-1)
			}
		}
	}
	n.over = true
	return err
}

// take is a numbered event.
func (n *numbers) take(series, life, number int) error {
	if life != n.life {
		if err := n.takeLife(life); err != nil {
			return fmt.Errorf("%s number %d of life %d: %w", seriesNames[series], number, life, err)
		}
	}
	next := n.next[series]
	n.next[series] = number + 1
	behindGap := n.open[series]
	n.open[series] = false
	n.others = n.others || next == 0 // how many of the series are missing nobody knows
	switch {
	case next == 0 && number > n.most[series] && !behindGap:
		return fmt.Errorf("%s of life %d begins with number %d, and it should have had number %d", seriesNames[series], life, number, n.most[series])
	case next == 0 || number == next:
		return n.closeGap()
	case number < next:
		n.next[series] = next
		return fmt.Errorf("%s number %d of life %d comes, and number %d has come before", seriesNames[series], number, life, next-1)
	case !behindGap:
		return fmt.Errorf("%s number %d of life %d comes behind number %d, and no loss was announced", seriesNames[series], number, life, next-1)
	}
	n.missed += number - next
	if n.credit -= number - next; n.credit < 0 && !n.unknown {
		return fmt.Errorf("%s number %d of life %d comes behind number %d: those are %d more than the ProxyGap said", seriesNames[series], number, life, next-1, -n.credit)
	}
	return n.closeGap()
}

// takeLife is the first number of another life.
func (n *numbers) takeLife(life int) error {
	was, announced := n.life, n.over || n.gap
	n.life, n.over, n.unknown = life, false, true // how many the old one had behind the gap nobody knows
	for i := range n.next {
		n.next[i] = 1
	}
	switch {
	case life < was:
		return fmt.Errorf("life %d was there before", was)
	case !announced:
		return fmt.Errorf("nothing has told that life %d was over", was)
	}
	return nil
}

// closeGap ends a gap when the next number of every series has come.
func (n *numbers) closeGap() error {
	if !n.gap {
		return nil
	}
	for _, open := range n.open {
		if open {
			return nil
		}
	}
	n.gap = false
	if n.exact && !n.unknown && !n.others && n.credit > 0 {
		return fmt.Errorf("a ProxyGap has told of %d more than are missing", n.credit)
	}
	return nil
}

// reached tells whether everything up to a place has come.
func (n *numbers) reached(end now) bool {
	if n.life != end.life {
		return false
	}
	for i := range end.sent {
		if came := cmp.Or(n.next[i], n.most[i]); n.sees[i] && came != end.sent[i]+1 {
			return false
		}
	}
	return true
}
