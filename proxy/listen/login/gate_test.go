package login_test

import (
	"bytes"
	"context"
	"errors"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strconv"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/astproxy/astproxy/access"
	"github.com/astproxy/astproxy/ami"
	"github.com/astproxy/astproxy/proxy"
	"github.com/astproxy/astproxy/proxy/listen/login"
	"github.com/astproxy/astproxy/upstream"
)

// What lets somebody in. None of it may ever be in a log.
const (
	secret    = "hunter2secret"
	key       = "keepers-hunter2"
	token     = "TOKENHUNTER2TOKEN"
	wrong     = "hunter3guess"
	panel     = "https://panel.example.org"
	elsewhere = "https://evil.example"
)

// newGate is a gate with a user anna, who has a token, and a keeper with a ProxyKey.
func newGate(t *testing.T) (*login.Gate, *bytes.Buffer) {
	t.Helper()
	users, err := access.NewUsers([]access.UserConfig{
		{Name: "anna", Secret: secret}, {Name: "keeper", Secret: key, ProxyKey: true},
	}, access.TokenConfig{Name: "t", User: "anna", Hash: access.TokenHash(token)})
	if err != nil {
		t.Fatal(err)
	}
	log := new(bytes.Buffer)
	logger := slog.New(slog.NewTextHandler(log, &slog.HandlerOptions{Level: slog.LevelDebug}))
	p := proxy.New(proxy.Config{Servers: []upstream.Config{{Name: "pbx1"}}, Users: users}, logger)
	return login.New(p, []string{panel}, logger), log
}

// shown is what a request may show of who it is from.
type shown func(r *http.Request) ami.Message

func nothing(*http.Request) ami.Message { return ami.Message{} }

func basic(name, secret string) shown {
	return func(r *http.Request) ami.Message {
		r.SetBasicAuth(name, secret)
		return ami.Message{}
	}
}

func authorization(value string) shown {
	return func(r *http.Request) ami.Message {
		r.Header.Set("Authorization", value)
		return ami.Message{}
	}
}

func values(headers ...string) shown {
	return func(*http.Request) ami.Message { return ami.Parse(strings.Join(headers, "\r\n")) }
}

func ticket(text string) shown {
	return func(r *http.Request) ami.Message {
		r.URL.RawQuery = url.Values{"ticket": {text}}.Encode()
		return ami.Message{}
	}
}

// identify asks the gate about a request to http://proxy.example:8088.
func identify(g *login.Gate, method string, show shown, headers http.Header) (string, error) {
	r := httptest.NewRequest(method, "http://proxy.example:8088/", nil)
	for name := range headers {
		r.Header.Set(name, headers.Get(name))
	}
	user, err := g.Identify(r, show(r))
	if err != nil {
		return "", err
	}
	return user.Name(), nil
}

func TestWhoARequestIsFrom(t *testing.T) {
	synctest.Test(t, func(t *testing.T) { // where the pause of a wrong login takes no time
		g, _ := newGate(t)
		for name, test := range map[string]struct {
			show shown
			user string
			err  error
		}{
			"Basic":                    {basic("Anna", secret), "anna", nil},
			"Basic, wrong":             {basic("anna", wrong), "", login.ErrWrong},
			"Basic of a ProxyKey":      {basic("keeper", key), "keeper", nil},
			"Bearer":                   {authorization("Bearer " + token), "anna", nil},
			"bearer, in another case":  {authorization("bearer  " + token), "anna", nil},
			"Bearer, wrong":            {authorization("Bearer " + wrong), "", login.ErrWrong},
			"Bearer of a secret":       {authorization("Bearer " + secret), "", login.ErrWrong},
			"Bearer of nothing":        {authorization("Bearer "), "", login.ErrWrong},
			"another scheme":           {authorization("Digest x"), "", login.ErrNobody},
			"values":                   {values("Username: anna", "Secret: "+secret), "anna", nil},
			"values, wrong":            {values("Username: anna", "Secret: "+wrong), "", login.ErrWrong},
			"a name alone":             {values("Username: anna"), "", login.ErrWrong},
			"a secret alone":           {values("Secret: " + secret), "", login.ErrNobody},
			"ProxyKey":                 {values("ProxyKey: " + key), "keeper", nil},
			"ProxyKey, wrong":          {values("ProxyKey: " + wrong), "", login.ErrWrong},
			"ProxyKey of who has none": {values("ProxyKey: " + secret), "", login.ErrWrong},
			"ticket, wrong":            {ticket(wrong), "", login.ErrWrong},
			"nothing":                  {nothing, "", login.ErrNobody},
			"a wrong value and right Basic": {func(r *http.Request) ami.Message {
				basic("anna", secret)(r)
				return values("Username: anna", "Secret: "+wrong)(r)
			}, "", login.ErrWrong},
		} {
			if user, err := identify(g, "GET", test.show, nil); user != test.user || !errors.Is(err, test.err) {
				t.Errorf("%s: got %q, %v", name, user, err)
			}
		}
	})
}

