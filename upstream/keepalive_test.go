package upstream

import (
	"errors"
	"strings"
	"testing"
	"testing/synctest"
	"time"
)

func TestASilentSessionIsPinged(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := startPiped(t)
		p := b.up()
		for range 3 {
			began := time.Now()
			p.reply("Ping", pong)
			if waited := time.Since(began); waited != DefaultKeepalive {
				t.Errorf("after %v", waited)
			}
		}
		if n := b.session.Status().Outstanding; n != 0 || len(b.observer.changes) > 0 {
			t.Errorf("%d outstanding, %d changes", n, len(b.observer.changes))
		}
	})
}

func TestASessionWithTrafficIsNotPinged(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := startPiped(t)
		p := b.up()
		c := b.client()
		for range 20 {
			<-time.After(9 * time.Second)
			p.send("Event: X\nPrivilege: call,all")
		}
		in := c.request("Action: CoreStatus")
		p.reply("CoreStatus", pong) // a Ping would have come first
		in.wants("Pong+")
	})
}

func TestAPingWithoutAnswerIsALoss(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := startPiped(t)
		p := b.up()
		p.expect("Ping")
		began := time.Now()
		if status := b.changed(); status.Up || status.Reason != "no answer to Ping within 10s" {
			t.Errorf("status %+v", status)
		}
		if waited := time.Since(began); waited != DefaultKeepalive {
			t.Errorf("after %v", waited)
		}
	})
}

func TestAHostThatReadsNothingIsNoticed(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := startPiped(t)
		b.up()
		b.client().request(ping(1)) // the writer hangs in it
		if status := b.changed(); status.Up || !strings.HasPrefix(status.Reason, "nothing received for 2m0s with 1 actions unanswered, Ping first") {
			t.Errorf("status %+v", status)
		}
	})
}

func TestAnActionWithoutAnswerTimesOutAndItsLateAnswerIsSwallowed(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := startPiped(t)
		p := b.up()
		c := b.client()
		began := time.Now()
		in := c.request("Action: Command\nCommand: slow")
		quick := b.client().request("Action: Reload", func(r *Request) { r.Timeout = 5 * time.Second })
		slow := p.expect("Command")
		reload := p.expect("Reload")
		quick.wants("office: no answer in time: Reload took more than 5s+")
		if waited := time.Since(began); waited != 5*time.Second {
			t.Errorf("after %v", waited)
		}
		in.wants("no answer in time: Command took more than 1m0s+")
		if waited := time.Since(began); waited != DefaultActionTimeout {
			t.Errorf("after %v", waited)
		}
		if n := b.session.Status().Outstanding; n != 2 {
			t.Errorf("%d outstanding", n)
		}
		p.answer(slow, "Response: Success\nActionID: $\nEventList: start\n\nEvent: X\nActionID: $\n\nEvent: XComplete\nActionID: $\nEventList: Complete")
		p.answer(reload, pong)
		p.reply("Ping", pong)
		p.reply("Ping", pong)
		p.quiet()
		in.empty()
		quick.empty()
		if n := b.session.Status().Outstanding; n != 0 {
			t.Errorf("%d outstanding", n)
		}
	})
}

func TestAnActionThatIsNeverAnsweredDoesNotKeepItsPlace(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := startPiped(t, func(c *Config) { c.Unanswered = 1 })
		p := b.up()
		c := b.client()
		silent := c.request("Action: Silent", func(r *Request) { r.Timeout = 5 * time.Second })
		p.expect("Silent")
		silent.wants("no answer in time+")
		next := c.request("Action: CoreStatus")
		p.reply("Ping", pong)
		p.reply("CoreStatus", pong)
		next.wants("Pong+")
		silent.empty()
	})
}

