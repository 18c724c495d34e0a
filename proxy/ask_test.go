package proxy_test

import (
	"context"
	"errors"
	"fmt"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/astproxy/astproxy/access"
	"github.com/astproxy/astproxy/ami"
	"github.com/astproxy/astproxy/filters"
	"github.com/astproxy/astproxy/proxy"
	"github.com/astproxy/astproxy/proxy/feed"
	"github.com/astproxy/astproxy/proxy/proxytest"
	"github.com/astproxy/astproxy/sim"
	"github.com/astproxy/astproxy/sim/simtest"
	"github.com/astproxy/astproxy/upstream"
)

func asking(t *testing.T) (*proxytest.Proxy, proxy.Caller) {
	t.Helper()
	return askingWithin(t, feed.Config{})
}

func askingWithin(t *testing.T, memory feed.Config) (*proxytest.Proxy, proxy.Caller) {
	t.Helper()
	asterisk := simtest.Start(t, sim.Config{})
	p := proxytest.Start(t, proxytest.Options{
		Feed:    memory,
		Servers: []upstream.Config{proxytest.Server("pbx1", asterisk.Addr(), "astproxy", "secret")},
		Users:   []access.UserConfig{proxytest.User(), proxytest.User(proxytest.Named("nobody"), proxytest.May(nil, nil))},
	})
	p.Up(t, "pbx1")
	user, ok := p.Users().Authenticate("user", proxytest.Secret)
	if !ok {
		t.Fatal("there is no user")
	}
	return p, proxy.Caller{User: user, Remote: "test"}
}

func TestAskReturnsAListWhole(t *testing.T) {
	p, caller := asking(t)
	answer, err := p.Ask(t.Context(), caller, ami.NewAction("QueueSummary").Add("ActionID", "mine").Message())
	if err != nil {
		t.Fatal(err)
	}
	last := answer.Items[len(answer.Items)-1]
	if !last.Message.ClosesList() || len(answer.Items) < 3 || last.Options.ActionID != "mine" || last.Options.Server != "pbx1" {
		t.Errorf("got %+v", answer)
	}
}

func TestAskTellsWhyTheProxyRefuses(t *testing.T) {
	p, caller := asking(t)
	nobody, _ := p.Users().Authenticate("nobody", proxytest.Secret)
	for action, want := range map[string]struct {
		user    *access.User
		reason  proxy.Reason
		headers []string
	}{
		"Command":      {nobody, proxy.PermissionDenied, []string{"Command", "core show uptime"}},
		"NoSuchAction": {caller.User, proxy.UnknownAction, nil},
		"Ping":         {caller.User, proxy.UnknownServer, []string{"Server", "elsewhere"}},
		"WaitEvent":    {caller.User, proxy.InvalidAction, nil},
		"DBGet":        {caller.User, "", []string{"Family", "none", "Key", "none"}}, // Asterisk's own error
	} {
		b := ami.NewAction(action)
		for i := 0; i < len(want.headers); i += 2 {
			b.Add(want.headers[i], want.headers[i+1])
		}
		answer, err := p.Ask(t.Context(), proxy.Caller{User: want.user}, b.Message())
		if err != nil || answer.Reason != want.reason || answer.Response().Response() != "Error" {
			t.Errorf("%s: %v, %q, %v", action, err, answer.Reason, answer.Response())
		}
	}
}

func TestAnswersToWhoAsksCountUntilTheyAreUsedUp(t *testing.T) {
	p, caller := askingWithin(t, feed.Config{ReplyMemory: 256 << 10})
	for i := range 100 {
		put := ami.NewAction("DBPut").Add("Family", "list").Add("Key", fmt.Sprint(i)).Add("Val", strings.Repeat("x", 200)).Message()
		used, done := context.WithCancel(t.Context())
		if answer, err := p.Ask(used, caller, put); err != nil || answer.Response().Response() != "Success" {
			t.Fatalf("%v, %v", answer, err)
		}
		done()
	}
	list := ami.NewAction("DBGetTree").Add("ActionID", "mine").Add("Family", "list").Message()
	unused, use := context.WithCancel(t.Context())
	whole := 0
	for {
		answer, err := p.Ask(unused, caller, list)
		if err != nil {
			t.Fatal(err)
		}
		if answer.Reason == proxy.AnswerLost {
			if r := answer.Response(); len(answer.Items) != 1 || r.Response() != "Error" || r.ActionID() != "mine" {
				t.Errorf("got %v", answer.Items)
			}
			break
		}
		if whole++; whole > 10 {
			t.Fatal("there is always room")
		}
	}
	if whole == 0 {
		t.Error("there is never room")
	}
	if held := p.Feed().Stats().ReplyBytes; held < 32<<10 || held > 128<<10 {
		t.Errorf("%d bytes are held", held)
	}
	use()
	for p.Feed().Stats().ReplyBytes > 0 { // until what was held is given back
		runtime.Gosched()
	}
	if answer, err := p.Ask(t.Context(), caller, list); err != nil || answer.Reason != "" {
		t.Errorf("got %v, %v", answer, err)
	}
}

