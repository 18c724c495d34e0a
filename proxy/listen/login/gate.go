package login

import (
	"errors"
	"log/slog"
	"net/http"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/astproxy/astproxy/access"
	"github.com/astproxy/astproxy/ami"
	"github.com/astproxy/astproxy/proxy"
)

// Why nobody is let in.
var (
	// ErrNobody: the request shows nothing of who it is from.
	ErrNobody = errors.New("log in by HTTP Basic, a Bearer token, a ticket, or Username and Secret")
	// ErrWrong: it does, and it is wrong.
	ErrWrong = errors.New("Authentication failed")
	// ErrTooMany: too many wrong ones have come from there of late, so this one is not looked at.
	ErrTooMany = errors.New("too many wrong logins of this name; wait a second")
	// ErrCrossSite: a browser has sent it for a page of another site.
	ErrCrossSite = errors.New("a page of another site may not use this login")
)

// Gate knows who may come in.
type Gate struct {
	proxy   *proxy.Proxy
	origins atomic.Pointer[[]string]
	log     *slog.Logger
	guesses guesses

	mu        sync.Mutex
	tickets   map[string]ticket
	ticketsOf map[string]int // how many are each user's, by name
}

// New makes a Gate. origins are the web pages that may use a browser's login besides the door's own:
// "https://panel.example.org".
func New(p *proxy.Proxy, origins []string, log *slog.Logger) *Gate {
	g := &Gate{proxy: p, log: log, tickets: map[string]ticket{}, ticketsOf: map[string]int{}}
	g.SetOrigins(origins)
	return g
}

// SetOrigins changes the pages that may use a browser's login. Any goroutine.
func (g *Gate) SetOrigins(origins []string) { g.origins.Store(&origins) }

// Credentials are the headers of an action that say who it is from. They never reach Asterisk.
var Credentials = []string{"Username", "Secret", "ProxyKey"}

// Identify tells who a request is from. action is what it asks for where it may say so itself, the
// zero Message elsewhere. The error is ErrNobody, ErrWrong (after a pause, and logged), ErrTooMany or
// ErrCrossSite.
func (g *Gate) Identify(r *http.Request, action ami.Message) (*access.User, error) {
	name, _, _ := r.BasicAuth()
	if given := action.Get("Username"); given != "" {
		name = given
	}
	// Tokens and tickets cannot be guessed: who has an old one spoils nobody's.
	if guessable := name != "" || action.Has("ProxyKey"); guessable {
		if err := g.MayTry(r, name); err != nil {
			return nil, err
		}
	}
	user, shown, ambient := g.shown(r, action)
	switch {
	case !shown:
		return nil, ErrNobody
	case user == nil:
		g.Wrong(r, name)
		return nil, ErrWrong
	case ambient:
		if err := g.CrossSite(r); err != nil {
			g.log.Warn("request of another site refused", "client", r.RemoteAddr, "user", user)
			return nil, err
		}
	}
	return user, nil
}

// MayTry tells whether a login of that name, "" if there is none, may be looked at: nil, or ErrTooMany.
func (g *Gate) MayTry(r *http.Request, name string) error {
	if g.guesses.tooMany(guessOf(r, name), time.Now()) {
		return ErrTooMany
	}
	return nil
}

// Wrong logs and counts a wrong login, and keeps who has sent it waiting, unless he goes.
func (g *Gate) Wrong(r *http.Request, name string) {
	g.log.Warn("login failed", "client", r.RemoteAddr, "user", name)
	g.guesses.add(guessOf(r, name), time.Now())
	g.proxy.PauseFailedLogin(r.Context(), nil)
}

// Challenge has a browser ask for name and secret, unless the request is another site's: its page
// would have the browser ask for it.
func (g *Gate) Challenge(w http.ResponseWriter, r *http.Request) {
	if g.SameSite(r) {
		w.Header().Set("WWW-Authenticate", `Basic realm="astproxy", charset="UTF-8"`)
	}
}

// shown looks at what a request shows, the most deliberate first. ambient is what a browser adds by
// itself.
func (g *Gate) shown(r *http.Request, action ami.Message) (user *access.User, shown, ambient bool) {
	users := g.proxy.Users()
	if strings.Contains(r.URL.RawQuery, "ticket=") { // else there is nothing to parse
		if ticket := r.URL.Query().Get("ticket"); ticket != "" {
			return g.redeem(users, ticket), true, false
		}
	}
	if name := action.Get("Username"); name != "" {
		user, _ = users.Authenticate(name, action.Get("Secret"))
		return user, true, false
	}
	if action.Has("ProxyKey") {
		user, _ = users.AuthenticateKey(action.Get("ProxyKey"))
		return user, true, false
	}
	if token, ok := bearer(r); ok {
		user, _ = users.AuthenticateToken(token)
		return user, true, false
	}
	if name, secret, ok := r.BasicAuth(); ok {
		user, _ = users.Authenticate(name, secret)
		return user, true, true
	}
	if r.TLS != nil {
		if user, ok := users.AuthenticateCertificate(*r.TLS); ok {
			return user, true, true
		}
	}
	return nil, false, false
}

// bearer is the token in a request's Authorization (RFC 6750).
func bearer(r *http.Request) (token string, ok bool) {
	scheme, token, ok := strings.Cut(r.Header.Get("Authorization"), " ")
	return strings.TrimSpace(token), ok && strings.EqualFold(scheme, "Bearer")
}
