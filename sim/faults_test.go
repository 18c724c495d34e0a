package sim_test

import (
	"context"
	"errors"
	"io"
	"strings"
	"syscall"
	"testing"
	"testing/synctest"
	"time"

	"github.com/astproxy/astproxy/ami"
	"github.com/astproxy/astproxy/sim"
	"github.com/astproxy/astproxy/sim/simtest"
)

func TestAStalledServerKeepsEverythingForLater(t *testing.T) {
	bubble(t, sim.Config{}, func(t *testing.T, s *sim.Server, l *simtest.Listener) {
		c := join(t, l)
		c.event("SuccessfulAuth")
		s.Stall()
		synctest.Wait()
		s.Broadcast(ami.NewEvent("Late").Add("Privilege", "call,all").Message())
		_ = c.conn.SetReadDeadline(time.Now().Add(time.Hour))
		if _, err := c.conn.Read(make([]byte, 1)); err == nil {
			t.Fatal("a stalled server wrote")
		}
		_ = c.conn.SetReadDeadline(time.Time{})
		s.Resume()
		c.event("Late")
		c.ask("Ping")
	})
}

func TestCutEndsSessionsInTheMiddleOfABlock(t *testing.T) {
	s := simtest.Start(t, sim.Config{})
	c := login(t, s, "Events", "user")
	s.Cut(10)
	s.Broadcast(ami.NewEvent("UserEvent").Add("Privilege", "user,all").Message())
	rest, err := io.ReadAll(c.conn)
	if err != nil || string(rest) != "Event: Use" {
		t.Errorf("got %q, %v", rest, err)
	}
	login(t, s)
}

func TestDisconnectResets(t *testing.T) {
	s := simtest.Start(t, sim.Config{})
	c := login(t, s, "Events", "off")
	s.Disconnect()
	if _, err := c.conn.Read(make([]byte, 1)); !errors.Is(err, syscall.ECONNRESET) {
		t.Errorf("got %v", err)
	}
}

func TestOldCommandOutput(t *testing.T) {
	bubble(t, sim.Config{}, func(t *testing.T, s *sim.Server, l *simtest.Listener) {
		c := join(t, l, "Events", "off")
		s.OldCommand(true)
		m := c.ask("Command", "ActionID", "o", "Command", "queue show")
		if m.Response() != "Follows" || m.ActionID() != "o" || !strings.HasSuffix(m.Raw(), "--END COMMAND--\r\n") ||
			!strings.Contains(m.Raw(), "\n\n") {
			t.Errorf("got %q", m.Raw())
		}
		s.OldCommand(false)
		if m := c.ask("Command", "Command", "queue show"); m.Response() != "Success" || !m.Has("Output") {
			t.Error(m)
		}
	})
}

func TestListsWithoutEventList(t *testing.T) {
	bubble(t, sim.Config{}, func(t *testing.T, s *sim.Server, l *simtest.Listener) {
		c := join(t, l, "Events", "off")
		s.NoEventList(true)
		list := c.list("QueueSummary")
		for _, m := range list {
			if m.Has("EventList") {
				t.Error(m)
			}
		}
		if last := list[len(list)-1]; len(list) != 4 || last.Event() != "QueueSummaryComplete" {
			t.Error(list)
		}
	})
}

func TestHeldReplies(t *testing.T) {
	bubble(t, sim.Config{}, func(t *testing.T, s *sim.Server, l *simtest.Listener) {
		c, other := join(t, l, "Events", "off"), join(t, l, "Events", "off")
		release := s.HoldReplies("ping")
		c.send("Ping", "ActionID", "held")
		if _, err := s.Await(context.Background(), func(m ami.Message) bool { return m.ActionID() == "held" }); err != nil {
			t.Fatal(err)
		}
		other.ask("QueueSummary")
		began := time.Now()
		time.AfterFunc(time.Minute, release)
		if m := c.response(); m.ActionID() != "held" || time.Since(began) != time.Minute {
			t.Errorf("after %v: %v", time.Since(began), m)
		}
		c.ask("Ping")
	})
}

func TestAGracefulStopCanBeCalledOff(t *testing.T) {
	bubble(t, sim.Config{}, func(t *testing.T, s *sim.Server, l *simtest.Listener) {
		c := join(t, l, "Events", "off")
		s.ShuttingDown(true)
		wantMessage(t, c.ask("Ping"), "Asterisk is shutting down")
		s.ShuttingDown(false)
		c.ask("Ping")
	})
}

func TestWhoDoesNotReadIsCut(t *testing.T) {
	bubble(t, sim.Config{WriteTimeout: 100 * time.Millisecond}, func(t *testing.T, s *sim.Server, l *simtest.Listener) {
		c := join(t, l, "Events", "call")
		s.Broadcast(ami.NewEvent("Newchannel").Add("Privilege", "call,all").Message())
		time.Sleep(time.Second) // the clock of the bubble
		if s.Sessions() != 0 {
			t.Errorf("%d sessions", s.Sessions())
		}
		if _, err := c.reader.Read(); err == nil {
			t.Error("the session goes on")
		}
	})
}

func TestAnAsteriskStartsAnew(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := sim.New(sim.Config{})
		for life := range 3 {
			l := simtest.NewListener()
			ctx, cancel := context.WithCancel(context.Background())
			ended := make(chan error)
			go func() { ended <- s.Serve(ctx, l) }()
			c := join(t, l, "Events", "off")
			if n := len(c.list("CoreShowChannels")); n != 2 {
				t.Errorf("life %d begins with %d channels", life, n-2)
			}
			if m := c.ask("DBGet", "Family", "f", "Key", "k"); (m.Response() == "Success") != (life > 0) {
				t.Errorf("life %d: %v", life, m)
			} else if life > 0 {
				c.read()
				c.read()
			}
			c.ask("DBPut", "Family", "f", "Key", "k", "Val", "v")
			c.ask("QueueAdd", "Queue", "support", "Interface", "PJSIP/101")
			c.ask("Originate", "Async", "true", "Channel", "Local/2001@default", "Application", "Wait", "Data", "1")
			c.send("Originate", "Channel", "Local/2001@default", "Application", "Wait", "Data", "1")
			synctest.Wait()
			if n := s.Sessions(); n != 1 {
				t.Errorf("%d sessions", n)
			}
			cancel()
			if err := <-ended; err != nil {
				t.Error(err)
			}
			if n := s.Sessions(); n != 0 {
				t.Errorf("%d sessions", n)
			}
		}
	})
}
