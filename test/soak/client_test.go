package soak_test

import (
	"context"
	"fmt"
	"math/rand/v2"
	"strconv"
	"sync"
	"time"
)

// kind is a way in, for connections that stay.
type kind struct {
	name  string
	share int // of the clients, in percent
	open  opener
	asks  bool // it sends actions
	comes bool // it comes back to its place
}

var kinds = []kind{
	{name: "manager", share: 35, open: openManager, asks: true},
	{name: "manager with TLS", share: 15, open: openSecured, asks: true},
	{name: "WebSocket", share: 20, open: openWebSocket, asks: true, comes: true},
	{name: "event stream", share: 15, open: openEvents, comes: true},
}

// client is one that has a connection that stays, and then another one.
type client struct {
	judge
	kind   *kind
	random *rand.Rand // the client's own goroutine's
	asked  int        // numbers what it asks for

	// of the present connection
	line  line
	ended chan struct{} // closed when it is read to its end
	tick  chan struct{} // has one when something was read

	// guarded by judge.mu
	frozen  time.Time // until when it does not read
	leaving bool      // the end of the connection is the client's own
}

func newClient(s *soak, k *kind, number int) *client {
	r := roleOf(number)
	return &client{
		judge: newJudge(s, r, fmt.Sprintf("%s %d (%s)", k.name, number, r.name)),
		kind:  k, random: s.random(k.name, number), tick: make(chan struct{}, 1),
	}
}

// run comes and goes until the load is over, and then stays until it has everything.
func (c *client) run(load context.Context) {
	soon := c.soak.plan.stay / 4 // that not all come at once
	for waits(load, between(c.random, 0, soon)) {
		c.connect(load)
		soon = 300 * time.Millisecond
	}
}

// waits waits as a client likes to; false: the load is over.
func waits(load context.Context, d time.Duration) bool {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return true
	case <-load.Done():
		return false
	}
}

func between(random *rand.Rand, low, high time.Duration) time.Duration {
	return low + time.Duration(random.Int64N(int64(high-low)))
}

// connect is one connection, from its beginning to its end.
func (c *client) connect(load context.Context) {
	c.connection++
	back := c.place != ""
	if back && c.random.IntN(12) == 0 {
		// A place that is too old, now and then.
		if !waits(load, between(c.random, c.soak.plan.away/2, c.soak.plan.away)) {
			return
		}
	}
	line, err := c.kind.open(c.soak.proxy, c.role, c.place, c.role.freezes)
	if err != nil && c.soak.stalls.excuse(err) {
		c.counts.turnedAway++
		return
	}
	if err != nil {
		c.fail(fmt.Errorf("connecting: %w", err))
		return
	}
	c.line, c.ended = line, make(chan struct{})
	c.mu.Lock()
	c.answers.begin()
	c.leaving = false
	c.counts.connections++
	if back {
		c.counts.resumed++
		c.answers.lost = true // what it caused before may come now
		c.numbers.comeBack()
	}
	c.mu.Unlock()
	if !back && !c.enter() {
		line.cut()
		return
	}
	var reading sync.WaitGroup
	reading.Go(c.read)
	c.live(load)
	c.leave(load)
	reading.Wait()
	c.counts.abandoned += len(c.answers.unanswered)
}

// enter reads the message that says that everything comes from now on, where there is one.
func (c *client) enter() bool {
	if c.kind.comes {
		m, err := c.line.read()
		if err == nil && m.Get("Event") != "ProxyPosition" {
			err = fmt.Errorf("it is %s", brief(m))
		}
		if err != nil {
			c.fail(fmt.Errorf("the first message: %w", err))
			return false
		}
		c.place = m.Get("ProxySequence")
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	c.beginEvents()
	return true
}

// live does what clients do for a while.
func (c *client) live(load context.Context) {
	until := time.Now().Add(between(c.random, c.soak.plan.stay/5, c.soak.plan.stay))
	for time.Now().Before(until) && !c.isOver() {
		if !waits(load, between(c.random, c.soak.plan.pause/20, c.soak.plan.pause)) {
			return
		}
		if c.role.freezes && c.random.IntN(4) == 0 {
			c.freeze()
		}
		if c.kind.asks && c.random.IntN(2) == 0 {
			c.ask()
		}
	}
}

func (c *client) isOver() bool {
	select {
	case <-c.ended:
		return true
	default:
		return false
	}
}

// freeze has the client read nothing for a time.
func (c *client) freeze() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.frozen = time.Now().Add(between(c.random, c.soak.plan.freeze/4, c.soak.plan.freeze))
	c.counts.froze++
}

