package feed_test

import (
	"runtime"
	"strconv"
	"testing"

	"github.com/astproxy/astproxy/ami"
	"github.com/astproxy/astproxy/proxy/feed"
)

func appendNumbered(f *feed.Feed, from, to int) (last uint64) {
	for i := from; i < to; i++ {
		last = f.Append("", ami.ClassCall, numbered(i, 300))
	}
	return last
}

// drain reads up to a private message, so that all events before it are in the client's past.
func (c *client) drain() {
	c.t.Helper()
	c.Send(private("seen"))
	for c.read() != "Response: seen" {
		continue
	}
}

func TestAClientThatComesBackGetsWhatItMissedAndNothingTwice(t *testing.T) {
	f := run(t, feed.Config{Recent: 64 << 20})
	first := dial(t, f, feed.Disconnect)
	first.SetSelection(everything(), block("login"))
	seen := appendNumbered(f, 0, 100)
	first.drain()
	first.Close(nil)

	appendNumbered(f, 100, 3000)
	again := dial(t, f, feed.Disconnect)
	go appendNumbered(f, 3000, 5000) // while it catches up
	again.Resume(everything(), seen, block("welcome back"))
	again.expect("Response: welcome back")
	for i := 100; i < 5000; i++ {
		again.expect("Event: " + strconv.Itoa(i))
	}
}

func TestWhoWantsLessGetsOnlyThatOfWhatHeMissed(t *testing.T) {
	f := run(t, feed.Config{Recent: 1 << 20})
	witness := dial(t, f, feed.Disconnect)
	witness.SetSelection(everything(), block("login"))
	f.Append("", ami.ClassCall, event("Dial"))
	f.Append("", ami.ClassAgent, event("AgentLogin"))
	f.Append("", ami.ClassCall, event("Hangup"))
	witness.drain()
	c := dial(t, f, feed.Disconnect)
	c.Resume(only(ami.ClassCall), 1, block("login"))
	c.expect("Response: login", "Event: Hangup")
}

func TestWhoComesBackTooLateIsToldSo(t *testing.T) {
	f := run(t, feed.Config{Recent: 10 << 10})
	witness := dial(t, f, feed.Disconnect)
	witness.SetSelection(everything(), block("login"))
	appendNumbered(f, 0, 1000)
	witness.drain()
	c := dial(t, f, feed.Disconnect)
	c.Resume(everything(), 10, block("login"))
	c.expect("Response: login", "Event: ProxyGap, Reason: "+feed.GapForgotten)
	for next := c.read(); next != "Event: 999"; next = c.read() {
		continue
	}
}

func TestNothingIsKeptUnlessItIsAskedFor(t *testing.T) {
	f := run(t, feed.Config{})
	witness := dial(t, f, feed.Disconnect)
	witness.SetSelection(everything(), block("login"))
	appendNumbered(f, 0, 10)
	witness.drain()
	c := dial(t, f, feed.Disconnect)
	c.Resume(everything(), 5, block("login"))
	c.expect("Response: login", "Event: ProxyGap, Reason: "+feed.GapForgotten)
	appendNumbered(f, 10, 11)
	c.expect("Event: 10")
}

func TestWhoComesBackWhileTheMatcherIsAtWorkGetsNothingTwice(t *testing.T) {
	f := run(t, feed.Config{Recent: 1 << 20})
	first := dial(t, f, feed.Disconnect)
	first.SetSelection(everything(), block("login"))
	first.expect("Response: login")
	matching, release := make(chan struct{}, 2), make(chan struct{})
	waiting := dial(t, f, feed.Disconnect)
	waiting.SetSelection(&feed.Selection{Key: "waiting", Format: text{}, Match: func(*feed.Event) bool {
		matching <- struct{}{}
		<-release
		return true
	}}, block("login"))
	waiting.expect("Response: login")

	// The first client has the event before all views do.
	seen := f.Append("", ami.ClassCall, event("Dial"))
	<-matching
	first.Send(private("wake"))
	first.expect("Event: Dial")
	again := dial(t, f, feed.Disconnect)
	started, resumed := make(chan struct{}), make(chan struct{})
	go func() {
		defer close(resumed)
		close(started)
		again.Resume(everything(), seen, nil)
	}()
	<-started
	for range 1000 { // it has to wait for the matcher, which waits for us: nothing tells that it does
		runtime.Gosched()
	}
	close(release)
	<-resumed
	f.Append("", ami.ClassCall, event("Hangup"))
	again.expect("Event: Hangup")
}
