package manager_test

import (
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"sync"
	"testing"

	"github.com/astproxy/astproxy/proxy/proxytest"
)

//astproxy:attack
func TestBadInputIsRefusedAndSendsNothing(t *testing.T) {
	p := start(t)
	witness := p.Login(t, "user", "Events: user")
	c := logIn(t, p, "user", "events", "off")
	form := "Content-Type: application/x-www-form-urlencoded"
	for what, each := range map[string]struct {
		method, query, body, status string
	}{
		"a line end in a value":       {"GET", "action=userevent&userevent=x%0d%0aAction:%20Ping", "", "400 Bad Request"},
		"a line feed in a value":      {"GET", "action=userevent&userevent=x%0ay", "", "400 Bad Request"},
		"a carriage return":           {"GET", "action=userevent&userevent=x%0dy", "", "400 Bad Request"},
		"a NUL":                       {"GET", "action=userevent&userevent=x%00y", "", "400 Bad Request"},
		"a line end in a name":        {"GET", "action=userevent&userevent=x&a%0d%0ab=1", "", "400 Bad Request"},
		"a colon in a name":           {"GET", "action=userevent&userevent=x&a:b=1", "", "400 Bad Request"},
		"a parameter without a name":  {"GET", "action=userevent&userevent=x&=1", "", "400 Bad Request"},
		"half an escape":              {"GET", "action=userevent&userevent=%4", "", "400 Bad Request"},
		"what is no UTF-8":            {"GET", "action=userevent&userevent=%ff", "", "400 Bad Request"},
		"a value too long for a line": {"GET", "action=userevent&userevent=" + strings.Repeat("x", 1100), "", "400 Bad Request"},
		"a thousand parameters":       {"GET", "action=userevent&userevent=x" + strings.Repeat("&a=1", 1000), "", "400 Bad Request"},
		"a line end in a body":        {"POST", "", "action=userevent&userevent=x%0d%0ay", "400 Bad Request"},
		"a body too long":             {"POST", "", "action=userevent&userevent=x" + strings.Repeat("&a=1", 12_000), "413 Request Entity Too Large"},
		"another method":              {"PUT", "action=userevent&userevent=x", "", "501 Not Implemented"},
	} {
		a := c.do(each.method, "/rawman?"+each.query, each.body, form)
		if a.status != "HTTP/1.1 "+each.status || a.header("Content-type") != "text/html" || !strings.Contains(a.body, "<h1>") {
			t.Errorf("%s: %+v", what, a)
		}
	}
	// Only one of them would have been an event.
	c.get("/rawman", "action", "userevent", "userevent", "last")
	if got := witness.Event("UserEvent"); got.Get("UserEvent") != "last" {
		t.Errorf("it was sent: %s", got)
	}
}

//astproxy:attack
func TestWhatIsRefusedIsNotRepeatedUnescaped(t *testing.T) {
	p := start(t)
	const script = "<script>alert('1')</script>"
	if a := newProgram(t, p).get("/manager", script+"\n", "1"); strings.Contains(a.body, "<script>") || !strings.Contains(a.body, "400 Bad Request") {
		t.Errorf("got %s", a.body)
	}
	c := logIn(t, p, "user")
	for path, want := range map[string]string{
		"/manager": "Invalid/unknown command: &lt;script&gt;alert(&apos;1&apos;)&lt;/script&gt;. Use",
		"/mxml":    "Invalid/unknown command: &lt;script&gt;alert(&apos;1&apos;)&lt;/script&gt;. Use",
	} {
		if a := c.get(path, "action", script, "ajaxdest", script, "ajaxobjtype", script); strings.Contains(a.body, "<script>") || !strings.Contains(a.body, want) {
			t.Errorf("%s: %s", path, a.body)
		}
	}
}

func TestParametersAreReadAsAsteriskReadsThem(t *testing.T) {
	p := start(t)
	c := logIn(t, p, "user")
	for what, each := range map[string]struct {
		request func() answer
		want    string
	}{
		"none":                     {func() answer { return c.get("/rawman") }, "Message: Missing action in request"},
		"an empty action":          {func() answer { return c.get("/rawman", "action", "") }, "Message: Missing action in request"},
		"an empty one and another": {func() answer { return c.get("/rawman", "action", "", "Action", "Ping") }, "Ping: Pong"},
		"a name alone":             {func() answer { return c.do("GET", "/rawman?action=ping&flag", "") }, "Ping: Pong"},
		"a POST's query":           {func() answer { return c.do("POST", "/rawman?action=ping", "") }, "Message: Missing action in request"},
		"a body that is no form":   {func() answer { return c.do("POST", "/rawman", "{}", "Content-Type: application/json") }, "Message: Missing action in request"},
		"a type with a character set": {func() answer {
			return c.do("POST", "/rawman", "action=ping", "Content-Type: application/x-www-form-urlencoded; charset=utf-8")
		}, "Ping: Pong"},
		"an action of the proxy's own": {func() answer { return c.get("/rawman", "proxyaction", "listservers") }, "ProxyListServer I: pbx1"},
		"a slash behind":               {func() answer { return c.get("/rawman/", "action", "ping") }, "Ping: Pong"},
		"Asterisk's old prefix":        {func() answer { return c.get("/asterisk/rawman", "action", "ping") }, "Ping: Pong"},
		"a plus":                       {func() answer { return c.do("GET", "/rawman?action=command&command=core+show+uptime", "") }, "Output: System uptime"},
		"whom to call it":              {func() answer { return c.get("/mxml", "action", "ping", "ajaxdest", "box", "ajaxobjtype", "pong") }, "<response type='object' id='box'><pong response='Success'"},
	} {
		if a := each.request(); !strings.Contains(a.body, each.want) {
			t.Errorf("%s: %+v", what, a)
		}
	}
	if a := c.do("HEAD", "/rawman?action=ping", ""); a.status != "HTTP/1.1 200 OK" || a.header("Content-type") != "text/plain" {
		t.Errorf("HEAD: %+v", a)
	}
}