func TestAnAskThatIsGivenUpLeavesNothingBehind(t *testing.T) {
	p, caller := asking(t)
	ctx, cancel := context.WithCancel(t.Context())
	watch := p.NewWatch(caller.User, ami.ClassAll, filters.Set{})
	defer watch.Close()
	go func() {
		watch.Wait(ctx) // something of the call
		cancel()
	}()
	ringing := ami.NewAction("Originate").Add("Channel", "Local/2001@default").
		Add("Context", "default").Add("Exten", "1002").Add("Priority", "1").Add("Timeout", "60000").Message()
	if _, err := p.Ask(ctx, caller, ringing); !errors.Is(err, context.Canceled) {
		t.Fatal(err)
	}
	if answer, err := p.Ask(t.Context(), caller, ami.NewAction("Ping").Message()); err != nil || answer.Response().Get("Ping") != "Pong" {
		t.Errorf("got %v, %v", answer, err)
	}
}

func TestAWatchHasTheEventsSinceItBegan(t *testing.T) {
	p, caller := asking(t)
	watch := p.NewWatch(caller.User, ami.ClassAll, filters.Set{})
	defer watch.Close()
	if events := watch.Read(); len(events) != 0 {
		t.Fatalf("there are some before anything happens: %v", events)
	}
	say := func(text string) {
		t.Helper()
		if _, err := p.Ask(t.Context(), caller, ami.NewAction("UserEvent").Add("UserEvent", text).Message()); err != nil {
			t.Fatal(err)
		}
	}
	hear := func(want ...string) {
		t.Helper()
		for len(want) > 0 {
			if !watch.Wait(t.Context()) {
				t.Fatal(t.Context().Err())
			}
			for _, event := range watch.Read() {
				if len(want) == 0 || event.Get("UserEvent") != want[0] || event.Get("Server") != "pbx1" {
					t.Fatalf("got %s, not %v", event, want)
				}
				want = want[1:]
			}
		}
	}
	say("one")
	say("two")
	hear("one", "two")
	say("three")
	watch.Wait(t.Context()) // it comes behind the answer
	if err := watch.Select(ami.ClassCall, filters.Set{}); err != nil {
		t.Fatal(err)
	}
	say("four")
	p.Settle(t)
	if err := watch.Select(ami.ClassUser, filters.Set{}); err != nil {
		t.Fatal(err)
	}
	say("five")
	hear("three", "five")
	soon, cancel := context.WithTimeout(t.Context(), time.Millisecond)
	defer cancel()
	if watch.Wait(soon) {
		t.Errorf("and then %v", watch.Read())
	}
}

func TestAWatchTellsWhenThereAreEvents(t *testing.T) {
	p, caller := asking(t)
	watch := p.NewWatch(caller.User, 0, filters.Set{})
	defer watch.Close()
	if ready, _, cancel := watch.Next(); ready != nil {
		cancel()
		t.Error("a watch for nothing waits for something")
	}
	if err := watch.Select(ami.ClassUser, filters.Set{}); err != nil {
		t.Fatal(err)
	}
	ready, _, cancel := watch.Next()
	defer cancel()
	select {
	case <-ready:
		t.Fatal("ready before anything happens")
	default:
	}
	if _, err := p.Ask(t.Context(), caller, ami.NewAction("UserEvent").Add("UserEvent", "one").Message()); err != nil {
		t.Fatal(err)
	}
	<-ready
	again, _, cancelAgain := watch.Next()
	defer cancelAgain()
	<-again
	if events := watch.Read(); len(events) != 1 || events[0].Get("UserEvent") != "one" {
		t.Errorf("got %v", events)
	}
}
