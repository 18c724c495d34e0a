package monitor

import (
	"cmp"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/url"
	"strings"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"
	"github.com/prometheus/client_golang/prometheus/promhttp"

	"github.com/astproxy/astproxy/ami"
	"github.com/astproxy/astproxy/proxy"
	"github.com/astproxy/astproxy/proxy/listen/login"
)

// Readers says who may read what is served.
type Readers string

// The Readers. Local is the default, and what the empty text means.
const (
	Local     Readers = "local"     // who asks from an address of this machine alone, and for nobody else
	Admin     Readers = "admin"     // users who are administrators
	Everybody Readers = "everybody" // whoever reaches the listener
	Off       Readers = "off"       // nobody: the paths are not there
)

// AllReaders are the words for Readers.
var AllReaders = []string{string(Local), string(Admin), string(Everybody), string(Off)}

// maxScrapes is how many may be reading the metrics at once.
const maxScrapes = 4

// Monitor serves /metrics, /healthz, /readyz and, to administrators, /debug/pprof/.
type Monitor struct {
	proxy   *proxy.Proxy
	gate    *login.Gate
	readers Readers
}

// New makes the Monitor of p, for those readers.
func New(p *proxy.Proxy, gate *login.Gate, readers Readers) *Monitor {
	return &Monitor{proxy: p, gate: gate, readers: cmp.Or(readers, Local)}
}

// Register adds the paths to mux.
func (m *Monitor) Register(mux *http.ServeMux) {
	if m.readers == Off {
		return
	}
	registry := prometheus.NewPedanticRegistry()
	registry.MustRegister(&collector{m.proxy}, extension{m.proxy}, collectors.NewGoCollector(),
		collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}))
	mux.Handle("GET /metrics", guarded(m.judge, promhttp.HandlerFor(registry, promhttp.HandlerOpts{MaxRequestsInFlight: maxScrapes})))
	mux.Handle("GET /healthz", guarded(m.judge, http.HandlerFunc(healthy)))
	mux.Handle("GET /readyz", guarded(m.judge, http.HandlerFunc(m.ready)))
	m.profile(mux)
}

// guarded serves those alone whom judge lets in.
func guarded(judge func(*http.Request) (status int, why string), serve http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Cache-Control", "no-store")
		w.Header().Set("X-Content-Type-Options", "nosniff")
		if status, why := judge(r); status != http.StatusOK {
			if status == http.StatusUnauthorized {
				w.Header().Add("WWW-Authenticate", `Basic realm="astproxy", charset="UTF-8"`)
				w.Header().Add("WWW-Authenticate", `Bearer realm="astproxy"`)
			}
			http.Error(w, why, status)
			return
		}
		serve.ServeHTTP(w, r)
	})
}

// judge tells whether a request is a reader's.
func (m *Monitor) judge(r *http.Request) (status int, why string) {
	switch m.readers {
	case Everybody:
		return http.StatusOK, ""
	case Admin:
		return m.administrator(r)
	}
	if !local(r) {
		return http.StatusForbidden, "only this machine may read this"
	}
	return http.StatusOK, ""
}

// administrator tells whether a request is an administrator's.
func (m *Monitor) administrator(r *http.Request) (status int, why string) {
	user, err := m.gate.Identify(r, ami.Message{})
	switch {
	case errors.Is(err, login.ErrCrossSite):
		return http.StatusForbidden, err.Error()
	case errors.Is(err, login.ErrTooMany):
		return http.StatusTooManyRequests, err.Error()
	case err != nil:
		return http.StatusUnauthorized, "log in as an administrator"
	case !user.Admin():
		return http.StatusForbidden, "only administrators may read this"
	}
	return http.StatusOK, ""
}

// local tells whether a request comes from this machine, for itself. What a header says of another
// client is never believed in its favour, but a proxy on this machine that asks for somebody tells so.
func local(r *http.Request) bool {
	for _, name := range []string{"Forwarded", "X-Forwarded-For", "X-Real-Ip", "Via"} {
		if len(r.Header.Values(name)) > 0 {
			return false
		}
	}
	host, _, err := net.SplitHostPort(r.RemoteAddr)
	host, _, _ = strings.Cut(host, "%") // an IPv6 address's zone
	ip := net.ParseIP(host)
	return err == nil && ip != nil && ip.IsLoopback() && !rebound(r)
}

// rebound tells whether a browser may have been led here by the page of a name that is not this
// machine's, and whose owner has pointed it here (DNS rebinding): the page could read the answer. An
// address and localhost are nobody's to point.
func rebound(r *http.Request) bool {
	if !login.IsBrowser(r) {
		return false
	}
	name := (&url.URL{Host: r.Host}).Hostname()
	return net.ParseIP(name) == nil && !strings.EqualFold(name, "localhost")
}

func healthy(w http.ResponseWriter, _ *http.Request) { writeText(w, http.StatusOK, "ok\n") }

// ready has a line a server.
func (m *Monitor) ready(w http.ResponseWriter, _ *http.Request) {
	status := http.StatusServiceUnavailable
	var text strings.Builder
	for _, s := range m.proxy.Servers() {
		if s.Up {
			status = http.StatusOK
			fmt.Fprintf(&text, "%s: connected\n", s.Name)
		} else {
			fmt.Fprintf(&text, "%s: not connected: %s\n", s.Name, oneLine.Replace(s.Reason))
		}
	}
	writeText(w, status, text.String())
}

var oneLine = strings.NewReplacer("\r", " ", "\n", " ")

func writeText(w http.ResponseWriter, status int, text string) {
	w.Header().Set("Content-Type", "text/plain; charset=utf-8")
	w.WriteHeader(status)
	_, _ = w.Write([]byte(text)) // who has gone misses it
}