//astproxy:attack
func TestAPageOfAnotherSiteStartsNothingWithABrowsersLogin(t *testing.T) {
	b := startBare(t)
	cookie := b.logIn(t, "user")
	witness := b.proxy.Login(t, "user", "Events: user")
	for what, each := range map[string]struct {
		headers []string
		runs    bool
	}{
		"a script":            {nil, true},
		"a typed address":     {[]string{"Sec-Fetch-Site", "none"}, true},
		"the door's own page": {[]string{"Sec-Fetch-Site", "same-origin", "Origin", "http://example.com"}, true}, // httptest's host
		"a page let in":       {[]string{"Sec-Fetch-Site", "cross-site", "Origin", "https://panel.example.org"}, true},
		"another site":        {[]string{"Sec-Fetch-Site", "cross-site"}, false},
		"a site next door":    {[]string{"Sec-Fetch-Site", "same-site"}, false},
		"another origin":      {[]string{"Origin", "https://evil.example.net"}, false},
		"no origin":           {[]string{"Origin", "null"}, false},
		"our form, untold":    {[]string{"Origin", "null", "Sec-Fetch-Site", "same-origin"}, true},
	} {
		name := url.QueryEscape(what)
		target := "/rawman?action=userevent&userevent=" + name
		digestTarget := "/arawman?action=userevent&userevent=" + name
		for _, headers := range [][]string{
			{target, "Cookie", cookie},
			{digestTarget, "Authorization", digestOf(t, b).authorize(http.MethodGet, digestTarget)},
		} {
			w := b.ask(headers[0], append(each.headers, headers[1:]...)...)
			if each.runs {
				if got := witness.Event("UserEvent"); w.Code != 200 || got.Get("UserEvent") != what {
					t.Errorf("%s: %d %s", what, w.Code, got)
				}
				continue
			}
			if w.Code != http.StatusForbidden || w.Header().Get("Set-Cookie") != "" {
				t.Errorf("%s: %d %v", what, w.Code, w.Header())
			}
		}
	}
	if !b.open(cookie) {
		t.Error("the session has ended")
	}
}

// output is a log that several goroutines write.
type output struct {
	mu   sync.Mutex
	text strings.Builder
}

// Write implements io.Writer.
func (o *output) Write(p []byte) (int, error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.text.Write(p)
}

func (o *output) String() string {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.text.String()
}

// By http:// to another machine a browser says nothing of a GET if the page told it not to. It has
// SameSite for the cookie, and for a Digest nothing.
//
//astproxy:attack
func TestABrowserThatDoesNotSayWhereItAsksStartsNothingByDigest(t *testing.T) {
	b := startBare(t)
	const agent = "Mozilla/5.0 (X11; Linux x86_64; rv:128.0) Gecko/20100101 Firefox/128.0"
	for target, want := range map[string]int{"/amanager?action=ping": http.StatusForbidden, "/amanager": http.StatusOK} {
		w := b.ask(target, "User-Agent", agent, "Authorization", digestOf(t, b).authorize(http.MethodGet, target))
		if w.Code != want {
			t.Errorf("%s: %d %s", target, w.Code, w.Body)
		}
	}
	if w := b.ask("/rawman?action=ping", "User-Agent", agent, "Cookie", b.logIn(t, "user")); !strings.Contains(w.Body.String(), "Pong") {
		t.Errorf("a typed address with the cookie: %d %s", w.Code, w.Body)
	}
}

//astproxy:attack
func TestASecretInAnAddressIsNotLogged(t *testing.T) {
	log := new(output)
	b := startBareWithLog(t, log)
	b.ask("/rawman?action=login&username=user&secret=very-secret-1")
	b.ask("/rawman?action=login&username=user&secret=very-secret-1%0a")
	b.ask("/rawman?action=login&username=user&secret=" + proxytest.Secret)
	r := httptest.NewRequest(http.MethodGet, "/arawman?secret=very-secret-1", nil)
	r.Header.Set("Authorization", (&digest{user: "user", secret: "very-secret-1", nonce: digestOf(t, b).nonce}).authorize("GET", "/arawman?secret=very-secret-1"))
	b.mux.ServeHTTP(httptest.NewRecorder(), r)
	if got := log.String(); strings.Contains(got, "very-secret-1") || strings.Contains(got, proxytest.Secret) || strings.Count(got, "login failed") != 2 {
		t.Errorf("got %s", got)
	}
}

func TestAnAddressIsFoundInWhateverCase(t *testing.T) {
	p := start(t)
	for path, want := range map[string]string{
		"/RawMan": "200 OK", "/RAWMAN/": "200 OK", "/Asterisk/MXML": "200 OK", "/ASTERISK/Manager/": "200 OK",
		"/ARawMan": "401 Unauthorized", "/RawManX": "404 Not Found", "/Rawman%2f": "404 Not Found",
		"/asteriskrawman": "404 Not Found", "/API/v1/servers": "404 Not Found",
	} {
		if got := newProgram(t, p).get(path, "action", "ping"); !strings.Contains(got.status, want) {
			t.Errorf("%s: %s", path, got.status)
		}
	}
	c := logIn(t, p, "user")
	if got := c.get("/RAWMAN", "Action", "UserEvent", "UserEvent", "KeepsItsCase"); !strings.Contains(got.body, "Event Sent") {
		t.Errorf("got %v", got)
	}
}
