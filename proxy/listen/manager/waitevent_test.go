package manager_test

import (
	"context"
	"errors"
	"net/http"
	"net/http/httptest"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"github.com/astproxy/astproxy/proxy/feed"
	"github.com/astproxy/astproxy/proxy/listen/manager"
	"github.com/astproxy/astproxy/proxy/proxytest"
)

// say has Asterisk tell everybody a UserEvent, and returns when the proxy's clients have it.
func say(t *testing.T, p *proxytest.Proxy, c *program, events ...string) {
	t.Helper()
	for _, event := range events {
		if a := c.get("/rawman", "action", "userevent", "userevent", event); !strings.Contains(a.body, "Event Sent") {
			t.Fatalf("got %q", a.body)
		}
	}
	p.Settle(t)
}

// userEvent is one as a WaitEvent returns it.
func userEvent(name string) string {
	return "Event: UserEvent\r\nPrivilege: user,all\r\nUserEvent: " + name + "\r\nServer: pbx1\r\n\r\n"
}

// waited is a whole WaitEvent's answer.
func waited(events ...string) string {
	return "Response: Success\r\nActionID: 7\r\nMessage: Waiting for Event completed.\r\n\r\n" +
		strings.Join(events, "") + "Event: WaitEventComplete\r\nActionID: 7\r\n\r\n"
}

// wait is a WaitEvent, which is there by its own time only if nothing comes.
func (c *program) wait(timeout string) string {
	c.t.Helper()
	return c.get("/rawman", "action", "waitevent", "actionid", "7", "timeout", timeout).body
}

func wantWaited(t *testing.T, got string, events ...string) {
	t.Helper()
	if want := waited(events...); withoutLogins(got) != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
}

var loggedIn = regexp.MustCompile(`Event: SuccessfulAuth\r\n(.+\r\n)*\r\n`)

// withoutLogins leaves out that others have logged in, which a test does to see something.
func withoutLogins(text string) string { return loggedIn.ReplaceAllString(text, "") }

func TestWaitEventReturnsWhatCameSinceTheLoginAndThenSinceTheLastOne(t *testing.T) {
	p := start(t)
	c := logIn(t, p, "user", "events", "user")
	say(t, p, c, "one", "two")
	wantWaited(t, c.wait("0"), userEvent("one"), userEvent("two"))
	wantWaited(t, c.wait("0"))
	say(t, p, c, "three")
	wantWaited(t, c.wait("0"), userEvent("three"))
}

func TestWaitEventIsAnsweredWithTheEventItWaitsFor(t *testing.T) {
	b := startBare(t)
	c := b.program(t).logIn("user", "events", "user")
	for _, timeout := range []string{"30", "", "-1", "soon"} { // all but the first as long as the session lets
		waiting := b.waiting(c, "/rawman", "timeout", timeout)
		say(t, b.proxy, c, "now")
		wantWaited(t, c.receive(waiting, "GET").body, userEvent("now"))
	}
}

func TestWaitEventEndsByItsTimeout(t *testing.T) {
	p := start(t)
	c := logIn(t, p, "user", "events", "user")
	wantWaited(t, c.wait("1"))
}

func TestWaitEventEndsBeforeItsSessionWould(t *testing.T) {
	b := startBare(t)
	cookie := b.logIn(t, "user")
	b.clock.forward(manager.SessionTimeout) // what is left is less than the ten seconds before the end
	if w := b.ask("/rawman?action=waitevent&actionid=7", "Cookie", cookie); w.Body.String() != waited() {
		t.Errorf("got %s", w.Body)
	}
}

func TestASecondWaitEventEndsTheFirstWhichGetsNothing(t *testing.T) {
	b := startBare(t)
	c := b.program(t).logIn("user", "events", "user")
	for path, nothing := range map[string]string{
		"/rawman": "",
		"/mxml":   "<ajax-response>\n</ajax-response>\n",
	} {
		first := b.waiting(c, path)
		second := b.waiting(c, "/rawman")
		if a := c.receive(first, "GET"); a.status != "HTTP/1.1 200 OK" || a.body != nothing {
			t.Errorf("%s: got %+v", path, a)
		}
		say(t, b.proxy, c, "now")
		wantWaited(t, c.receive(second, "GET").body, userEvent("now"))
	}
}

func TestLogoffEndsAWaitEventWithWhatThereIs(t *testing.T) {
	b := startBare(t)
	c := b.program(t).logIn("user", "events", "user")
	waiting := b.waiting(c, "/rawman")
	c.get("/rawman", "action", "events", "eventmask", "call") // which does not end it
	c.get("/rawman", "action", "logoff")
	wantWaited(t, c.receive(waiting, "GET").body)
	b.wantWatches(t, 0)
}

func TestWhenTheDoorClosesWhoWaitsIsAnswered(t *testing.T) {
	b := startBare(t)
	c := b.program(t).logIn("user", "events", "user")
	waiting := b.waiting(c, "/rawman")
	b.Close()
	wantWaited(t, c.receive(waiting, "GET").body)
	b.wantWatches(t, 0)
	if a := c.get("/rawman", "action", "login", "username", "user", "secret", proxytest.Secret); !strings.HasPrefix(a.body, "Response: Error\r\n") {
		t.Errorf("somebody logs in afterwards: %q", a.body)
	}
}

