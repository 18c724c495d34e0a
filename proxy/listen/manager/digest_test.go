package manager_test

import (
	"crypto/md5"
	"encoding/hex"
	"fmt"
	"net/http/httptest"
	"os/exec"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/astproxy/astproxy/proxy/listen/manager"
	"github.com/astproxy/astproxy/proxy/proxytest"
)

func md5Of(parts ...string) string {
	sum := md5.Sum([]byte(strings.Join(parts, ":")))
	return hex.EncodeToString(sum[:])
}

// digest is a client's side of Digest (RFC 2617).
type digest struct {
	user, secret string
	nonce        string
	count        int
}

func newDigest(nonce string) *digest {
	return &digest{user: "user", secret: proxytest.Secret, nonce: nonce}
}

// authorize is the header Authorization of the next request.
func (d *digest) authorize(method, target string) string {
	d.count++
	count := fmt.Sprintf("%08x", d.count)
	response := md5Of(md5Of(d.user, "asterisk", d.secret), d.nonce, count, "c1", "auth", md5Of(method, target))
	return fmt.Sprintf(`Digest username="%s", realm="asterisk", nonce="%s", uri="%s", qop=auth, nc=%s, cnonce="c1", response="%s", opaque="%s", algorithm=MD5`,
		d.user, d.nonce, target, count, response, d.nonce)
}

var challenged = regexp.MustCompile(`^Digest algorithm=MD5, realm="asterisk", nonce="([0-9a-f]+)", qop="auth", opaque="([0-9a-f]+)"(, stale=true)?$`)

// askedFor is the nonce of a header WWW-authenticate, and whether the old one was stale.
func askedFor(t *testing.T, challenge string) (nonce string, stale bool) {
	t.Helper()
	m := challenged.FindStringSubmatch(challenge)
	if m == nil || m[1] != m[2] {
		t.Fatalf("%q asks for no login", challenge)
	}
	return m[1], m[3] != ""
}

func TestDigestAsksForALoginAsAsteriskDoes(t *testing.T) {
	p := start(t)
	a := newProgram(t, p).get("/arawman", "action", "ping")
	askedFor(t, a.header("WWW-authenticate"))
	if a.status != "HTTP/1.1 401 Unauthorized" || a.header("Content-type") != "text/html" || a.header("Set-Cookie") != "" {
		t.Errorf("got %+v", a)
	}
	want := "<!DOCTYPE HTML PUBLIC \"-//IETF//DTD HTML 2.0//EN\">\r\n<html><head>\r\n<title>401 Unauthorized</title>\r\n</head><body>\r\n" +
		"<h1>Unauthorized</h1>\r\n<p></p>\r\n<hr />\r\n<address>" + a.header("Server") + "</address>\r\n</body></html>\r\n"
	if a.body != want {
		t.Errorf("got\n%s\nwant\n%s", a.body, want)
	}
}

func TestDigestLogsInForEveryRequest(t *testing.T) {
	p := start(t)
	c := newProgram(t, p)
	nonce, _ := askedFor(t, c.get("/amxml").header("WWW-authenticate"))
	d := newDigest(nonce)
	for path, want := range map[string]string{
		"/arawman":  "Response: Success\r\nActionID: 1\r\nMessage: Already authenticated\r\n\r\n",
		"/amxml":    "<ajax-response>\n<response type='object' id='unknown'><generic response='Success' actionid='1' message='Already authenticated' /></response>\n</ajax-response>\n",
		"/amanager": "<tr><td>Message</td><td>Already authenticated</td></tr>\n<tr><td colspan=\"2\"><hr></td></tr>\r\n</table></form></body></html>\r\n",
	} {
		target := path + "?action=login&actionid=1"
		a := c.do("GET", target, "", "Authorization: "+d.authorize("GET", target))
		if !strings.HasSuffix(a.body, want) || a.header("Set-Cookie")+a.header("Pragma") != "" {
			t.Errorf("%s: got %+v", path, a)
		}
	}
	a := c.do("POST", "/arawman", "action=ping&actionid=2", "Authorization: "+d.authorize("POST", "/arawman"), "Content-Type: application/x-www-form-urlencoded")
	if !strings.HasPrefix(a.body, "Response: Success\r\nActionID: 2\r\nPing: Pong\r\n") {
		t.Errorf("a POST: %+v", a)
	}
}