//astproxy:attack
func TestABrowsersRequestForAnotherSiteHasNoLoginThatTheBrowserAdds(t *testing.T) {
	g, _ := newGate(t)
	header := func(pairs ...string) http.Header {
		h := http.Header{}
		for i := 0; i < len(pairs); i += 2 {
			h.Set(pairs[i], pairs[i+1])
		}
		return h
	}
	const site, origin, referer, agent = "Sec-Fetch-Site", "Origin", "Referer", "User-Agent"
	const browser = "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0.0.0 Safari/537.36"
	for name, test := range map[string]struct {
		headers http.Header
		same    bool
	}{
		"no browser":                         {nil, true},
		"a typed address":                    {header(site, "none"), true},
		"a page of the door's own":           {header(site, "same-origin"), true},
		"its script's POST":                  {header(site, "same-origin", origin, "http://proxy.example:8088"), true},
		"a link on another site":             {header(site, "cross-site"), false},
		"a picture on a host near by":        {header(site, "same-site"), false},
		"a word nobody knows":                {header(site, "near"), false},
		"a form on another site":             {header(site, "cross-site", origin, elsewhere), false},
		"a form in a sandbox":                {header(site, "cross-site", origin, "null"), false},
		"an origin without Sec-Fetch-Site":   {header(origin, elsewhere), false},
		"an origin on another port":          {header(origin, "http://proxy.example"), false},
		"an origin that looks alike":         {header(origin, "http://proxy.example:8088.evil.example"), false},
		"an origin that is none":             {header(origin, "x"), false},
		"an origin of the configuration":     {header(site, "cross-site", origin, panel), true},
		"one that only ends like it":         {header(site, "cross-site", origin, panel+".evil.example"), false},
		"one of another scheme":              {header(site, "cross-site", origin, "http://panel.example.org"), false},
		"an old browser's picture elsewhere": {header(referer, elsewhere+"/page?x"), false},
		"an old browser's link here":         {header(referer, "http://proxy.example:8088/page"), true},
		"an old browser's link there":        {header(referer, panel+"/page"), true},
		"a referer that is none":             {header(referer, "x"), false},
		"a form of ours that tells nobody":   {header(site, "same-origin", origin, "null"), true},
		"our name by another scheme":         {header(site, "cross-site", origin, "https://proxy.example:8088"), false},
		"a browser that says nothing":        {header(agent, browser), false},
		"a browser's typed address":          {header(agent, browser, site, "none"), true},
		"a browser's link here":              {header(agent, browser, referer, "http://proxy.example:8088/page"), true},
		"PowerShell":                         {header(agent, "Mozilla/5.0 (Windows NT; Windows NT 10.0; en-US) WindowsPowerShell/5.1.19041.1"), true},
	} {
		for _, method := range []string{"GET", "POST"} {
			user, err := identify(g, method, basic("anna", secret), test.headers)
			if test.same != (err == nil) || !test.same && !errors.Is(err, login.ErrCrossSite) {
				t.Errorf("%s, %s with Basic: %q, %v", name, method, user, err)
			}
			out, err := g.Ticket(mustUser(t, g))
			if err != nil {
				t.Fatal(err)
			}
			for how, show := range map[string]shown{
				"Bearer": authorization("Bearer " + token), "values": values("Username: anna", "Secret: "+secret), "a ticket": ticket(out),
			} {
				if user, err := identify(g, method, show, test.headers); err != nil || user != "anna" {
					t.Errorf("%s, %s with %s: %q, %v", name, method, how, user, err)
				}
			}
		}
		w, r := httptest.NewRecorder(), httptest.NewRequest(http.MethodGet, "http://proxy.example:8088/", nil)
		r.Header = test.headers
		g.Challenge(w, r)
		if asks := w.Header().Get("WWW-Authenticate") != ""; asks != test.same {
			t.Errorf("%s: the browser is asked for a login: %v", name, asks)
		}
	}
}

