package manager_test

import (
	"crypto/md5"
	"encoding/hex"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/http/httptest"
	"regexp"
	"runtime"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/astproxy/astproxy/proxy/listen/login"
	"github.com/astproxy/astproxy/proxy/listen/manager"
	"github.com/astproxy/astproxy/proxy/proxytest"
)

// clock is time that a test turns on.
type clock struct {
	mu  sync.Mutex
	now time.Time
}

func (c *clock) read() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.now
}

func (c *clock) forward(by time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.now = c.now.Add(by)
}

// bare is a Handler with a clock of the test's, which is asked without a network.
type bare struct {
	*manager.Handler
	clock *clock
	proxy *proxytest.Proxy
	mux   *http.ServeMux
}

func startBare(t *testing.T) *bare {
	t.Helper()
	return startBareWithLog(t, t.Output())
}

func startBareWithLog(t *testing.T, output io.Writer) *bare {
	t.Helper()
	p := startWithLog(t, output)
	log := slog.New(slog.NewTextHandler(output, nil))
	b := &bare{
		Handler: manager.New(p.Proxy, login.New(p.Proxy, []string{"https://panel.example.org"}, log), log),
		clock:   &clock{now: time.Now()}, proxy: p, mux: http.NewServeMux(),
	}
	b.SetClock(b.clock.read)
	b.Route(b.mux)
	t.Cleanup(b.Close)
	return b
}

// program is one that asks it over a network.
func (b *bare) program(t *testing.T) *program {
	t.Helper()
	server := httptest.NewServer(b.mux)
	t.Cleanup(server.Close)
	return &program{t: t, address: server.Listener.Addr().String()}
}

// waiting sends a WaitEvent for c, and returns when it waits.
func (b *bare) waiting(c *program, path string, parameters ...string) net.Conn {
	c.t.Helper()
	before := b.Waiter()
	conn := c.send("GET", path+"?"+query(append([]string{"action", "waitevent", "actionid", "7"}, parameters...)...), "")
	c.t.Cleanup(func() { conn.Close() })
	for now := b.Waiter(); now == nil || now == before; now = b.Waiter() {
		if c.t.Context().Err() != nil {
			c.t.Fatal("it does not wait")
		}
		runtime.Gosched()
	}
	return conn
}

// ask sends a GET with headers, given as names and values.
func (b *bare) ask(target string, headers ...string) *httptest.ResponseRecorder {
	r := httptest.NewRequest(http.MethodGet, target, nil)
	for i := 0; i < len(headers); i += 2 {
		r.Header.Add(headers[i], headers[i+1])
	}
	w := httptest.NewRecorder()
	b.mux.ServeHTTP(w, r)
	return w
}

// logIn is the cookie of a new session.
func (b *bare) logIn(t *testing.T, user string) string {
	t.Helper()
	// Not the events of class security, of which one tells of this very login: it may come before or behind the session.
	w := b.ask("/rawman?action=login&events=user&username=" + user + "&secret=" + proxytest.Secret)
	if !strings.Contains(w.Body.String(), "Authentication accepted") {
		t.Fatalf("login: %s", w.Body)
	}
	cookie, _, _ := strings.Cut(w.Header().Get("Set-Cookie"), ";")
	return cookie
}

// open tells whether a session is.
func (b *bare) open(cookie string) bool {
	return strings.Contains(b.ask("/rawman?action=ping", "Cookie", cookie).Body.String(), "Ping: Pong")
}

// wantWatches waits until so many read events: the client that saw the proxy come up may be there for a
// moment still.
func (b *bare) wantWatches(t *testing.T, want int) {
	t.Helper()
	got := -1
	for deadline := time.Now().Add(proxytest.Patience); got != want; runtime.Gosched() {
		if time.Now().After(deadline) {
			t.Fatalf("%d read events, want %d", got, want)
		}
		got = 0
		for _, view := range b.proxy.Feed().Stats().Views {
			got += view.Cursors
		}
	}
}

func TestASessionLastsAMinuteFromItsLastRequest(t *testing.T) {
	b := startBare(t)
	cookie := b.logIn(t, "user")
	for range 3 {
		b.clock.forward(manager.SessionTimeout - time.Second)
		b.Sweep()
		if !b.open(cookie) {
			t.Fatal("it ended before its time")
		}
	}
	b.clock.forward(manager.SessionTimeout + time.Second)
	if b.open(cookie) {
		t.Error("it is open when its time is over")
	}
	b.Sweep()
	b.wantWatches(t, 0)
}

