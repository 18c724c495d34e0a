package upstream

import (
	"strings"
	"testing"
	"testing/synctest"
	"time"
)

const (
	originate = "Action: Originate\nActionID: call-1\nChannel: Local/1@x\nAsync: true"
	queued    = "Response: Success\nActionID: $\nMessage: Originate successfully queued"
	outcome   = "Event: OriginateResponse\nPrivilege: call,all\nActionID: $\nResponse: Success\nReason: 4"
)

// waiting makes a request one that stands for a synchronous Originate.
func waiting(d time.Duration) func(*Request) {
	return func(r *Request) { r.Originate = d }
}

func TestASynchronousOriginateIsAnsweredByItsOutcomeThatNobodyElseSees(t *testing.T) {
	b := start(t, func(c *Config) { c.Unanswered = 1 })
	p := b.up()
	c := b.client()
	in := c.request(originate, waiting(time.Minute))
	action := p.reply("Originate", queued)
	in.wants("successfully queued")
	other := c.request(ping(1)) // it holds nobody up
	p.reply("Ping", pong)
	other.wants("Pong+")
	if n := b.session.Status().Outstanding; n != 1 {
		t.Errorf("%d outstanding", n)
	}
	p.answer(action, outcome)
	in.wants("Reason: 4\r\n+")
	p.quiet()
	in.empty()
	if n := b.session.Status().Outstanding; n != 0 {
		t.Errorf("%d outstanding", n)
	}
}

func TestARefusedOriginateIsAnsweredAtOnce(t *testing.T) {
	b := start(t)
	p := b.up()
	in := b.client().request(originate, waiting(time.Minute))
	p.reply("Originate", "Response: Error\nActionID: $\nMessage: Extension does not exist.")
	in.wants("does not exist.\r\n+")
}

func TestAnAsynchronousOriginatesOutcomeIsForEverybodyWithItsActionID(t *testing.T) {
	b := start(t)
	p := b.up()
	c := b.client()
	in := c.request(originate)
	action := p.reply("Originate", queued)
	in.wants("queued\r\n+")
	// However much is sent in between.
	b.session.mu.Lock()
	b.session.lastToken += originalsKept - 1
	b.session.mu.Unlock()
	ping := c.request(ping(1))
	p.reply("Ping", pong)
	ping.wants("Pong+")
	p.answer(action, outcome)
	if m := p.broadcast(); m.ActionID() != "call-1" {
		t.Errorf("broadcast %q", m)
	}
	in.empty()
}

func TestAnOriginateWithoutOutcomeTimesOutAndStaysHidden(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := startPiped(t, func(c *Config) { c.Keepalive = time.Hour })
		p := b.up()
		early := b.client().request(originate, waiting(10*time.Second))
		first := p.reply("Originate", queued)
		late := b.client().request(originate, waiting(30*time.Second))
		second := p.reply("Originate", queued)
		began := time.Now()
		early.wants("queued", "office: no answer in time: no OriginateResponse within 10s+")
		if waited := time.Since(began); waited != 10*time.Second {
			t.Errorf("after %v", waited)
		}
		p.answer(first, outcome)
		p.quiet()
		early.empty()
		late.wants("queued", "no answer in time+")
		if waited := time.Since(began); waited != 30*time.Second {
			t.Errorf("after %v", waited)
		}
		p.answer(second, outcome)
		p.quiet()
	})
}

func TestTheOutcomeForAClientThatIsGoneStaysHidden(t *testing.T) {
	b := start(t)
	p := b.up()
	before, between := b.client(), b.client()
	before.request(originate, waiting(time.Minute))
	first := p.expect("Originate")
	before.Close()
	p.answer(first, queued)
	in := between.request(originate, waiting(time.Minute))
	second := p.reply("Originate", queued)
	in.wants("queued")
	between.Close()
	p.answer(first, outcome)
	p.answer(second, outcome)
	p.quiet()
	in.empty()
}

func TestAnOriginateWhoseSessionIsLostHasAnUnknownOutcomeThatStaysHidden(t *testing.T) {
	b := start(t)
	p := b.up()
	c := b.client()
	queuedOne := c.request(originate, waiting(time.Minute))
	first := p.reply("Originate", queued)
	queuedOne.wants("queued")
	unanswered := c.request(originate, waiting(time.Minute))
	second := p.expect("Originate")
	p.lose()
	queuedOne.wants("outcome is unknown+")
	unanswered.wants("outcome is unknown+")
	p = b.up()
	p.answer(first, outcome)
	p.answer(second, outcome)
	p.quiet()
	queuedOne.empty()
	unanswered.empty()
}

func TestAnOutcomeBeforeTheResponseIsTheAnswer(t *testing.T) {
	b := start(t)
	p := b.up()
	in := b.client().request(originate, waiting(time.Minute))
	action := p.expect("Originate")
	p.answer(action, outcome+"\n\n"+queued)
	in.wants("Reason: 4\r\n+")
	p.quiet()
	in.empty()
}

func TestAnOriginateThatTimedOutBeforeItsResponseStaysHidden(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := startPiped(t)
		p := b.up()
		in := b.client().request(originate, waiting(time.Minute), func(r *Request) { r.Timeout = 5 * time.Second })
		action := p.expect("Originate")
		in.wants("no answer in time: Originate took more than 5s+")
		fence := p.expect("Ping")
		p.answer(action, queued)
		p.answer(fence, pong)
		p.answer(action, outcome)
		p.quiet()
		in.empty()
	})
}

func TestOutcomesAreRememberedInBounds(t *testing.T) {
	o := newOutcomes()
	for i := range uint64(3 * outcomesKept) {
		o.hide(i)
		o.originals.Add(i, "x")
	}
	if o.hidden.Len() != outcomesKept || o.originals.Len() != outcomesKept {
		t.Errorf("%d hidden, %d originals", o.hidden.Len(), o.originals.Len())
	}
}

func TestARefusedAsynchronousOriginateIsForgotten(t *testing.T) {
	b := start(t)
	p := b.up()
	in := b.client().request(strings.Replace(originate, "true", "yes", 1))
	p.reply("Originate", "Response: Error\nActionID: $\nMessage: Invalid channel")
	in.wants("Invalid channel\r\n+")
	b.session.mu.Lock()
	defer b.session.mu.Unlock()
	if n := b.session.outcomes.originals.Len(); n != 0 {
		t.Errorf("%d remembered", n)
	}
}

func TestTheOutcomeOfAnOriginateThatWasNeverAnsweredStaysHidden(t *testing.T) {
	b := start(t)
	p := b.up()
	c := b.client()
	in := c.request(originate, waiting(time.Minute))
	other := c.request(ping(1))
	action := p.expect("Originate")
	p.reply("Ping", pong)
	in.wants("+")
	other.wants("Pong+")
	p.answer(action, outcome)
	p.quiet()
	in.empty()
}