//astproxy:attack
func TestAPageThatCameInPlainTextIsNoneOfADoorWithTLS(t *testing.T) {
	g, _ := newGate(t)
	for origin, same := range map[string]bool{"https://proxy.example": true, "http://proxy.example": false, panel: true} {
		r := httptest.NewRequest(http.MethodPost, "https://proxy.example/", nil) // with TLS
		r.Header.Set("Origin", origin)
		if got := g.SameSite(r); got != same {
			t.Errorf("%s: %v", origin, got)
		}
	}
}

// mustUser is anna.
func mustUser(t *testing.T, g *login.Gate) *access.User {
	t.Helper()
	r := httptest.NewRequest(http.MethodGet, "/", nil)
	user, err := g.Identify(r, basic("anna", secret)(r))
	if err != nil {
		t.Fatal(err)
	}
	return user
}

//astproxy:attack
func TestATicketLetsInOnceAndSoon(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		g, _ := newGate(t)
		anna := mustUser(t, g)
		once, _ := g.Ticket(anna)
		late, _ := g.Ticket(anna)
		soon, _ := g.Ticket(anna)
		if user, err := identify(g, "GET", ticket(once), nil); err != nil || user != "anna" {
			t.Errorf("got %q, %v", user, err)
		}
		if user, err := identify(g, "GET", ticket(once), nil); !errors.Is(err, login.ErrWrong) {
			t.Errorf("again: %q, %v", user, err)
		}
		time.Sleep(login.TicketLife - 2*time.Second)
		if user, err := identify(g, "GET", ticket(soon), nil); err != nil || user != "anna" {
			t.Errorf("in time: %q, %v", user, err)
		}
		time.Sleep(2*time.Second + time.Nanosecond)
		if user, err := identify(g, "GET", ticket(late), nil); !errors.Is(err, login.ErrWrong) {
			t.Errorf("too late: %q, %v", user, err)
		}
	})
}

//astproxy:attack
func TestThereAreOnlySoManyTicketsAndAUserHasHisShareOfThem(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		g, _ := newGate(t)
		anna := mustUser(t, g)
		keeper, err := g.Identify(httptest.NewRequest(http.MethodGet, "/", nil), values("Username: keeper", "Secret: "+key)(nil))
		if err != nil {
			t.Fatal(err)
		}
		until := func(user *access.User) (issued int, last string) {
			for {
				text, err := g.Ticket(user)
				if errors.Is(err, login.ErrTickets) {
					return issued, last
				}
				issued, last = issued+1, text
			}
		}
		issued, last := until(anna)
		if issued != 1_000 {
			t.Errorf("%d were made for one user", issued)
		}
		if _, err := g.Ticket(keeper); err != nil {
			t.Errorf("another one gets none: %v", err)
		}
		if user, err := identify(g, "GET", ticket(last), nil); err != nil || user != "anna" {
			t.Errorf("got %q, %v", user, err)
		}
		if again, _ := until(anna); again != 1 {
			t.Errorf("when one is used, %d more were made", again)
		}
		time.Sleep(login.TicketLife + time.Nanosecond)
		if again, _ := until(anna); again != 1_000 {
			t.Errorf("when all of them have expired, %d more were made", again)
		}
	})
}