func TestASessionThatHasNotLoggedInLastsFiveSeconds(t *testing.T) {
	b := startBare(t)
	cookie, _, _ := strings.Cut(b.ask("/rawman?action=challenge&authtype=md5").Header().Get("Set-Cookie"), ";")
	b.clock.forward(4 * time.Second)
	b.Sweep()
	if n, _ := b.Sessions(); n != 1 {
		t.Errorf("there are %d sessions after 4 seconds", n)
	}
	b.clock.forward(2 * time.Second)
	b.Sweep()
	if n, _ := b.Sessions(); n != 0 {
		t.Errorf("there are %d sessions after 6 seconds", n)
	}
	if got := b.ask("/rawman?action=ping", "Cookie", cookie).Header().Get("Set-Cookie"); strings.HasPrefix(got, cookie) {
		t.Error("a name that is over is taken over")
	}
}

//astproxy:attack
func TestWhoNeverLogsOffEndsHisOwnOldestSessionAndNobodyElses(t *testing.T) {
	b := startBare(t)
	others := b.logIn(t, "limited")
	first := b.logIn(t, "user")
	second := b.logIn(t, "user")
	b.clock.forward(time.Second)
	if !b.open(first) {
		t.Fatal("it is not open")
	}
	for range manager.MaxUserSessions - 1 {
		b.clock.forward(time.Millisecond)
		b.logIn(t, "user")
	}
	if b.open(second) || !b.open(first) || !b.open(others) {
		t.Errorf("open: the one unused longest %t, the one used %t, another user's %t", b.open(second), b.open(first), b.open(others))
	}
	b.wantWatches(t, manager.MaxUserSessions+1)
}

//astproxy:attack
func TestThoseWhoHaveNotLoggedInAreBounded(t *testing.T) {
	b := startBare(t)
	session := b.logIn(t, "user")
	for range manager.MaxUnauthenticated + 10 {
		b.ask("/rawman?action=ping")
	}
	if n, _ := b.Sessions(); n != manager.MaxUnauthenticated+1 {
		t.Errorf("there are %d sessions", n)
	}
	if !b.open(session) {
		t.Error("they have ended somebody's session")
	}
}

func TestLogoffEndsTheSession(t *testing.T) {
	p := start(t)
	c := logIn(t, p, "user")
	cookie := c.cookie
	if a := c.get("/rawman", "action", "logoff", "actionid", "4"); a.body != "Response: Goodbye\r\nActionID: 4\r\nMessage: Thanks for all the fish.\r\n\r\n" || c.cookie != cookie {
		t.Errorf("got %q", a)
	}
	if a := c.get("/rawman", "action", "ping", "actionid", "5"); a.body != "Response: Error\r\nActionID: 5\r\nMessage: Permission denied\r\n\r\n" || c.cookie == cookie {
		t.Errorf("got %q", a)
	}
}

func TestAFailedLoginEndsTheSession(t *testing.T) {
	p := start(t)
	c := newProgram(t, p)
	c.get("/rawman", "action", "challenge", "authtype", "MD5")
	cookie := c.cookie
	if a := c.get("/mxml", "action", "login", "username", "user", "secret", "wrong"); !strings.Contains(a.body, "<generic response='Error' message='Authentication failed' />") {
		t.Errorf("got %s", a.body)
	}
	if c.get("/rawman"); c.cookie == cookie {
		t.Error("the session goes on, and with it its challenge")
	}
}

func TestALoginByMD5AnswersTheSessionsChallenge(t *testing.T) {
	p := start(t)
	c := newProgram(t, p)
	if a := c.get("/rawman", "action", "challenge"); a.body != "Response: Error\r\nMessage: Must specify AuthType\r\n\r\n" {
		t.Errorf("got %q", a.body)
	}
	challenge := regexp.MustCompile(`^Response: Success\r\nActionID: 1\r\nChallenge: (\d+)\r\n\r\n$`).
		FindStringSubmatch(c.get("/rawman", "action", "challenge", "authtype", "md5", "actionid", "1").body)
	if challenge == nil {
		t.Fatal("there is no challenge")
	}
	key := md5.Sum([]byte(challenge[1] + proxytest.Secret))
	answering := []string{"action", "login", "authtype", "MD5", "username", "user", "key", hex.EncodeToString(key[:])}
	if a := newProgram(t, p).get("/rawman", answering...); !strings.Contains(a.body, "Authentication failed") {
		t.Errorf("without the session: %q", a.body)
	}
	cookie := c.cookie
	if a := c.get("/rawman", answering...); !strings.Contains(a.body, "Authentication accepted") {
		t.Errorf("got %q", a.body)
	}
	if c.cookie != cookie {
		t.Error("the session has another name, which a program does not expect")
	}
	if a := c.get("/rawman", "action", "login", "username", "user", "secret", "wrong"); !strings.Contains(a.body, "Already authenticated") {
		t.Errorf("and again: %q", a.body)
	}
}

