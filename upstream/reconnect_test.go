package upstream

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"strings"
	"testing"
	"testing/synctest"
	"time"
)

func TestNothingReachableAtStartIsNormal(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := newBench(t)
		b.patience = pipedPatience
		b.dialError = &net.OpError{Op: "dial", Net: "tcp", Err: errors.New("connection refused")}
		b.session.dial = func(context.Context) (net.Conn, error) {
			b.mu.Lock()
			defer b.mu.Unlock()
			if b.dialError != nil {
				return nil, b.dialError
			}
			near, far := net.Pipe()
			b.accept <- far
			return near, nil
		}
		b.run()
		defer b.stop()
		<-time.After(time.Hour)
		const reason = "cannot connect to 192.0.2.1:5038: connection refused"
		if status := b.session.Status(); status.Up || status.Reason != reason {
			t.Errorf("status %+v", status)
		}
		if n := b.logged.count(reason); n != 1 {
			t.Errorf("logged %d times", n)
		}
		err := b.session.NewRequester().Send(t.Context(), Request{Action: pingAction})
		if !errors.Is(err, ErrDown) || err.Error() != "office: server is down: "+reason {
			t.Errorf("sending: %v", err)
		}
		if err := b.session.LearnActions(t.Context()); !errors.Is(err, ErrDown) {
			t.Errorf("learning: %v", err)
		}
		b.mu.Lock()
		b.dialError = nil
		b.mu.Unlock()
		b.up()
	})
}

func TestTheWaitsGrowAreCappedAndBeginAnew(t *testing.T) {
	wait := backoff{least: time.Second, greatest: 30 * time.Second}
	for _, most := range []time.Duration{1, 2, 4, 8, 16, 30, 30, 30} {
		most *= time.Second
		if got := wait.next(); got < most/2 || got > most {
			t.Errorf("waits %v, want %v to %v", got, most/2, most)
		}
	}
	wait.reset()
	if got := wait.next(); got > time.Second {
		t.Errorf("after a reset it waits %v", got)
	}
}

func TestASessionThatStaysUpBeginsTheWaitsAnew(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := startPiped(t, func(c *Config) { c.BackoffMin, c.BackoffMax = time.Second, time.Minute })
		for range 8 {
			_ = b.connection().conn.Close()
		}
		p := b.up()
		go func() { _, _ = io.Copy(io.Discard, p.conn) }()
		for range 20 {
			<-time.After(5 * time.Second)
			p.send("Event: X\nPrivilege: call,all")
		}
		lost := time.Now()
		p.lose()
		b.connection()
		if waited := time.Since(lost); waited > time.Second {
			t.Errorf("waited %v", waited)
		}
	})
}

func TestALostSessionAnswersEverythingAtOnceAndComesBack(t *testing.T) {
	b := start(t, func(c *Config) { c.Unanswered = 2 })
	p := b.up()
	c := b.client()
	sent, list := c.request(status(1)), c.request("Action: Status")
	p.expect("CoreStatus")
	p.expect("Status")
	waiting := c.request(status(3))
	if n := b.session.Status().Outstanding; n != 2 {
		t.Errorf("%d outstanding", n)
	}
	if s := p.lose(); s.Up || s.Reason != "Asterisk closed the connection" || s.Banner != banner22 || s.Outstanding != 0 {
		t.Errorf("lost: %+v", s)
	}
	sent.wants("office: action was sent, its outcome is unknown: Asterisk closed the connection+")
	list.wants("outcome is unknown+")
	waiting.wants("office: action was not sent: Asterisk closed the connection+")
	if _, known := b.session.FullyBooted(); known {
		t.Error("FullyBooted of a lost connection is known")
	}
	if _, known := b.session.Action("PING"); !known {
		t.Error("the actions are forgotten")
	}
	p = b.up()
	again := c.request(status(4))
	p.reply("CoreStatus", pong) // and nothing before it
	again.wants("Pong+")
	sent.empty()
	waiting.empty()
}

func TestErrorsOfALossAreToldApart(t *testing.T) {
	b := start(t, func(c *Config) { c.Unanswered = 1 })
	p := b.up()
	c := b.client()
	sent, waiting := c.request(status(1)), c.request(status(2))
	p.expect("CoreStatus")
	p.lose()
	if err := sent.next().Err; !errors.Is(err, ErrOutcomeUnknown) || errors.Is(err, ErrNotSent) {
		t.Errorf("sent: %v", err)
	}
	if err := waiting.next().Err; !errors.Is(err, ErrNotSent) || errors.Is(err, ErrOutcomeUnknown) {
		t.Errorf("waiting: %v", err)
	}
}