func TestWhoGuessesHasToWait(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		g, _ := newGate(t)
		took := func(show shown) time.Duration {
			begin := time.Now()
			_, _ = identify(g, "GET", show, nil)
			return time.Since(begin)
		}
		for name, show := range map[string]shown{
			"Basic": basic("anna", wrong), "an unknown name": basic("nobody", wrong), "values": values("Username: anna", "Secret: "+wrong),
			"ProxyKey": values("ProxyKey: " + wrong), "Bearer": authorization("Bearer " + wrong), "a ticket": ticket(wrong),
		} {
			if d := took(show); d != time.Second {
				t.Errorf("%s: %v", name, d)
			}
		}
		if d := took(basic("anna", secret)); d != 0 {
			t.Errorf("a right login: %v", d)
		}
		ctx, cancel := context.WithCancel(t.Context())
		cancel()
		r := httptest.NewRequestWithContext(ctx, http.MethodGet, "/", nil)
		begin := time.Now()
		if _, err := g.Identify(r, basic("anna", wrong)(r)); !errors.Is(err, login.ErrWrong) || time.Since(begin) != 0 {
			t.Errorf("for who has gone: %v, %v", err, time.Since(begin))
		}
	})
}

//astproxy:attack
func TestWhoGuessesManyAtOnceOrDoesNotWaitGuessesNoFaster(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		g, _ := newGate(t)
		try := func(from, name, secret string, waits bool) error {
			ctx, cancel := context.WithCancel(t.Context())
			defer cancel()
			if !waits {
				cancel()
			}
			r := httptest.NewRequestWithContext(ctx, http.MethodGet, "/", nil)
			r.RemoteAddr = from
			_, err := g.Identify(r, basic(name, secret)(r))
			return err
		}
		for i := range 10 {
			if err := try("192.0.2.1:"+strconv.Itoa(i+1), []string{"anna", "Anna"}[i%2], wrong, false); !errors.Is(err, login.ErrWrong) {
				t.Errorf("guess %d: %v", i, err)
			}
		}
		for name, c := range map[string]struct {
			from, name, secret string
			want               error
		}{
			"one more":           {"192.0.2.1:99", "anna", wrong, login.ErrTooMany},
			"a right one":        {"192.0.2.1:99", "ANNA", secret, login.ErrTooMany}, // else it would be a guess like others
			"mapped to IPv6":     {"[::ffff:192.0.2.1]:99", "anna", secret, login.ErrTooMany},
			"from elsewhere":     {"192.0.2.2:99", "anna", secret, nil},
			"of another name":    {"192.0.2.1:99", "keeper", key, nil},
			"from IPv6":          {"[2001:db8::1]:99", "anna", secret, nil},
			"from no IP address": {"@", "anna", secret, nil},
		} {
			if err := try(c.from, c.name, c.secret, true); !errors.Is(err, c.want) {
				t.Errorf("%s: %v", name, err)
			}
		}
		for range 20 {
			if _, err := identify(g, "GET", authorization("Bearer "+wrong), nil); !errors.Is(err, login.ErrWrong) {
				t.Errorf("a token that is wrong: %v", err)
			}
		}
		if err := try("192.0.2.1:99", "anna", secret, true); err != nil {
			t.Errorf("later: %v", err)
		}
		for i := range 11 {
			err := try("[2001:db8::"+strconv.Itoa(i)+"]:1", "anna", wrong, false)
			if want := []error{login.ErrWrong, login.ErrTooMany}[i/10]; !errors.Is(err, want) {
				t.Errorf("guess %d from one network: %v", i, err)
			}
		}
	})
}

//astproxy:attack
func TestNoSecretIsInTheLog(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		g, log := newGate(t)
		crossSite := http.Header{"Sec-Fetch-Site": {"cross-site"}}
		out, _ := g.Ticket(mustUser(t, g))
		for _, headers := range []http.Header{nil, crossSite} {
			for _, show := range []shown{
				basic("anna", secret), basic("anna", wrong), authorization("Bearer " + token), authorization("Bearer " + wrong),
				values("Username: anna", "Secret: "+secret), values("Username: anna", "Secret: "+wrong),
				values("ProxyKey: " + key), values("ProxyKey: " + wrong), ticket(out), ticket(wrong),
			} {
				_, _ = identify(g, "GET", show, headers)
			}
		}
		text := strings.ToLower(log.String())
		if !strings.Contains(text, "login failed") || !strings.Contains(text, "another site") || !strings.Contains(text, "user=anna") {
			t.Errorf("the log does not tell what happened:\n%s", text)
		}
		for _, s := range []string{secret, key, token, wrong, out} {
			if strings.Contains(text, strings.ToLower(s)) {
				t.Errorf("%s is in the log:\n%s", s, text)
			}
		}
	})
}
