package login

import (
	"errors"
	"log/slog"
	"net"
	"net/http"
	"net/netip"
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
	shown := g.shown(r, action)
	if shown.check == nil {
		return nil, ErrNobody
	}
	// Tokens and tickets cannot be guessed: who has an old one spoils nobody's.
	if shown.guessable {
		if err := g.MayTry(r, shown.name); err != nil {
			return nil, err
		}
	}
	ambient := shown.ambient
	attempt := AttemptOf(r, shown.name)
	attempt.Every, attempt.Unguessable = true, !shown.guessable
	user, ok := g.proxy.Authenticate(attempt, shown.check)
	switch {
	case !ok:
		g.Wrong(r, shown.name)
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

// Wrong counts a wrong login, and keeps who has sent it waiting, unless he goes.
func (g *Gate) Wrong(r *http.Request, name string) {
	g.guesses.add(guessOf(r, name), time.Now())
	g.proxy.PauseFailedLogin(r.Context(), nil, r.RemoteAddr)
}

// Challenge has a browser ask for name and secret, unless the request is another site's: its page
// would have the browser ask for it.
func (g *Gate) Challenge(w http.ResponseWriter, r *http.Request) {
	if g.SameSite(r) {
		w.Header().Set("WWW-Authenticate", `Basic realm="astproxy", charset="UTF-8"`)
	}
}

// AddressOf is where a request comes from; the zero Addr is nowhere.
func AddressOf(r *http.Request) netip.Addr {
	remote, _ := netip.ParseAddrPort(r.RemoteAddr)
	return remote.Addr()
}

// AttemptOf is the login that a request is, by a name.
func AttemptOf(r *http.Request, name string) proxy.Attempt {
	a := proxy.Attempt{Name: name, Remote: r.RemoteAddr, TLS: r.TLS != nil}
	if local, ok := r.Context().Value(http.LocalAddrContextKey).(net.Addr); ok {
		a.Local = local.String()
	}
	return a
}

// shown is what a request shows of who it is from.
type shown struct {
	name      string // "" where nothing is said of it
	check     func(*access.Users) (*access.User, bool)
	ambient   bool // a browser adds it by itself
	guessable bool
}

// shown looks at what a request shows, the most deliberate first.
func (g *Gate) shown(r *http.Request, action ami.Message) shown {
	if strings.Contains(r.URL.RawQuery, "ticket=") { // else there is nothing to parse
		if ticket := r.URL.Query().Get("ticket"); ticket != "" {
			return shown{check: func(users *access.Users) (*access.User, bool) {
				user := g.redeem(users, ticket)
				return user, user != nil
			}}
		}
	}
	if name := action.Get("Username"); name != "" {
		return shown{name: name, guessable: true, check: func(users *access.Users) (*access.User, bool) {
			return users.Authenticate(name, action.Get("Secret"))
		}}
	}
	if action.Has("ProxyKey") {
		return shown{guessable: true, check: func(users *access.Users) (*access.User, bool) { return users.AuthenticateKey(action.Get("ProxyKey")) }}
	}
	if token, ok := bearer(r); ok {
		return shown{check: func(users *access.Users) (*access.User, bool) { return users.AuthenticateToken(token) }}
	}
	if name, secret, ok := r.BasicAuth(); ok {
		return shown{name: name, ambient: true, guessable: true, check: func(users *access.Users) (*access.User, bool) {
			return users.Authenticate(name, secret)
		}}
	}
	if r.TLS != nil {
		if user, ok := g.proxy.Users().AuthenticateCertificate(*r.TLS); ok {
			return shown{name: user.Name(), ambient: true, check: func(*access.Users) (*access.User, bool) { return user, true }}
		}
	}
	return shown{}
}

// bearer is the token in a request's Authorization (RFC 6750).
func bearer(r *http.Request) (token string, ok bool) {
	scheme, token, ok := strings.Cut(r.Header.Get("Authorization"), " ")
	return strings.TrimSpace(token), ok && strings.EqualFold(scheme, "Bearer")
}