//astproxy:attack
func TestASessionsNameCannotBeGuessedOrChosen(t *testing.T) {
	p := start(t)
	c := newProgram(t, p)
	seen := map[string]bool{}
	for _, chosen := range []string{"", `mansession_id="00000001"`, `mansession_id="` + strings.Repeat("a", 32) + `"`} {
		c.cookie = chosen
		c.get("/rawman", "action", "login", "username", "user", "secret", proxytest.Secret)
		if !regexp.MustCompile(`^mansession_id="[0-9a-f]{32}"$`).MatchString(c.cookie) || c.cookie == chosen || seen[c.cookie] {
			t.Errorf("%q becomes %q", chosen, c.cookie)
		}
		seen[c.cookie] = true
	}
}

func TestTheCookieIsFoundHoweverItIsWritten(t *testing.T) {
	p := start(t)
	c := logIn(t, p, "user")
	id := strings.Trim(strings.TrimPrefix(c.cookie, "mansession_id="), `"`)
	for _, cookie := range []string{
		`mansession_id="` + id + `"`,
		`mansession_id=` + id,
		`MANSESSION_ID=` + id,
		`$Version=1; mansession_id="` + id + `"; $Path="/"`,
		`other=1; mansession_id=0; mansession_id=` + id,
	} {
		c.cookie = cookie
		if a := c.get("/rawman", "action", "ping"); !strings.Contains(a.body, "Pong") {
			t.Errorf("%s: %q", cookie, a.body)
		}
	}
}

//astproxy:attack
func TestABrowserKeepsTheCookieToItselfAndGetsANewOneWithTheLogin(t *testing.T) {
	p := start(t)
	c := newProgram(t, p)
	c.agent = "Mozilla/5.0 (X11; Linux x86_64)"
	c.get("/manager")
	before := c.cookie
	a := c.post("/manager", "action", "login", "action", "", "command", "", "username", "user", "secret", proxytest.Secret)
	if !strings.Contains(a.body, "<tr><td>Message</td><td>Authentication accepted</td></tr>") {
		t.Fatalf("got %s", a.body)
	}
	if !strings.HasSuffix(a.header("Set-Cookie"), "; Version=1; Max-Age=60; SameSite=Strict") || c.cookie == before {
		t.Errorf("%q, which was %q", a.header("Set-Cookie"), before)
	}
	if a := c.get("/rawman", "action", "ping"); !strings.Contains(a.body, "Pong") {
		t.Errorf("got %q", a.body)
	}
	c.cookie = before
	if a := c.get("/rawman", "action", "ping"); !strings.Contains(a.body, "Permission denied") {
		t.Errorf("who knew the cookie before the login is let in: %q", a.body)
	}
}

func TestOnlyABrowserIsToldToKeepTheCookieToTLS(t *testing.T) {
	b := startBare(t)
	if got := b.ask("https://example.com/rawman", "User-Agent", "Mozilla/5.0").Header().Get("Set-Cookie"); !strings.HasSuffix(got, "; Version=1; Max-Age=60; SameSite=Strict; Secure") {
		t.Errorf("a browser: %q", got)
	}
	if got := b.ask("https://example.com/rawman").Header().Get("Set-Cookie"); !strings.HasSuffix(got, `"; Version=1; Max-Age=60`) {
		t.Errorf("a program: %q", got)
	}
}

func TestRequestsOfOneSessionRunSideBySide(t *testing.T) {
	p := start(t)
	c := logIn(t, p, "user")
	// It rings until the Hangup, for which nobody waits behind it.
	ringing := c.send("GET", "/rawman?"+query("action", "originate", "channel", "Local/2001@default",
		"application", "Wait", "data", "1", "timeout", "60000"), "")
	defer ringing.Close()
	for a := (answer{}); !strings.Contains(a.body, "Event: Newchannel\r\n"); {
		a = c.get("/rawman", "action", "waitevent")
	}
	if a := c.get("/rawman", "action", "ping"); !strings.Contains(a.body, "Pong") {
		t.Errorf("got %q", a.body)
	}
	c.get("/rawman", "action", "hangup", "channel", "/^Local/2001@default/")
	if a := c.receive(ringing, "GET"); !strings.HasPrefix(a.body, "Response: ") {
		t.Errorf("got %q", a.body)
	}
}

func TestTheRightsAreTheUsers(t *testing.T) {
	p := start(t)
	c := logIn(t, p, "limited")
	for _, action := range []string{"command", "filter"} {
		if a := c.get("/rawman", "action", action, "command", "core show uptime", "operation", "add", "filter", "x"); a.body != "Response: Error\r\nMessage: Permission denied\r\n\r\n" {
			t.Errorf("%s: %q", action, a.body)
		}
	}
}

func TestAServerIsChosenAsEverywhere(t *testing.T) {
	p := start(t)
	c := logIn(t, p, "user")
	if a := c.get("/rawman", "action", "ping", "server", "pbx1"); !strings.HasSuffix(a.body, "\r\nServer: pbx1\r\n\r\n") {
		t.Errorf("got %q", a.body)
	}
	if a := c.get("/rawman", "action", "ping", "server", "elsewhere"); !strings.HasPrefix(a.body, "Response: Error\r\n") {
		t.Errorf("got %q", a.body)
	}
}
