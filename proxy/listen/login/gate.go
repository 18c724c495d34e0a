package login

import (
	"context"
	"errors"
	"log/slog"
	"net/http"
	"strings"
	"sync"
	"sync/atomic"

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
	// ErrCrossSite: a browser has sent it for a page of another site.
	ErrCrossSite = errors.New("a page of another site may not use this login")
)

// Gate knows who may come in.
type Gate struct {
	proxy   *proxy.Proxy
	origins atomic.Pointer[[]string]
	log     *slog.Logger

	mu      sync.Mutex
	tickets map[string]ticket
}

// New makes a Gate. origins are the web pages that may use a browser's login besides the door's own:
// "https://panel.example.org".
func New(p *proxy.Proxy, origins []string, log *slog.Logger) *Gate {
	g := &Gate{proxy: p, log: log, tickets: map[string]ticket{}}
	g.SetOrigins(origins)
	return g
}

// SetOrigins changes the pages that may use a browser's login. Any goroutine.
func (g *Gate) SetOrigins(origins []string) { g.origins.Store(&origins) }

// Credentials are the headers of an action that say who it is from. They never reach Asterisk.
var Credentials = []string{"Username", "Secret", "ProxyKey"}

// Identify tells who a request is from. action is what it asks for where it may say so itself, the
// zero Message elsewhere. The error is ErrNobody, ErrWrong (after a pause, and logged) or ErrCrossSite.
func (g *Gate) Identify(r *http.Request, action ami.Message) (*access.User, error) {
	user, shown, ambient := g.shown(r, action)
	switch {
	case !shown:
		return nil, ErrNobody
	case user == nil:
		name, _, _ := r.BasicAuth()
		if name == "" {
			name = action.Get("Username")
		}
		g.log.Warn("login failed", "client", r.RemoteAddr, "user", name)
		g.Pause(r.Context())
		return nil, ErrWrong
	case ambient && !g.SameSite(r):
		g.log.Warn("request of another site refused", "client", r.RemoteAddr, "user", user)
		return nil, ErrCrossSite
	}
	return user, nil
}

// Challenge has a browser ask for name and secret, unless the request is another site's: its page
// would have the browser ask for it.
func (g *Gate) Challenge(w http.ResponseWriter, r *http.Request) {
	if g.SameSite(r) {
		w.Header().Set("WWW-Authenticate", `Basic realm="astproxy", charset="UTF-8"`)
	}
}

// Pause keeps who has shown something wrong waiting, unless ctx ends.
func (g *Gate) Pause(ctx context.Context) { g.proxy.PauseFailedLogin(ctx, nil) }

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
