package live_test

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/astproxy/astproxy/access"
	"github.com/astproxy/astproxy/proxy/proxytest"
)

func TestWhoMayNotComeInIsToldBeforeTheUpgrade(t *testing.T) {
	var log strings.Builder
	p := startProxy(t, func(o *proxytest.Options) {
		o.HTTP.Origins = []string{"https://panel.example.org"}
		o.Log = &log
	})
	for name, test := range map[string]struct {
		header http.Header
		status int
	}{
		"nobody":            {http.Header{}, http.StatusUnauthorized},
		"a wrong secret":    {basic("hunter3"), http.StatusUnauthorized},
		"another page":      {with(basic(proxytest.Secret), "Origin", "https://evil.example.org"), http.StatusForbidden},
		"no page at all":    {with(basic(proxytest.Secret), "Origin", "null"), http.StatusForbidden},
		"another site":      {with(basic(proxytest.Secret), "Sec-Fetch-Site", "cross-site"), http.StatusForbidden},
		"a wrong id":        {with(basic(proxytest.Secret), "Last-Event-ID", "7"), http.StatusBadRequest},
		"the door's pages":  {with(basic(proxytest.Secret), "Origin", p.URL), http.StatusOK},
		"an allowed origin": {with(basic(proxytest.Secret), "Origin", "https://panel.example.org"), http.StatusOK},
	} {
		t.Run(name, func(t *testing.T) {
			want := test.status
			request, err := http.NewRequest(http.MethodGet, p.URL+"/events", nil)
			if err != nil {
				t.Fatal(err)
			}
			request.Header = test.header.Clone()
			events := rawRequest(t, p, request)
			if got := events.response; got.StatusCode != want {
				t.Errorf("/events is answered with %s, not %d", got.Status, want)
			}
			if name == "a wrong id" {
				return // nothing to a WebSocket
			}
			if want == http.StatusOK {
				shared := events.response.Header.Get("Access-Control-Allow-Origin") // its own pages need no leave
				if origin := test.header.Get("Origin"); shared != origin && origin != p.URL {
					t.Errorf("a page may not read it: %q", shared)
				}
				want = http.StatusSwitchingProtocols
			}
			if got := handshake(t, p, "/ws", test.header, ""); got != want {
				t.Errorf("/ws is answered with %d, not %d", got, want)
			}
		})
	}
	p.Stop()
	if strings.Contains(log.String(), "hunter") {
		t.Errorf("there is a secret in the log: %s", log.String())
	}
}

func with(h http.Header, name, value string) http.Header {
	h.Set(name, value)
	return h
}

//astproxy:attack
func TestAClientSeesWhatItsUserMay(t *testing.T) {
	p := startProxy(t, func(o *proxytest.Options) {
		o.Users = append(o.Users, proxytest.User(proxytest.Named("clerk"), proxytest.May([]string{"user"}, nil)))
	})
	r := rawSocket(t, p, "/ws", basicOf("clerk", proxytest.Secret), "")
	r.frame() // its position
	r.text(`{"Action":"Originate","Channel":"Local/1001@default","Application":"Wait","Data":1}`)
	if _, answer := r.frame(); !strings.Contains(string(answer), "Permission denied") {
		t.Errorf("answered with %q", answer)
	}
	other := p.Login(t, "user")
	other.Ask("Originate", "Channel: Local/1001@default", "Application: Wait", "Data: 1")
	other.Ask("UserEvent", "UserEvent: Hello")
	if _, event := r.frame(); !strings.Contains(string(event), `"Event":"UserEvent"`) {
		t.Errorf("the first event it sees is %s", event)
	}
}

//astproxy:attack
func TestATicketLetsInOnceAndNoPageOfAnotherHost(t *testing.T) {
	p, d := door(t)
	user, _ := p.Users().Authenticate("user", proxytest.Secret)
	ask := func(ticket string, header http.Header) int {
		t.Helper()
		return handshake(t, p, "/ws?ticket="+ticket, header, "")
	}
	ticket, err := d.gate.Ticket(user)
	if err != nil {
		t.Fatal(err)
	}
	if got := ask(ticket, http.Header{"Origin": {"https://evil.example.org"}}); got != http.StatusForbidden {
		t.Errorf("a page of another host is answered with %d", got)
	}
	if got := ask(ticket, http.Header{"Origin": {p.URL}}); got != http.StatusSwitchingProtocols {
		t.Errorf("the first is answered with %d", got)
	}
	if got := ask(ticket, nil); got != http.StatusUnauthorized {
		t.Errorf("the second is answered with %d", got)
	}
}

func TestATokenAmongTheSubprotocolsLetsIn(t *testing.T) {
	token := access.NewToken()
	var log strings.Builder
	p := startProxy(t, func(o *proxytest.Options) {
		o.Tokens = []access.TokenConfig{{Name: "panel", User: "user", Hash: access.TokenHash(token)}}
		o.Log = &log
	})
	for protocols, want := range map[string]string{"ami.json, bearer." + token: "ami.json", "bearer." + token + ", ami": "ami", "bearer." + token: ""} {
		r := rawSocket(t, p, "/ws", nil, protocols).response
		if got := r.Header.Get("Sec-WebSocket-Protocol"); r.StatusCode != http.StatusSwitchingProtocols || got != want {
			t.Errorf("%q is answered with %s and %q", strings.ReplaceAll(protocols, token, "TOKEN"), r.Status, got)
		}
	}
	for _, wrong := range []string{"bearer.wrong", "ami.json, bearer." + token[1:]} {
		if status := handshake(t, p, "/ws", basic(proxytest.Secret), wrong); status != http.StatusUnauthorized {
			t.Errorf("a wrong token is answered with %d", status)
		}
	}
	p.Stop()
	if strings.Contains(log.String(), token[1:]) {
		t.Error("the token is in the log")
	}
}

func TestWhoHasGuessedTooOftenIsToldToWait(t *testing.T) {
	p := startProxy(t)
	wrong := basic("a guess")
	for begin := time.Now(); time.Since(begin) < proxytest.Patience; { // until there were many in a second
		if status := handshake(t, p, "/ws", wrong, ""); status == http.StatusTooManyRequests {
			return
		} else if status != http.StatusUnauthorized {
			t.Fatalf("answered with %d", status)
		}
	}
	t.Error("every guess is looked at")
}