// ask sends some actions at once.
func (c *client) ask() {
	var all []*question
	for range 1 + c.random.IntN(4) {
		c.asked++
		all = append(all, newQuestion(c.random, c.name, c.asked))
	}
	c.send(all...)
}

func (c *client) send(all ...*question) {
	c.mu.Lock()
	for _, q := range all {
		c.answers.ask(q)
		c.counts.actions++
	}
	c.mu.Unlock()
	if err := c.line.send(all...); err != nil && !c.mayEnd() {
		c.fail(fmt.Errorf("sending: %w", err))
	}
}

// mayEnd tells whether the proxy may have ended the connection: of a hasty client, who may have been too slow whether he froze or not.
func (c *client) mayEnd() bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.leaving || c.role.slow == "disconnect"
}

// leave ends the connection: it breaks off, or in order, which it does when the load is over. Then everything must have come.
func (c *client) leave(load context.Context) {
	over := load.Err() != nil
	if !over && c.random.IntN(3) == 0 {
		c.setLeaving()
		c.line.cut()
		return
	}
	if over && c.await("the last numbers", c.hasAll) {
		c.wantHungUp()
	}
	if !c.kind.asks {
		c.setLeaving()
		c.line.cut()
		return
	}
	// A Ping behind everything: what the answers before have caused comes before its answer.
	behind := ping("", "", 0)
	behind.id = c.nextID()
	c.send(behind)
	if !c.await("all answers", c.hasAnswers) {
		return // it has ended, which was judged where it is read
	}
	c.mu.Lock()
	if err := c.answers.end(c.role.calls); err != nil {
		c.fail(err)
	}
	c.leaving = true
	c.mu.Unlock()
	if c.kind.comes || c.random.IntN(2) == 0 || !c.line.finish() {
		c.send(&question{action: "Logoff", id: c.nextID(), right: isGoodbye})
	}
	<-c.ended
	c.place = "" // whoever has left in order begins anew
}

func (c *client) nextID() string {
	c.asked++
	return strconv.Itoa(c.asked)
}

func (c *client) setLeaving() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.leaving = true
}

func isGoodbye(m message) bool { return m.Get("Response") == "Goodbye" }

func (c *client) hasAll() bool     { return c.numbers.reached(c.soak.told.now()) }
func (c *client) hasAnswers() bool { return len(c.answers.unanswered) == 0 }

// await waits until something is so, by what is read; false: the connection has ended before. It breaks the connection off if it
// does not come to that.
func (c *client) await(what string, is func() bool) bool {
	deadline := time.NewTimer(patience)
	defer deadline.Stop()
	for {
		c.mu.Lock()
		so := is()
		c.mu.Unlock()
		if so {
			return true
		}
		select {
		case <-c.tick:
		case <-c.ended:
			c.mu.Lock()
			defer c.mu.Unlock()
			return is()
		case <-deadline.C:
			c.mu.Lock()
			defer c.mu.Unlock()
			c.fail(fmt.Errorf("%s do not come: it is at %v of life %d, and Asterisk was at %v; unanswered: %v",
				what, c.numbers.next, c.numbers.life, c.soak.told.now(), c.answers.unanswered))
			c.leaving = true
			c.line.cut()
			return false
		}
	}
}

// wantHungUp wants every call to have ended: they have, before the last numbers.
func (c *client) wantHungUp() {
	c.mu.Lock()
	defer c.mu.Unlock()
	if left := c.calls.left(); left != "" && c.role.calls {
		c.fail(fmt.Errorf("the Hangup of channel %s has not come", left))
	}
}
