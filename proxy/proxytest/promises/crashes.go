package promises

import (
	"fmt"
	"runtime"
	"strings"
	"sync"
	"testing"

	"github.com/astproxy/astproxy/ami"
	"github.com/astproxy/astproxy/proxy/feed"
	"github.com/astproxy/astproxy/proxy/proxytest"
)

const (
	// longList is how many items the lists have in whose middle the Asterisk ends.
	longList = 300
	// listers is how many clients ask for them, and listsAtOnce how many each has unanswered.
	listers, listsAtOnce = 3, 4
)

// Crashes ends the Asterisk in mid-list and starts it again, so many times: every action gets an
// answer, the clients stay connected, events flow again, and no goroutine is left behind. kill is called
// when items of a list have come and more are under way; start returns when the Asterisk serves again,
// and stops one that still runs before, in order. The test must run alone.
func Crashes(t *testing.T, a Asterisk, times int, kill func(time int), start func()) {
	p := startProxy(t, a, feed.Config{})
	prepareLongList(t, p)
	start() // a crash takes from Asterisk's database what was just put there
	p.Up(t, serverName)
	watcher := p.Login(t, "user", "Events: system,user")
	var all []*lister
	for i := range listers {
		all = append(all, &lister{t: t, c: p.Login(t, "user", "Events: user"), name: i, pending: map[string]int{}})
	}
	goroutines := runtime.NumGoroutine()
	for n := range times {
		listUntilLost(all, func() { kill(n) })
		watcher.Event("ProxyServerStatus", "Status: Disconnected")
		start()
		watcher.Event("ProxyServerStatus", "Status: Connected")
		watcher.Event("FullyBooted")
		watcher.Send("UserEvent", "UserEvent: Again", fmt.Sprintf("Time: %d", n))
		watcher.Event("UserEvent", fmt.Sprintf("Time: %d", n))
		together(listers, func(i int) { all[i].goesOn(n) })
	}
	interrupted := 0
	for _, l := range all {
		interrupted += l.interrupted
	}
	t.Logf("%d lists were interrupted", interrupted)
	if interrupted == 0 {
		t.Error("no list was interrupted: the test shows nothing")
	}
	proxytest.GoroutinesLeft(t, goroutines)
}

func prepareLongList(t *testing.T, p *proxytest.Proxy) {
	c := p.Login(t, "user", "Events: off")
	defer c.Close()
	for i := range longList {
		if r := c.Ask("DBPut", "Family: long", fmt.Sprintf("Key: key%d", i), "Val: "+strings.Repeat("x", 200)); r.Response() != "Success" {
			t.Fatal(r)
		}
	}
}

// listUntilLost calls kill once a list has begun. It returns when one of the listers has heard of the
// loss, and all that they have asked is answered: who had read nothing meanwhile may have all his answers,
// and the server may be back before he asks again.
func listUntilLost(all []*lister, kill func()) {
	listing, lost := make(chan struct{}), make(chan struct{})
	begin, lose := sync.OnceFunc(func() { close(listing) }), sync.OnceFunc(func() { close(lost) })
	var crash sync.WaitGroup
	crash.Go(func() {
		<-listing
		kill()
	})
	together(len(all), func(i int) {
		defer lose() // also when the test has failed
		defer begin()
		all[i].untilLost(begin, lose, lost)
	})
	crash.Wait()
}

// lister is a client who asks for long lists.
type lister struct {
	t    *testing.T
	c    *proxytest.Client
	name int

	asked       int
	pending     map[string]int // by ActionID, how much of the answer has come
	interrupted int            // lists of which an end was missing
}

func (l *lister) ask() {
	l.asked++
	id := fmt.Sprintf("%d-%d", l.name, l.asked)
	l.pending[id] = 0
	l.c.Send("DBGetTree", "Family: long", "ActionID: "+id)
}

// untilLost asks for list upon list until the server is lost, and every one of them is answered. It
// tells when one has begun, and when it hears of the loss.
func (l *lister) untilLost(begin, lose func(), lost <-chan struct{}) {
	for {
		for !isClosed(lost) && len(l.pending) < listsAtOnce {
			l.ask()
		}
		if len(l.pending) == 0 {
			return
		}
		m := l.c.Read()
		if m.Event() == "UserEvent" {
			continue
		}
		id := m.ActionID()
		got, known := l.pending[id]
		if !known {
			l.t.Fatalf("lister %d asked nothing, or had its answer, and now gets\n%s", l.name, m)
		}
		switch {
		case m.Response() == "Error":
			l.judgeLoss(m, got)
			lose()
			delete(l.pending, id)
		case m.ClosesList():
			if got != 1+longList {
				l.t.Errorf("lister %d: a list of %d is complete", l.name, got-1)
			}
			delete(l.pending, id)
		default:
			if l.pending[id]++; got == longList/10 {
				begin()
			}
		}
	}
}

func isClosed(c <-chan struct{}) bool {
	select {
	case <-c:
		return true
	default:
		return false
	}
}

// judgeLoss wants an error to say what is known of the action.
func (l *lister) judgeLoss(m ami.Message, got int) {
	text := m.Get("Message")
	switch {
	case got > 0 && strings.HasSuffix(text, "was lost: the action was sent, its outcome is unknown"):
		l.interrupted++
	case got == 0 && strings.HasSuffix(text, "was lost: the action was sent, its outcome is unknown"),
		got == 0 && strings.HasSuffix(text, ": the action was not sent"),
		got == 0 && strings.Contains(text, " is not connected: "):
	default:
		l.t.Errorf("lister %d, after %d messages: %s", l.name, got, m)
	}
}

// goesOn sees the event of after the crash, and gets a whole list again.
func (l *lister) goesOn(n int) {
	l.c.Event("UserEvent", fmt.Sprintf("Time: %d", n))
	list := l.c.List("again", "DBGetTree", "Family: long")
	if len(list) != longList+2 {
		l.t.Errorf("lister %d: after the crash a list has %d items and ends with %s", l.name, len(list)-2, list[len(list)-1])
	}
	for _, m := range l.c.Kept() {
		l.t.Errorf("lister %d: got too much: %s", l.name, m)
	}
}