func TestAnActionThatWasWrittenInPartWasNotSent(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := startPiped(t)
		p := b.up()
		c := b.client()
		first := c.request(ping(1))
		synctest.Wait() // the writer hangs in the first, so that the next two are one batch
		second, third := c.request(ping(2)), c.request("Action: DBPut\nVal: "+strings.Repeat("x", 200))
		p.reply("Ping", pong)
		first.wants("Pong+")
		var read []byte
		for one := make([]byte, 1); !strings.Contains(string(read), "Action: DBPut\r\n"); read = append(read, one...) {
			if _, err := io.ReadFull(p.conn, one); err != nil {
				t.Fatal(err)
			}
		}
		p.lose()
		second.wants("outcome is unknown+")
		third.wants("not sent+")
	})
}

func TestAnItemThatCameBeforeTheLossIsDelivered(t *testing.T) {
	b := start(t)
	p := b.up()
	in := b.client().request("Action: FAXStats")
	p.reply("FAXStats", "Response: Success\nActionID: $\nMessage: FAXStats event will follow")
	p.expect("Ping")
	p.lose()
	in.wants("will follow", "outcome is unknown+")
}

func TestAShutdownIsNamedAndItsErrorsAloneAreNoLoss(t *testing.T) {
	for restart, want := range map[string]string{"False": "Asterisk was shut down", "True": "Asterisk restarts"} {
		b := start(t)
		p := b.up()
		in := b.client().request("Action: Reload")
		p.reply("Reload", "Response: Error\nActionID: $\nMessage: Asterisk is shutting down")
		in.wants("shutting down+")
		if !b.session.Status().Up {
			t.Error("an error is taken for a loss")
		}
		p.send("Event: Shutdown\nPrivilege: system,all\nShutdown: Cleanly\nRestart: " + restart)
		if m := b.broadcast(); m.Event() != "Shutdown" {
			t.Errorf("broadcast %q", m)
		}
		if status := p.lose(); status.Reason != want {
			t.Errorf("status %+v", status)
		}
	}
}

func TestACutInMidLineIsNamed(t *testing.T) {
	b := start(t)
	p := b.up()
	p.sendRaw("Event: Newchan")
	if status := p.lose(); status.Reason != "Asterisk closed the connection in the middle of a message" {
		t.Errorf("status %+v", status)
	}
}

func TestRunEndsWhereverItIs(t *testing.T) {
	for name, reach := range map[string]func(b *bench){
		"before the banner": func(b *bench) { b.connection() },
		"at the login": func(b *bench) {
			p := b.connection()
			p.sendRaw(banner22 + "\r\n")
			p.expect("Challenge")
		},
		"booting": func(b *bench) { b.connection().welcome() },
		"up":      func(b *bench) { b.up() },
		"waiting": func(b *bench) { _ = b.connection().conn.Close() },
	} {
		t.Run(name, func(t *testing.T) {
			b := start(t, func(c *Config) { c.BackoffMin = time.Hour; c.BackoffMax = time.Hour })
			reach(b)
			b.stop()
		})
	}
}

func TestStoppingAnswersWhatIsUnderWay(t *testing.T) {
	b := start(t)
	p := b.up()
	in := b.client().request(ping(1))
	p.expect("Ping")
	b.stop()
	in.wants("outcome is unknown: stopped+")
	if status := b.changed(); status.Up || status.Reason != "stopped" {
		t.Errorf("status %+v", status)
	}
}

func TestAReasonHoldsNoLocalPort(t *testing.T) {
	s := newBench(t).session
	local, remote := &net.TCPAddr{Port: 51050}, &net.TCPAddr{Port: 5038}
	for want, err := range map[string]error{
		"connection reset by peer": &net.OpError{Op: "read", Net: "tcp", Source: local, Addr: remote, Err: errors.New("connection reset by peer")},
		"no banner: timed out":     fmt.Errorf("no banner: %w", &net.OpError{Op: "read", Net: "tcp", Source: local, Addr: remote, Err: errors.New("timed out")}),
		"cannot connect to 192.0.2.1:5038: lookup of pbx: no such host": &net.OpError{
			Op: "dial", Net: "tcp", Err: &net.DNSError{Err: "no such host", Name: "pbx", Server: "127.0.0.1:40321"},
		},
	} {
		if got := s.reasonFor(t.Context(), err); got != want {
			t.Errorf("%v: reason %q, want %q", err, got, want)
		}
	}
}