func TestADigestSessionsEventsBeginWithItsFirstWaitEvent(t *testing.T) {
	p := start(t)
	c := newProgram(t, p)
	nonce, _ := askedFor(t, c.get("/arawman").header("WWW-authenticate"))
	d := newDigest(nonce)
	ask := func(parameters ...string) string {
		t.Helper()
		target := "/arawman?" + query(parameters...)
		return c.do("GET", target, "", "Authorization: "+d.authorize("GET", target)).body
	}
	wait := []string{"action", "waitevent", "actionid", "7", "timeout", "0"}
	ask("action", "userevent", "userevent", "one")
	p.Settle(t)
	wantWaited(t, ask(wait...))
	ask("action", "userevent", "userevent", "two")
	p.Settle(t)
	wantWaited(t, ask(wait...), userEvent("two"))
	if got := ask("action", "logoff"); !strings.HasPrefix(got, "Response: Goodbye\r\n") {
		t.Errorf("got %q", got)
	}
	ask("action", "userevent", "userevent", "three")
	p.Settle(t)
	wantWaited(t, ask(wait...)) // another session
	ask("action", "userevent", "userevent", "four")
	p.Settle(t)
	wantWaited(t, ask(wait...), userEvent("four"))
}

// asked is the header that asks for a login, spelled as Asterisk spells it.
func asked(w *httptest.ResponseRecorder) (challenge string) {
	for name, values := range w.Header() {
		if name == "WWW-authenticate" {
			challenge = values[0]
		}
	}
	return challenge
}

// digestOf is a digest with a nonce of a bare handler's.
func digestOf(t *testing.T, b *bare) *digest {
	t.Helper()
	nonce, stale := askedFor(t, asked(b.ask("/arawman")))
	if stale {
		t.Error("nobody had a nonce before")
	}
	return newDigest(nonce)
}

const pingTarget = "/arawman?action=ping"

//astproxy:attack
func TestARequestThatIsSentAgainRunsNothing(t *testing.T) {
	b := startBare(t)
	d := digestOf(t, b)
	first := d.authorize("GET", pingTarget)
	second := d.authorize("GET", pingTarget)
	for _, each := range []struct {
		what, authorization string
		runs                bool
	}{
		{"the second of two", second, true},
		{"the second again", second, false},
		{"the first, late", first, false},
	} {
		w := b.ask(pingTarget, "Authorization", each.authorization)
		if got := strings.Contains(w.Body.String(), "Pong"); got != each.runs {
			t.Errorf("%s: %d %s", each.what, w.Code, w.Body)
		}
		if !each.runs {
			if _, stale := askedFor(t, asked(w)); !stale {
				t.Errorf("%s: a client would ask for its secret again", each.what)
			}
		}
	}
}

func TestTheSessionGoesOnWithTheNewNonce(t *testing.T) {
	b := startBare(t)
	d := digestOf(t, b)
	waiting := "/arawman?action=waitevent&timeout=0&actionid=7"
	b.ask(waiting, "Authorization", d.authorize("GET", waiting))
	say(t, b.proxy, logIn(t, b.proxy, "user"), "one")
	b.clock.forward(manager.NonceLife - time.Second)
	if w := b.ask(pingTarget, "Authorization", d.authorize("GET", pingTarget)); w.Code != 200 {
		t.Fatalf("a nonce ends before its time: %d", w.Code)
	}
	b.clock.forward(2 * time.Second)
	w := b.ask(waiting, "Authorization", d.authorize("GET", waiting))
	if w.Code != 401 {
		t.Fatalf("a nonce is good when its time is over: %d", w.Code)
	}
	again := b.ask(waiting, "Authorization", d.authorize("GET", waiting))
	next, stale := askedFor(t, asked(w))
	if same, _ := askedFor(t, asked(again)); !stale || same != next {
		t.Errorf("stale %t; the old nonce leads to two new ones", stale)
	}
	d = newDigest(next)
	if w := b.ask(waiting, "Authorization", d.authorize("GET", waiting)); !strings.Contains(w.Body.String(), userEvent("one")) {
		t.Errorf("the session is another: %s", w.Body)
	}
	b.clock.forward(2 * manager.NonceLife)
	b.Sweep()
	if sessions, nonces := b.Sessions(); sessions+nonces != 0 {
		t.Errorf("%d sessions and %d nonces are kept for nobody", sessions, nonces)
	}
}

//astproxy:attack
func TestLogoffDoesNotMakeAUsedNonceNew(t *testing.T) {
	b := startBare(t)
	d := digestOf(t, b)
	first := d.authorize("GET", pingTarget)
	b.ask(pingTarget, "Authorization", first)
	logoff := "/arawman?action=logoff"
	b.ask(logoff, "Authorization", d.authorize("GET", logoff))
	if w := b.ask(pingTarget, "Authorization", first); w.Code != 401 {
		t.Errorf("it ran again: %s", w.Body)
	}
	if w := b.ask(pingTarget, "Authorization", d.authorize("GET", pingTarget)); w.Code != 200 {
		t.Errorf("the next, which is new: %d", w.Code)
	}
}

func TestADigestWithoutProtectionIsGoodForOneRequestEach(t *testing.T) {
	b := startBare(t)
	d := digestOf(t, b)
	old := fmt.Sprintf(`Digest username="user", realm="asterisk", nonce="%s", uri="%s", response="%s"`,
		d.nonce, pingTarget, md5Of(md5Of("user", "asterisk", proxytest.Secret), d.nonce, md5Of("GET", pingTarget)))
	if w := b.ask(pingTarget, "Authorization", old); w.Code != 200 {
		t.Errorf("got %d", w.Code)
	}
	if w := b.ask(pingTarget, "Authorization", old); w.Code != 401 {
		t.Errorf("and again: %s", w.Body)
	}
}

