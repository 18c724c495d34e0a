package api

import (
	_ "embed"
	"errors"
	"net/http"
	"sync/atomic"
	"time"

	"github.com/astproxy/astproxy/access"
	"github.com/astproxy/astproxy/ami"
	"github.com/astproxy/astproxy/proxy"
	"github.com/astproxy/astproxy/proxy/listen/login"
)

// bodyTimeout is how long a request's body may take.
const bodyTimeout = 10 * time.Second

// API serves everything under /api/.
type API struct {
	proxy *proxy.Proxy
	gate  *login.Gate
	mux   *http.ServeMux

	bodyTimeout time.Duration
	extension   atomic.Pointer[extended] // that was served last
}

// New makes the API of p. gate says who may come in, and which pages of other hosts.
func New(p *proxy.Proxy, gate *login.Gate) *API {
	a := &API{proxy: p, gate: gate, mux: http.NewServeMux(), bodyTimeout: bodyTimeout}
	for _, r := range a.routes() {
		a.mux.HandleFunc(r.path, a.only(r.method, r.serve))
	}
	a.mux.HandleFunc("/", func(w http.ResponseWriter, r *http.Request) { a.extended().mux.ServeHTTP(w, r) })
	return a
}

type route struct {
	method, path string
	serve        handler
}

func (a *API) routes() []route {
	return []route{
		{"POST", "/api/v1/actions/{action}", a.withLogin(a.runAction)},
		{"GET", "/api/v1/servers", a.withLogin(a.servers)},
		{"GET", "/api/v1/clients", a.withLogin(a.clients)},
		{"POST", "/api/v1/tickets", a.withLogin(a.ticket)},
		{"GET", "/api/v1/openapi.json", a.openAPI},
	}
}

// handler answers a request, or says why it cannot. An error that is no problem means that nobody
// waits for an answer any more.
type handler func(http.ResponseWriter, *http.Request) error

// only has a path served by one method, and tells browsers and others that it is the only one.
func (a *API) only(method string, serve handler) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		switch {
		case r.Method == http.MethodOptions:
			a.preflight(w, r, method)
		case r.Method == method, r.Method == http.MethodHead && method == http.MethodGet:
			finish(w, serve(w, r))
		default:
			w.Header().Set("Allow", method+", OPTIONS")
			newProblem(http.StatusMethodNotAllowed, methodNotAllowed, "the method here is "+method).write(w)
		}
	}
}

func finish(w http.ResponseWriter, err error) {
	var wrong *problem
	switch {
	case err == nil:
	case errors.As(err, &wrong):
		wrong.write(w)
	default:
		panic(http.ErrAbortHandler) // the client has gone, or the proxy stops
	}
}

// ServeHTTP implements http.Handler.
func (a *API) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if r.ContentLength != 0 {
		// Also for a body that nobody reads: net/http waits for it before it answers. Where that is
		// not supported there is no connection to be held.
		_ = http.NewResponseController(w).SetReadDeadline(time.Now().Add(a.bodyTimeout))
	}
	h := w.Header()
	h.Set("Cache-Control", "no-store")
	h.Set("X-Content-Type-Options", "nosniff")
	a.letPagesRead(h, r)
	a.mux.ServeHTTP(w, r)
}

// userHandler is a handler for who has logged in.
type userHandler func(http.ResponseWriter, *http.Request, *access.User) error

// withLogin serves those who have logged in.
func (a *API) withLogin(serve userHandler) handler {
	return func(w http.ResponseWriter, r *http.Request) error {
		user, err := a.gate.Identify(r, ami.Message{})
		if err != nil {
			return notLetIn(err)
		}
		return serve(w, r, user)
	}
}

//go:embed openapi.json
var openAPIDocument []byte

func (a *API) openAPI(w http.ResponseWriter, _ *http.Request) error {
	writeJSON(w, http.StatusOK, a.extended().document)
	return nil
}
