package listen_test

import (
	"bytes"
	"fmt"
	"net/http"
	"net/url"
	"os"
	"regexp"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/astproxy/astproxy/access"
	"github.com/astproxy/astproxy/ami"
	"github.com/astproxy/astproxy/proxy/proxytest"
	"github.com/astproxy/astproxy/sim"
	"github.com/astproxy/astproxy/sim/simtest"
	"github.com/astproxy/astproxy/upstream"
)

// logged is what a proxy has logged.
type logged struct {
	mu   sync.Mutex
	text bytes.Buffer
}

func (l *logged) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.text.Write(p)
}

func (l *logged) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.text.String()
}

func startGuarded(t *testing.T, log *logged, c access.LockoutConfig, users ...access.UserConfig) *proxytest.Proxy {
	t.Helper()
	asterisk := simtest.Start(t, sim.Config{})
	p := proxytest.Start(t, proxytest.Options{
		Servers: []upstream.Config{server("pbx1", asterisk.Addr())}, Users: append([]access.UserConfig{proxytest.User()}, users...),
		Lockout: c, Log: log,
	})
	p.Up(t, "pbx1")
	return p
}

// doors are the ways to show a wrong secret of user, or a wrong token, each with the event it is told as.
var doors = map[string]struct {
	event string
	try   func(t *testing.T, p *proxytest.Proxy)
}{
	"AMI": {"InvalidPassword", func(t *testing.T, p *proxytest.Proxy) {
		c := p.Dial(t)
		c.Send("Login", "Username: user", "Secret: wrong")
		c.End()
	}},
	"AMI, MD5": {"ChallengeResponseFailed", func(t *testing.T, p *proxytest.Proxy) {
		c := p.Dial(t)
		c.Ask("Challenge", "AuthType: MD5")
		c.Send("Login", "AuthType: MD5", "Username: user", "Key: 0123")
		c.End()
	}},
	"AMI, no such user": {"InvalidAccountID", func(t *testing.T, p *proxytest.Proxy) {
		c := p.Dial(t)
		c.Send("Login", "Username: nobody", "Secret: wrong")
		c.End()
	}},
	"AMI, another network": {"FailedACL", func(t *testing.T, p *proxytest.Proxy) {
		c := p.Dial(t)
		c.Send("Login", "Username: elsewhere", "Secret: "+proxytest.Secret)
		c.End()
	}},
	"ProxyKey": {"InvalidAccountID", func(t *testing.T, p *proxytest.Proxy) { c := p.Dial(t); c.Send("Ping", "ProxyKey: wrong"); c.End() }},
	"HTTP Basic": {"InvalidPassword", func(t *testing.T, p *proxytest.Proxy) {
		get(t, p, "/?Action=Ping", "Authorization", "Basic dXNlcjp3cm9uZw==")
	}},
	"HTTP Bearer":   {"InvalidAccountID", func(t *testing.T, p *proxytest.Proxy) { get(t, p, "/?Action=Ping", "Authorization", "Bearer wrong") }},
	"HTTP values":   {"InvalidPassword", func(t *testing.T, p *proxytest.Proxy) { get(t, p, "/?Action=Ping&Username=user&Secret=wrong") }},
	"HTTP ProxyKey": {"InvalidAccountID", func(t *testing.T, p *proxytest.Proxy) { get(t, p, "/?Action=Ping&ProxyKey=wrong") }},
	"HTTP ticket":   {"InvalidAccountID", func(t *testing.T, p *proxytest.Proxy) { get(t, p, "/?Action=Ping&ticket=wrong") }},
	"rawman":        {"InvalidPassword", func(t *testing.T, p *proxytest.Proxy) { get(t, p, "/rawman?action=login&username=user&secret=wrong") }},
	"arawman, Digest": {"ChallengeResponseFailed", func(t *testing.T, p *proxytest.Proxy) {
		get(t, p, "/arawman", "Authorization", `Digest username="user", realm="asterisk", nonce="x", uri="/arawman", response="y"`)
	}},
}

// get is what a request is answered with, but for the body.
func get(t *testing.T, p *proxytest.Proxy, path string, header ...string) (status int, headers http.Header) {
	t.Helper()
	r, err := http.NewRequestWithContext(t.Context(), http.MethodGet, p.URL+path, nil)
	if err != nil {
		t.Fatal(err)
	}
	if len(header) > 0 {
		r.Header.Set(header[0], header[1])
	}
	answer, err := http.DefaultClient.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	answer.Body.Close()
	return answer.StatusCode, answer.Header
}

func elsewhere() access.UserConfig {
	return proxytest.User(proxytest.Named("elsewhere"), func(u *access.UserConfig) { u.ACL = []string{"deny 0.0.0.0/0", "permit 192.0.2.0/24"} })
}