//astproxy:attack
func TestAWrongDigestLetsNobodyIn(t *testing.T) {
	b := startBare(t)
	good := func() *digest { return digestOf(t, b) }
	elsewhere := startBare(t)
	for what, each := range map[string]struct {
		authorization string
		status        int
		stale         bool
	}{
		"a wrong secret":                {(&digest{user: "user", secret: "wrong", nonce: good().nonce}).authorize("GET", pingTarget), 401, false},
		"nobody":                        {(&digest{user: "nobody", secret: proxytest.Secret, nonce: good().nonce}).authorize("GET", pingTarget), 401, false},
		"another method":                {good().authorize("POST", pingTarget), 401, false},
		"another address":               {good().authorize("GET", "/arawman?action=logoff"), 400, false},
		"a nonce of nobody's":           {newDigest("60badbf4").authorize("GET", pingTarget), 401, true},
		"another proxy's nonce":         {digestOf(t, elsewhere).authorize("GET", pingTarget), 401, true},
		"a nonce with another time":     {newDigest("7"+good().nonce[1:]).authorize("GET", pingTarget), 401, true},
		"another scheme":                {"Basic dXNlcjpodW50ZXIy", 401, false},
		"nothing":                       {"Digest ", 401, false},
		"an open quote":                 {`Digest username="user`, 401, false},
		"a parameter twice":             {good().authorize("GET", pingTarget) + `, username="user"`, 401, false},
		"a parameter without value":     {good().authorize("GET", pingTarget) + `, x`, 401, false},
		"another algorithm":             {strings.Replace(good().authorize("GET", pingTarget), "=MD5", "=SHA-256", 1), 401, false},
		"another protection":            {strings.Replace(good().authorize("GET", pingTarget), "qop=auth", "qop=auth-int", 1), 401, false},
		"a count that is no number":     {strings.Replace(good().authorize("GET", pingTarget), "nc=0", "nc=x", 1), 401, false},
		"a protection without a cnonce": {strings.Replace(good().authorize("GET", pingTarget), `cnonce="c1"`, `x="c1"`, 1), 401, false},
	} {
		w := b.ask(pingTarget, "Authorization", each.authorization)
		if w.Code != each.status || strings.Contains(w.Body.String(), "Pong") {
			t.Errorf("%s: %d %s", what, w.Code, w.Body)
		}
		if w.Code == 401 {
			if _, stale := askedFor(t, asked(w)); stale != each.stale {
				t.Errorf("%s: stale %t", what, stale)
			}
		}
	}
	if sessions, nonces := b.Sessions(); sessions+nonces != 0 {
		t.Errorf("they have made %d sessions and %d nonces", sessions, nonces)
	}
}

//astproxy:attack
func TestAnotherUsersNonceIsNotHisSession(t *testing.T) {
	b := startBare(t)
	d := digestOf(t, b)
	b.ask(pingTarget, "Authorization", d.authorize("GET", pingTarget))
	d.user = "limited"
	if w := b.ask(pingTarget, "Authorization", d.authorize("GET", pingTarget)); w.Code != 401 {
		t.Errorf("got %s", w.Body)
	}
}

func TestADigestSessionTooManyMakesRoomForItself(t *testing.T) {
	b := startBare(t)
	for range manager.MaxUserSessions + 5 {
		if w := b.ask(pingTarget, "Authorization", digestOf(t, b).authorize("GET", pingTarget)); w.Code != 200 {
			t.Fatalf("got %d", w.Code)
		}
	}
	if n, _ := b.Sessions(); n != manager.MaxUserSessions {
		t.Errorf("there are %d", n)
	}
}

func TestCurlLogsInByDigest(t *testing.T) {
	curl, err := exec.LookPath("curl")
	if err != nil {
		t.Skip("there is no curl: apt-get install curl")
	}
	p := start(t)
	output, err := exec.CommandContext(t.Context(), curl, "-s", "--digest", "-u", "user:"+proxytest.Secret,
		p.URL+"/arawman?action=ping&actionid=1", p.URL+"/amxml?action=coreshowchannels", "-d", "action=ping&actionid=2", p.URL+"/arawman").CombinedOutput()
	if err != nil {
		t.Fatalf("%v: %s", err, output)
	}
	if !strings.Contains(string(output), "ActionID: 2\r\nPing: Pong\r\n") {
		t.Errorf("got %s", output)
	}
	output, err = exec.CommandContext(t.Context(), curl, "-s", "--digest", "-u", "user:wrong", "-o", "/dev/null", "-w", "%{http_code}", p.URL+"/arawman?action=ping").Output()
	if err != nil || string(output) != "401" {
		t.Errorf("a wrong secret: %v, %s", err, output)
	}
}