func TestWhoHasGoneWhenTheEventsComeLosesNone(t *testing.T) {
	b := startBare(t)
	cookie := b.logIn(t, "user")
	say(t, b.proxy, logIn(t, b.proxy, "user"), "one")
	gone, cancel := context.WithCancel(t.Context())
	cancel()
	ended := make(chan error)
	go func() {
		defer func() {
			why, _ := recover().(error)
			ended <- why
		}()
		r := httptest.NewRequestWithContext(gone, http.MethodGet, "/rawman?action=waitevent", nil)
		r.Header.Set("Cookie", cookie)
		b.mux.ServeHTTP(httptest.NewRecorder(), r)
	}()
	if why := <-ended; !errors.Is(why, http.ErrAbortHandler) {
		t.Fatalf("it ended with %v", why)
	}
	if w := b.ask("/rawman?action=waitevent&actionid=7", "Cookie", cookie); !strings.Contains(w.Body.String(), userEvent("one")) {
		t.Errorf("got %s", w.Body)
	}
}

//astproxy:attack
func TestASessionSeesWhatItsUserMaySee(t *testing.T) {
	p := start(t)
	user, limited := logIn(t, p, "user"), logIn(t, p, "limited")
	user.get("/rawman", "action", "nosuchaction") // RequestBadFormat, of class security
	say(t, p, user, "for both")
	wantWaited(t, limited.wait("0"), userEvent("for both"))
	if got := withoutLogins(user.wait("0")); !strings.HasSuffix(got, userEvent("for both")+"Event: WaitEventComplete\r\nActionID: 7\r\n\r\n") {
		t.Errorf("got %s", got)
	}
}

func TestEventsChangesWhatASessionSees(t *testing.T) {
	p := start(t)
	c := logIn(t, p, "user", "events", "user")
	set := func(mask, want string) {
		t.Helper()
		if a := c.get("/rawman", "action", "events", "eventmask", mask, "actionid", "8"); a.body != "Response: "+want {
			t.Errorf("Events %q: %q", mask, a.body)
		}
	}
	say(t, p, c, "one")
	set("", "Error\r\nActionID: 8\r\nMessage: Invalid event mask\r\n\r\n")
	set("call", "Success\r\nActionID: 8\r\nEvents: On\r\n\r\n") // what is unread, too
	say(t, p, c, "two")
	set("user", "Success\r\nActionID: 8\r\nEvents: On\r\n\r\n")
	say(t, p, c, "three")
	wantWaited(t, c.wait("0"), userEvent("three"))

	say(t, p, c, "four")
	set("off", "Success\r\nActionID: 8\r\nEvents: Off\r\n\r\n")
	say(t, p, c, "five")
	// As with Asterisk it is WaitEvent that makes all of nothing.
	wantWaited(t, c.wait("0"), userEvent("four"))
	say(t, p, c, "six")
	wantWaited(t, c.wait("0"), userEvent("six"))
}

func TestEventsChangesWhatAWaitEventWaitsFor(t *testing.T) {
	b := startBare(t)
	c := b.program(t).logIn("user", "events", "call")
	waiting := b.waiting(c, "/rawman")
	c.get("/rawman", "action", "events", "eventmask", "user")
	say(t, b.proxy, c, "now")
	wantWaited(t, c.receive(waiting, "GET").body, userEvent("now"))
}

func TestFilterNarrowsWhatASessionSees(t *testing.T) {
	p := start(t)
	c := logIn(t, p, "user", "events", "user")
	say(t, p, c, "one", "two")
	for filter, want := range map[string]string{
		"UserEvent: two": "Response: Success\r\nMessage: Success\r\n\r\n",
		"[":              "Response: Error\r\nMessage: Filter did not compile.  Check the syntax of the filter given.\r\n\r\n",
	} {
		if a := c.get("/rawman", "action", "filter", "operation", "add", "filter", filter); a.body != want {
			t.Errorf("%s: %q", filter, a.body)
		}
	}
	say(t, p, c, "three", "two")
	wantWaited(t, c.wait("0"), userEvent("two"), userEvent("two"))
}

func TestUnreadEventsAreBoundedAndTheirLossIsTold(t *testing.T) {
	p := start(t)
	c := logIn(t, p, "user", "events", "user")
	load := strings.Repeat("x", 1000)
	for sent := 0; sent < 2*manager.MaxUnread; sent += len(load) {
		c.post("/rawman", "action", "userevent", "userevent", "much", "load", load)
		if sent/len(load)%500 == 499 {
			p.Settle(t)
			c.get("/rawman", "action", "events", "eventmask", "user")
		}
	}
	p.Settle(t)
	var gaps, whole int
	for got := c.wait("0"); got != waited(); got = c.wait("0") {
		for _, missed := range regexp.MustCompile(`Event: ProxyGap\r\nMissed: (\d+)\r\nReason: `+feed.GapTooSlow).FindAllStringSubmatch(got, -1) {
			n, _ := strconv.Atoi(missed[1])
			gaps += n
		}
		whole += strings.Count(got, "Event: UserEvent\r\n")
	}
	if sent := (2*manager.MaxUnread + len(load) - 1) / len(load); gaps == 0 || whole == 0 || gaps+whole != sent {
		t.Errorf("of %d events %d came, and %d are told to be missing", sent, whole, gaps)
	}
}