func TestWhatWaitsTooLongIsNotSent(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := startPiped(t, func(c *Config) { c.Unanswered = 1 })
		p := b.up()
		c := b.client()
		c.request("Action: Command\nCommand: slow")
		command := p.expect("Command")
		began := time.Now()
		kept := c.request(ping(1))
		short := c.request("Action: Reload", func(r *Request) { r.Timeout = 5 * time.Second })
		short.wants("office: action was not sent: 1 other actions were in front of it for 5s+")
		if waited := time.Since(began); waited != 5*time.Second {
			t.Errorf("after %v", waited)
		}
		p.answer(command, pong)
		p.reply("Ping", pong)
		kept.wants("Pong+")
		next := c.request("Action: CoreStatus") // and Reload never comes
		p.reply("CoreStatus", pong)
		next.wants("Pong+")
		short.empty()
	})
}

func TestTheTimeToBeAnsweredBeginsWhenAnActionIsSent(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := startPiped(t, func(c *Config) { c.Unanswered = 1 })
		p := b.up()
		c := b.client()
		c.request("Action: Command\nCommand: slow")
		command := p.expect("Command")
		began := time.Now()
		in := c.request("Action: Reload", func(r *Request) { r.Timeout = 5 * time.Second })
		<-time.After(4 * time.Second)
		p.answer(command, pong)
		p.expect("Reload")
		in.wants("no answer in time+")
		if waited := time.Since(began); waited != 9*time.Second {
			t.Errorf("after %v", waited)
		}
	})
}

func TestAListThatKeepsComingDoesNotTimeOut(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := startPiped(t)
		p := b.up()
		in := b.client().request("Action: Status", func(r *Request) { r.Timeout = 5 * time.Second })
		status := p.reply("Status", "Response: Success\nActionID: $\nEventList: start")
		in.wants("EventList")
		for range 5 {
			<-time.After(4 * time.Second)
			p.answer(status, "Event: Status\nPrivilege: Call\nActionID: $")
			in.wants("Event: Status\r\n")
		}
		began := time.Now()
		in.wants("no answer in time+")
		if waited := time.Since(began); waited != 5*time.Second {
			t.Errorf("after %v", waited)
		}
	})
}

func TestASessionThatSendsNothingAfterATimeoutIsClosed(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := startPiped(t)
		p := b.up()
		c := b.client()
		began := time.Now()
		in := c.request("Action: Command\nCommand: hangs")
		p.expect("Command")
		behind := b.client().request("Action: CoreStatus")
		p.expect("CoreStatus")
		in.wants("no answer in time+")
		p.expect("Ping")
		behind.wants("no answer in time+")
		if status := b.changed(); status.Up || status.Reason != "nothing received for 2m0s with 2 actions unanswered, Command first" {
			t.Errorf("status %+v", status)
		}
		if waited := time.Since(began); waited != 2*DefaultActionTimeout {
			t.Errorf("after %v", waited)
		}
		in.empty()
		behind.empty()
		b.up()
	})
}

func TestAnActionThatHoldsTheSessionIsLoggedOnceWithWhoAndWhatButNoValue(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := startPiped(t)
		p := b.up()
		c := b.client()
		in := c.request("Action: Command\nActionID: secret-id\nCommand: secret-value")
		behind := b.client().request("Action: Reload")
		command := p.expect("Command")
		reload := p.expect("Reload")
		<-time.After(30 * time.Second)
		p.answer(command, pong)
		in.wants("Pong+")
		p.answer(reload, pong)
		behind.wants("Pong+")
		log := b.logged.String()
		if !strings.Contains(log, `msg="action holds the session" server=office client=alice action=Command running=1s`) ||
			strings.Count(log, "holds the session") != 1 || strings.Contains(log, "secret") {
			t.Errorf("log:\n%s", log)
		}
	})
}

func TestATimeoutIsAnErrorOfItsOwn(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := startPiped(t)
		p := b.up()
		in := b.client().request(ping(1))
		p.expect("Ping")
		if err := in.next().Err; !errors.Is(err, ErrTimeout) {
			t.Errorf("%v", err)
		}
	})
}