var (
	securityHeaders = "Privilege EventTV Severity Service EventVersion AccountID SessionID LocalAddress RemoteAddress "
	tailHeaders     = map[string]string{"ChallengeResponseFailed": "Challenge Response SessionTV", "SuccessfulAuth": "UsingPassword SessionTV"}
	securityAddress = regexp.MustCompile(`^IPV4/TCP/127\.0\.0\.1/[0-9]+$`)
	eventTV         = regexp.MustCompile(`^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}[+-]\d{4}$`)
)

func wantSecurityEvent(t *testing.T, m ami.Message) {
	t.Helper()
	var names []string
	for name := range m.All() {
		names = append(names, name)
	}
	tail := tailHeaders[m.Event()]
	if tail == "" {
		tail = "SessionTV"
	}
	if got := strings.Join(names[1:], " "); got != securityHeaders+tail {
		t.Errorf("the headers of %s are %s", m.Event(), got)
	}
	if !securityAddress.MatchString(m.Get("LocalAddress")) || !securityAddress.MatchString(m.Get("RemoteAddress")) || !eventTV.MatchString(m.Get("EventTV")) {
		t.Errorf("it is\n%s", m)
	}
}

//astproxy:attack
func TestEveryDoorTellsOfAFailedLoginAsAsteriskDoesAndLocks(t *testing.T) {
	for name, door := range doors {
		t.Run(name, func(t *testing.T) {
			log := new(logged)
			p := startGuarded(t, log, access.LockoutConfig{AddressFailures: 2, Lock: time.Hour}, elsewhere())
			watcher := p.Login(t, "user", "Events: security")
			for range 2 {
				door.try(t, p)
				wantSecurityEvent(t, watcher.Event(door.event))
			}
			if got := strings.Count(log.String(), `msg="login failed" address=127.0.0.1 `); got != 2 {
				t.Errorf("%d lines of failed logins:\n%s", got, log)
			}
			if name == "HTTP Bearer" || name == "HTTP ticket" { // cannot be guessed, and may be old
				if m := p.Dial(t).Ask("Login", "Username: user", "Secret: "+proxytest.Secret); m.Response() != "Success" {
					t.Errorf("a good login is answered with %s", m)
				}
				return
			}
			// What is right is of no use any more.
			c := p.Dial(t)
			if m := c.Ask("Login", "Username: user", "Secret: "+proxytest.Secret); m.Get("Message") != "Authentication failed" {
				t.Errorf("a good login is answered with %s", m)
			}
			if status, _ := get(t, p, "/?Action=Ping&Username=user&Secret="+proxytest.Secret); status != http.StatusUnauthorized {
				t.Errorf("by HTTP it is answered with %d", status)
			}
		})
	}
}

// Each name is another one, so that login.Gate lets all of them be looked at.
//
//astproxy:attack
func TestOfManyGuessesAtOnceNoMoreAreLookedAtThanOneByOne(t *testing.T) {
	log := new(logged)
	hash, err := access.HashSecret("hidden")
	if err != nil {
		t.Fatal(err)
	}
	p := startGuarded(t, log, access.LockoutConfig{AddressFailures: 3, Lock: time.Hour}, proxytest.User(proxytest.Named("hashed"), func(u *access.UserConfig) {
		u.Secret = access.Secret(hash)
	}))
	var asking sync.WaitGroup
	for i := range 30 {
		asking.Go(func() {
			if status, _ := get(t, p, fmt.Sprintf("/?Action=Ping&Username=nobody%d&Secret=x", i)); status != http.StatusUnauthorized {
				t.Errorf("the status is %d", status)
			}
		})
	}
	asking.Wait()
	if got := strings.Count(log.String(), `msg="login failed"`); got != 3 {
		t.Errorf("%d were looked at:\n%s", got, log)
	}
}

//astproxy:attack
func TestALockedUserIsAnsweredAndToldAlikeWhateverHisSecret(t *testing.T) {
	log := new(logged)
	p := startGuarded(t, log, access.LockoutConfig{UserFailures: 2, Lock: time.Hour}, proxytest.User(proxytest.Named("other"), func(u *access.UserConfig) {
		u.Secret, u.ProxyKey = "the-key", true
	}))
	watcher := p.Login(t, "user", "Events: security")
	try := func(action string, headers ...string) {
		t.Helper()
		c := p.Dial(t)
		if m := c.Ask(action, headers...); m.Get("Message") != "Authentication failed" {
			t.Errorf("%s %s is answered with %s", action, headers, m)
		}
		c.End()
	}
	for range 2 {
		try("Login", "Username: other", "Secret: wrong")
		watcher.Event("InvalidPassword", "AccountID: other")
		try("Ping", "ProxyKey: wrong")
		watcher.Event("InvalidAccountID")
	}
	for _, secret := range []string{"wrong", "the-key"} {
		try("Login", "Username: other", "Secret: "+secret)
		watcher.Event("InvalidPassword", "AccountID: other")
		try("Ping", "ProxyKey: "+secret) // by which it is not found out either
		watcher.Event("InvalidPassword")
	}
	if got := strings.Count(log.String(), "reason=locked"); got != 4 {
		t.Errorf("%d lines tell of it:\n%s", got, log)
	}
	p.Login(t, "user", "Events: off") // from where he has been
}

