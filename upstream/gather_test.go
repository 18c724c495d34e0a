package upstream

import (
	"testing"
	"testing/synctest"
	"time"
)

// several are events that come together. In a pipe whoever sends waits until the other reads.
const several = "Event: X\nPrivilege: call,all\n\nEvent: X\nPrivilege: call,all\n\nEvent: X\nPrivilege: call,all\n\nEvent: Y\nPrivilege: call,all"

func TestManyEventsAreReadTogether(t *testing.T) {
	const gather = time.Second
	synctest.Test(t, func(t *testing.T) {
		b := startPiped(t, func(c *Config) { c.Gather = gather })
		p := b.up()
		for range 4 * gatherEvents {
			<-time.After(gather / 4)
			p.send(several)
		}
		began := time.Now()
		p.send(several)
		p.send(several)
		if waited := time.Since(began); waited == 0 || waited > 10*gather {
			t.Errorf("read after %v", waited)
		}
	})
}

func TestAnAnswerIsReadAtOnceWhileEventsAreGathered(t *testing.T) {
	const gather = time.Second
	synctest.Test(t, func(t *testing.T) {
		b := startPiped(t, func(c *Config) { c.Gather = gather })
		p := b.up()
		c := b.client()
		for range 4 * gatherEvents {
			<-time.After(gather / 4)
			p.send(several)
		}
		for range 10 {
			p.send(several)
			synctest.Wait() // the reader waits for more
			began := time.Now()
			in := c.request("Action: CoreStatus")
			p.reply("CoreStatus", pong)
			in.wants("Pong+")
			if waited := time.Since(began); waited != 0 {
				t.Errorf("the answer was read after %v", waited)
			}
		}
	})
}

func TestFewEventsAreReadAtOnce(t *testing.T) {
	const gather = time.Second
	synctest.Test(t, func(t *testing.T) {
		b := startPiped(t, func(c *Config) { c.Gather = gather })
		p := b.up()
		for range 20 {
			<-time.After(gather)
			began := time.Now()
			p.send("Event: X\nPrivilege: call,all")
			if waited := time.Since(began); waited != 0 {
				t.Errorf("read after %v", waited)
			}
		}
	})
}

// Nothing is gathered for answers: while one is waited for they are read at once, and who asks for the next would have to end it.
func TestManyAnswersAreNoReasonToGather(t *testing.T) {
	const gather = time.Second
	synctest.Test(t, func(t *testing.T) {
		b := startPiped(t, func(c *Config) { c.Gather = gather })
		p := b.up()
		c := b.client()
		for range 4 * gatherEvents {
			<-time.After(gather / 4)
			for range 4 {
				in := c.request("Action: CoreStatus")
				p.reply("CoreStatus", pong)
				in.wants("Pong+")
			}
		}
		began := time.Now()
		p.send("Event: X\nPrivilege: call,all")
		p.send("Event: X\nPrivilege: call,all")
		if waited := time.Since(began); waited != 0 {
			t.Errorf("an event was read after %v", waited)
		}
	})
}
