package listen

import (
	"cmp"
	"context"
	"crypto/tls"
	"errors"
	"log/slog"
	"net"
	"net/http"
	"sync"
	"time"

	"github.com/astproxy/astproxy/formats"
	"github.com/astproxy/astproxy/proxy"
	"github.com/astproxy/astproxy/proxy/listen/live"
	"github.com/astproxy/astproxy/proxy/listen/login"
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
	// HeaderTimeout is how long a request's headers may take; 10 s.
	HeaderTimeout time.Duration
	// Live is for the connections that stay.
	Live live.Config
}

const (
	idleTimeout    = 2 * time.Minute // of a connection between two requests
	maxHeaderBytes = 16 << 10
)

// HTTP is the door for scripts and browsers: every way in that is reached by HTTP.
type HTTP struct {
	config HTTPConfig
	log    *slog.Logger
	mux    *http.ServeMux

	// requests are those being served; what became of them and stays is with live.
	requests sync.WaitGroup
	live     *live.Door
}

// NewHTTP makes a door to p.
func NewHTTP(p *proxy.Proxy, c HTTPConfig, log *slog.Logger) *HTTP {
	c.HeaderTimeout = cmp.Or(c.HeaderTimeout, 10*time.Second)
	if c.Format == nil {
		c.Format = formats.XML{}
	}
	d := &HTTP{config: c, log: log, mux: http.NewServeMux()}
	gate := login.New(p, c.Origins, log)
	d.live = live.New(p, gate, c.Live, log)
	d.routes(p, gate)
	return d
}

// routes says which package serves what.
func (d *HTTP) routes(*proxy.Proxy, *login.Gate) {
	d.mux.HandleFunc("/ws", d.live.WebSocket)
	d.mux.HandleFunc("/events", d.live.Events)
}

// Serve accepts clients from l until l is closed, and serves those it has until they have gone.
// When ctx ends it closes l and every connection that is still there.
func (d *HTTP) Serve(ctx context.Context, l net.Listener) {
	server := &http.Server{
		Handler:           d,
		BaseContext:       func(net.Listener) context.Context { return ctx },
		ReadHeaderTimeout: d.config.HeaderTimeout,
		IdleTimeout:       idleTimeout,
		MaxHeaderBytes:    maxHeaderBytes,
		ErrorLog:          slog.NewLogLogger(d.log.Handler(), slog.LevelDebug),
	}
	if d.config.TLS != nil {
		l = tls.NewListener(l, d.config.TLS)
	}
	defer d.live.Start(ctx)()
	defer context.AfterFunc(ctx, func() { _ = server.Close() })() // what fails to close is closed
	if err := server.Serve(l); !errors.Is(err, http.ErrServerClosed) && !errors.Is(err, net.ErrClosed) {
		d.log.Error("accept failed", "error", err)
	}
	_ = server.Shutdown(ctx) // ctx's end has closed what it gave up on
	d.requests.Wait()
}

// ServeHTTP implements http.Handler.
func (d *HTTP) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	d.requests.Add(1)
	defer d.requests.Done()
	d.mux.ServeHTTP(w, r)
}