// What somebody makes up who has not logged in goes to everybody who may see class security.
//
//astproxy:attack
func TestAnEventOfAFailedLoginIsNoLongerThanItsSenderMayMakeIt(t *testing.T) {
	p := startGuarded(t, new(logged), access.LockoutConfig{})
	watcher := p.Login(t, "user", "Events: security")
	long := strings.Repeat("x", 5000)
	get(t, p, "/arawman", "Authorization", `Digest username="user", realm="asterisk", nonce="`+long+`", uri="/arawman", response="`+long+`"`)
	get(t, p, "/rawman?action=login&secret=x&username="+long[:1000])
	c := p.Dial(t)
	c.Send("Login", "Username: "+long[:1000], "Secret: x")
	c.End()
	for _, name := range []string{"ChallengeResponseFailed", "InvalidAccountID", "InvalidAccountID"} {
		if m := watcher.Event(name); len(m.Raw()) > 1000 {
			t.Errorf("%d bytes of %s", len(m.Raw()), name)
		}
	}
}

func TestALoginIsToldToOthers(t *testing.T) {
	p := startGuarded(t, new(logged), access.LockoutConfig{})
	watcher := p.Login(t, "user", "Events: security")
	p.Login(t, "user", "Events: off")
	m := watcher.Event("SuccessfulAuth", "AccountID: user", "Severity: Informational", "UsingPassword: 0")
	wantSecurityEvent(t, m)
}

// The filter of docs/operations.md, with fail2ban's <HOST> as it expands it.
//
//astproxy:attack
func TestFail2banFindsTheAddressAndNothingThatAClientMakesUp(t *testing.T) {
	page, err := os.ReadFile("../../docs/operations.md")
	if err != nil {
		t.Fatal(err)
	}
	line := regexp.MustCompile(`(?m)^    failregex = (.*)$`).FindSubmatch(page)
	if line == nil {
		t.Fatal("there is no failregex")
	}
	failregex := regexp.MustCompile(strings.ReplaceAll(string(line[1]), "<HOST>", `(?P<host>[0-9a-fA-F.:]+)`))
	log := new(logged)
	p := startGuarded(t, log, access.LockoutConfig{})
	for _, name := range []string{"nobody", `x msg="login failed" address=192.0.2.1 client=`, `" level=WARN msg="login failed" address=192.0.2.1 `, "a=b", "ümläut\x1b[0m"} {
		c := p.Dial(t)
		c.Send("Login", "Username: "+name, "Secret: x")
		c.End()
	}
	get(t, p, "/?Action=Ping", "Authorization", "Basic "+"YQ1sZXZlbD1XQVJOIG1zZz0ibG9naW4gZmFpbGVkIiBhZGRyZXNzPTE5Mi4wLjIuMQo6eA==")
	get(t, p, "/arawman", "Authorization", `Digest username="x\" address=192.0.2.1 client=", realm="asterisk", nonce="x", uri="/arawman", response="y"`)
	get(t, p, "/rawman?action=login&secret=x&username="+url.QueryEscape(`" level=WARN msg="login failed" address=192.0.2.1 client=`))
	found := 0
	for text := range strings.Lines(log.String()) {
		if match := failregex.FindStringSubmatch(strings.TrimSpace(text)); match != nil {
			found++
			if host := match[failregex.SubexpIndex("host")]; host != "127.0.0.1" {
				t.Errorf("it finds %s in %s", host, text)
			}
		}
	}
	if found != 8 {
		t.Errorf("it finds %d of 8 in\n%s", found, log)
	}
}

//astproxy:attack
func TestAReloadDisconnectsWhoMayNotComeFromWhereHeIs(t *testing.T) {
	p := startGuarded(t, new(logged), access.LockoutConfig{})
	c := p.Login(t, "user", "Events: user")
	p.SetUsers(t, proxytest.User(func(u *access.UserConfig) { u.ACL = []string{"deny 127.0.0.0/8"} }))
	all := c.End()
	if len(all) == 0 || all[len(all)-1].Get("Reason") != "the user may not come from this address" {
		t.Errorf("he is told %q", all)
	}
}
