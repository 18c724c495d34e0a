package feed_test

import (
	"runtime"
	"strconv"
	"sync"
	"testing"
	"time"

	"github.com/astproxy/astproxy/ami"
	"github.com/astproxy/astproxy/proxy/feed"
)

// patience bounds what a test waits for that comes at once when all is well.
const patience = 2 * time.Minute

// stickMatcher has the matcher be at an event until release is called.
func stickMatcher(t *testing.T, f *feed.Feed) (release func()) {
	t.Helper()
	entered, free := make(chan struct{}), make(chan struct{})
	sticky := dial(t, f, feed.Disconnect)
	sticky.SetSelection(&feed.Selection{Key: "sticky", Format: text{}, Match: func(e *feed.Event) bool {
		if e.Message.Event() == "Sticky" {
			entered <- struct{}{}
			<-free
		}
		return false
	}}, block("login"))
	sticky.expect("Response: login")
	f.Append("pbx", ami.ClassSystem, event("Sticky"))
	<-entered
	release = sync.OnceFunc(func() { close(free) })
	t.Cleanup(release)
	return release
}

// returns fails the test if f does not return, as what an Asterisk session's reader calls must.
func returns(t *testing.T, what string, f func()) {
	t.Helper()
	done := make(chan struct{})
	go func() {
		defer close(done)
		f()
	}()
	select {
	case <-done:
	case <-time.After(patience):
		t.Fatalf("%s waits for the matcher", what)
	}
}

func TestAnAnswerToWhoChangesItsEventsDoesNotWaitForTheMatcher(t *testing.T) {
	for name, change := range map[string]func(*client){
		"SetSelection": func(c *client) { c.SetSelection(only(ami.ClassUser), block("changed")) },
		"Hold":         func(c *client) { c.Hold().Release(0, block("changed"), nil) },
	} {
		t.Run(name, func(t *testing.T) {
			f := run(t, feed.Config{})
			c := dial(t, f, feed.Disconnect)
			c.SetSelection(everything(), block("login"))
			c.expect("Response: login")
			release := stickMatcher(t, f)
			begun, changed := make(chan struct{}), make(chan struct{})
			go func() {
				defer close(changed)
				close(begun)
				change(c)
			}()
			<-begun
			returns(t, "an answer", func() {
				for range 1000 { // while the other gets as far as it does
					c.Queue(private("answer"))
					c.Flush()
					runtime.Gosched()
				}
			})
			release()
			<-changed
			c.Send(private("end"))
			for wanted := []string{"Response: changed", "Response: end"}; len(wanted) > 0; {
				if c.read() == wanted[0] {
					wanted = wanted[1:]
				}
			}
		})
	}
}

func TestAnAnswerToWhoHasLostEventsDoesNotWaitForTheMatcher(t *testing.T) {
	const size = 1000
	f := run(t, feed.Config{Memory: 1 << 20, Flush: time.Hour})
	c := dial(t, f, feed.Skip)
	c.SetSelection(everything(), block("login"))
	c.expect("Response: login")
	f.Append("pbx", ami.ClassCall, numbered(0, size))
	c.expect("Event: 0")
	// Nobody writes these for an hour, and most are not kept.
	matched := dial(t, f, feed.Disconnect)
	const n = 3000
	for i := 1; i < n; i++ {
		f.Append("pbx", ami.ClassCall, numbered(i, size))
	}
	matched.SetSelection(only(ami.ClassUser), block("matched"))
	matched.expect("Response: matched")
	release := stickMatcher(t, f)
	returns(t, "an answer", func() {
		c.Queue(private("answer"))
		c.Flush()
	})
	release()
	next := 1
	for line := c.read(); line != "Response: answer"; line = c.read() {
		if missed, is := missedIn(line); is {
			next += missed
		} else if line == "Event: "+strconv.Itoa(next) {
			next++
		} else if line != "Event: Sticky" {
			t.Fatalf("behind event %d comes %q", next-1, line)
		}
	}
	if next != n {
		t.Errorf("%d events of %d are accounted for", next, n)
	}
}

func TestWhatFoundNoRoomInTheLogIsToldAlsoToWhoComesBack(t *testing.T) {
	f := run(t, feed.Config{Memory: 64 << 10, Recent: 1 << 20})
	release := stickMatcher(t, f)
	before := f.Sequence()
	const n = 1000
	for i := range n {
		f.Append("pbx", ami.ClassCall, numbered(i, 1000))
	}
	f.Append("pbx", ami.ClassCall, event("Small")) // which finds room, behind those that have not
	release()
	c := dial(t, f, feed.Disconnect)
	c.SetSelection(only(ami.ClassUser), block("here"))
	c.expect("Response: here") // so all is matched
	f.Append("pbx", ami.ClassUser, event("Later"))
	for line := c.read(); line != "Event: Later"; line = c.read() {
		if _, is := missedIn(line); !is {
			t.Errorf("who has other events gets %q", line)
		}
	}
	back := dial(t, f, feed.Disconnect)
	back.Resume(everything(), before, block("back"))
	back.expect("Response: back")
	kept := 0
	for line := back.read(); line != "Event: Small"; line = back.read() {
		if missed, is := missedIn(line); is {
			kept += missed
		} else if line != "Event: "+strconv.Itoa(kept) {
			t.Fatalf("behind event %d comes %q", kept-1, line)
		} else {
			kept++
		}
	}
	back.expect("Event: Later")
	if kept != n {
		t.Errorf("%d events of %d are accounted for", kept, n)
	}
}
