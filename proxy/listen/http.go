package listen

import (
	"cmp"
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"runtime"
	"runtime/debug"
	"sync"
	"sync/atomic"
	"time"

	"github.com/astproxy/astproxy/formats"
	"github.com/astproxy/astproxy/proxy"
	"github.com/astproxy/astproxy/proxy/listen/action"
	"github.com/astproxy/astproxy/proxy/listen/api"
	"github.com/astproxy/astproxy/proxy/listen/live"
	"github.com/astproxy/astproxy/proxy/listen/login"
	"github.com/astproxy/astproxy/proxy/listen/manager"
	"github.com/astproxy/astproxy/proxy/listen/monitor"
)

// HTTPConfig is what an http:// listener needs to know. A zero field stands for its default.
type HTTPConfig struct {
	// Format is what is answered in where the request and its user say nothing; XML, as the
	// predecessor had it.
	Format formats.Format
	// TLS is how https is spoken; nil: plain text.
	TLS *tls.Config
	// Origins are the web pages of other hosts that may use the door from a browser.
	Origins []string
	// Monitoring says who may read /metrics, /healthz and /readyz; monitor.Local.
	Monitoring monitor.Readers
	// ConnectionLimit is how many connections there may be at once, WebSockets and event streams
	// among them; 10,000. One address other than loopback has at most as many as it leaves free.
	ConnectionLimit int
	// HeaderTimeout is how long a request's headers may take, BodyTimeout its body; 10 s and 30 s.
	HeaderTimeout time.Duration
	BodyTimeout   time.Duration
	// IdleTimeout is how long a connection stays between two requests; 2 minutes.
	IdleTimeout time.Duration
	// WriteTimeout is how long a client may accept nothing of an answer; 30 s.
	WriteTimeout time.Duration
	// Live is for the connections that stay.
	Live live.Config
	// AnswerMemory is how many bytes of answers may wait to be read, of all clients together; 256 MiB.
	AnswerMemory int64
}

func (c HTTPConfig) withDefaults() HTTPConfig {
	c.ConnectionLimit = cmp.Or(c.ConnectionLimit, 10_000)
	c.HeaderTimeout = cmp.Or(c.HeaderTimeout, 10*time.Second)
	c.BodyTimeout = cmp.Or(c.BodyTimeout, 30*time.Second)
	c.IdleTimeout = cmp.Or(c.IdleTimeout, 2*time.Minute)
	c.WriteTimeout = cmp.Or(c.WriteTimeout, 30*time.Second)
	c.AnswerMemory = cmp.Or(c.AnswerMemory, 256<<20)
	if c.Format == nil {
		c.Format = formats.XML{}
	}
	return c
}

const (
	maxHeaderBytes = 16 << 10
	maxBody        = 1 << 20
)

// HTTP is the door for scripts and browsers: every way in that is reached by HTTP.
type HTTP struct {
	proxy   *proxy.Proxy
	log     *slog.Logger
	gate    *login.Gate
	manager *manager.Handler
	live    *live.Door
	setup   atomic.Pointer[setup] // replaced as a whole
	door    *proxy.Door           // set by Serve

	crowd    crowd
	refusals refusals
	unread   unread

	// guarded by mu: requests are those being served; once ended is set none is added. What became
	// of them and stays is with live.
	mu       sync.Mutex
	ended    bool
	requests sync.WaitGroup
}

// NewHTTP makes a door to p.
func NewHTTP(p *proxy.Proxy, c HTTPConfig, log *slog.Logger) *HTTP {
	d := &HTTP{proxy: p, log: log, gate: login.New(p, c.Origins, log)}
	d.manager = manager.New(p, d.gate, log)
	d.live = live.New(p, d.gate, c.Live, log)
	d.Configure(c)
	return d
}

// setup is what a Configure has made.
type setup struct {
	config HTTPConfig
	mux    *http.ServeMux
}

// Configure changes what holds for requests from now on; TLS and the timeouts of headers and of idle
// connections are those that Serve began with. Any goroutine.
func (d *HTTP) Configure(c HTTPConfig) {
	s := &setup{config: c.withDefaults(), mux: http.NewServeMux()}
	d.gate.SetOrigins(c.Origins)
	d.unread.setLimit(s.config.AnswerMemory)
	d.routes(s)
	d.setup.Store(s)
}

// routes says which package serves what.
func (d *HTTP) routes(s *setup) {
	s.mux.Handle("/{$}", action.New(d.proxy, d.gate, s.config.Format))
	s.mux.Handle("/api/", api.New(d.proxy, d.gate))
	s.mux.HandleFunc("/ws", d.live.WebSocket)
	s.mux.HandleFunc("/events", d.live.Events)
	monitor.New(d.proxy, d.gate, s.config.Monitoring).Register(s.mux)
	d.manager.Route(s.mux)
}

// Serve accepts clients from l until l is closed, and serves those it has until they have gone: each
// gets the answer to what it has asked. When ctx ends it closes l and every connection that is still
// there. A door serves one listener.
func (d *HTTP) Serve(ctx context.Context, l net.Listener) {
	config := d.setup.Load().config
	scheme := "http"
	if config.TLS != nil {
		scheme = "https"
	}
	d.door = d.proxy.OpenDoor(scheme + "://" + l.Addr().String())
	defer d.door.Close()
	server := &http.Server{
		Handler:           d,
		BaseContext:       func(net.Listener) context.Context { return ctx },
		ConnState:         d.connectionState,
		ReadHeaderTimeout: config.HeaderTimeout,
		IdleTimeout:       config.IdleTimeout,
		MaxHeaderBytes:    maxHeaderBytes,
		ErrorLog:          slog.NewLogLogger(d.log.Handler(), slog.LevelDebug),
	}
	if config.TLS != nil {
		l = tls.NewListener(carrying{l}, config.TLS)
	}
	defer d.live.Start(ctx)()
	defer context.AfterFunc(ctx, func() { _ = server.Close() })() // what fails to close is closed
	if err := server.Serve(limited{l, d}); !errors.Is(err, http.ErrServerClosed) && !errors.Is(err, net.ErrClosed) {
		d.log.Error("accept failed", "error", err)
	}
	d.manager.Close()        // who waits for events there is answered, and keeps nobody waiting
	_ = server.Shutdown(ctx) // ctx's end has closed what it gave up on
	d.mu.Lock()
	d.ended = true
	d.mu.Unlock()
	d.requests.Wait()
}

// ServeHTTP implements http.Handler.
func (d *HTTP) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if !d.begin() {
		panic(http.ErrAbortHandler) // the connection is being closed
	}
	defer d.requests.Done()
	a := &answer{ResponseWriter: w, door: d, remote: r.RemoteAddr}
	defer a.end()
	defer d.recovered(a, r)
	if r.Body != http.NoBody {
		d.boundBody(a, r)
		defer a.drain(r)
	}
	protect(w.Header())
	if d.sharedWith(a, r) {
		d.setup.Load().mux.ServeHTTP(a, manager.Spelled(r))
	}
}

// begin counts a request, unless the door has ended.
func (d *HTTP) begin() bool {
	d.mu.Lock()
	defer d.mu.Unlock()
	if !d.ended {
		d.requests.Add(1)
	}
	return !d.ended
}

// protect says what holds for every answer: it is what it says it is, it runs no script and loads
// nothing, whatever is in it, and nobody else keeps it, shows it inside a page of his own, or is told the
// address it was asked for by, in which there may be a secret. (The door itself is told, because a browser
// that must not say it does not say who sends the form of /manager either.)
func protect(header http.Header) {
	header["X-Content-Type-Options"] = noSniff
	header["Cache-Control"] = noStore
	header["Referrer-Policy"] = ownReferrer
	header["Content-Security-Policy"] = inert
}

var (
	noSniff     = []string{"nosniff"}
	noStore     = []string{"no-store"}
	ownReferrer = []string{"same-origin"}
	inert       = []string{"default-src 'none'; style-src 'unsafe-inline'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"}
)

// recovered ends a request that has panicked, and no other. The log says where; what a client sent,
// which the panic may tell, is no part of it.
func (d *HTTP) recovered(a *answer, r *http.Request) {
	value := recover()
	if value == nil {
		return
	}
	err, _ := value.(error)
	if errors.Is(err, http.ErrAbortHandler) {
		panic(http.ErrAbortHandler)
	}
	reason := fmt.Sprintf("%T", value)
	if wrong := runtime.Error(nil); errors.As(err, &wrong) {
		reason = wrong.Error()
	}
	d.log.Error("request failed", "client", r.RemoteAddr, "reason", reason, "stack", string(debug.Stack()))
	if a.begun {
		panic(http.ErrAbortHandler) // it cannot be completed: cut off is better than wrong
	}
	a.Header().Set("Connection", "close")
	http.Error(a, "an error of astproxy's own, which its log tells", http.StatusInternalServerError)
}
