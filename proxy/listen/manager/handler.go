package manager

import (
	"log/slog"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/astproxy/astproxy/ami"
	"github.com/astproxy/astproxy/formats"
	"github.com/astproxy/astproxy/proxy"
	"github.com/astproxy/astproxy/proxy/listen/login"
)

// Handler is the six addresses of Asterisk's HTTP manager.
type Handler struct {
	proxy    *proxy.Proxy
	gate     *login.Gate
	log      *slog.Logger
	sessions *sessions
	forget   func() // what it is told of reloads by
}

// New makes a Handler. Close it.
func New(p *proxy.Proxy, gate *login.Gate, log *slog.Logger) *Handler {
	h := &Handler{proxy: p, gate: gate, log: log, sessions: newSessions(time.Now)}
	h.forget = p.OnReload(h.sessions.renew)
	return h
}

// Close ends all sessions: who waits for events is answered, and nobody can log in any more.
func (h *Handler) Close() {
	h.forget()
	h.sessions.close()
}

// prefixes are where the addresses are: where Asterisk has them, and where its sample of http.conf
// (prefix=asterisk) and the versions before 1.8 do.
var prefixes = []string{"/", "/asterisk/"}

// Route makes mux serve the six addresses.
func (h *Handler) Route(mux *http.ServeMux) {
	for _, prefix := range prefixes {
		for path, handler := range map[string]http.Handler{
			"rawman":   h.byCookie(text),
			"manager":  h.byCookie(cookiePage),
			"mxml":     h.byCookie(xml),
			"arawman":  h.byDigest(text),
			"amanager": h.byDigest(digestPage),
			"amxml":    h.byDigest(xml),
		} {
			mux.Handle(prefix+path, handler)
			mux.Handle(prefix+path+"/{$}", handler)
		}
	}
}

// Spelled is a request as the mux that Route was called with knows its address: to Asterisk case does
// not matter (http.c, handle_uri). What is no address of Asterisk's stays as it is.
func Spelled(r *http.Request) *http.Request {
	lower := strings.ToLower(r.URL.Path)
	if lower == r.URL.Path || r.URL.RawPath != "" || !isAddress(lower) {
		return r
	}
	spelled, address := *r, *r.URL
	address.Path = lower
	spelled.URL = &address
	return &spelled
}

func isAddress(path string) bool {
	switch strings.TrimSuffix(strings.TrimPrefix(path, "/asterisk"), "/") {
	case "/rawman", "/manager", "/mxml", "/arawman", "/amanager", "/amxml":
		return true
	}
	return false
}

// page is what an answer looks like. The action is the request's, whose parameters may have a say in it.
type page struct {
	contentType string
	write       func(answer []formats.Item, action ami.Message) []byte
}

var (
	text = page{"text/plain", func(answer []formats.Item, _ ami.Message) []byte {
		return formats.Standard{}.AppendList(nil, answer)
	}}
	xml = page{"text/xml", func(answer []formats.Item, action ami.Message) []byte {
		return formats.MXML{Dest: last(action, "ajaxdest"), Object: last(action, "ajaxobjtype")}.AppendList(nil, withLines(answer))
	}}
	cookiePage = page{"text/html", func(answer []formats.Item, _ ami.Message) []byte { return appendPage(cookieForm, answer, cookieEnd) }}
	digestPage = page{"text/html", func(answer []formats.Item, _ ami.Message) []byte { return appendPage(digestForm, answer, digestEnd) }}
)

// withLines is what there is to see of an answer: of a message without lines, as of IAXnetstats, nothing.
func withLines(answer []formats.Item) []formats.Item {
	return slices.DeleteFunc(slices.Clone(answer), func(item formats.Item) bool { return item.Message.IsZero() })
}

// last is the value of the last header called name: of these Asterisk takes the last one (manager.c,
// xml_translate).
func last(action ami.Message, name string) (value string) {
	for v := range action.Values(name) {
		value = v
	}
	return value
}

// byCookie serves an address where the session is known by its cookie (manager.c,
// generic_http_callback).
func (h *Handler) byCookie(p page) http.Handler {
	return h.handler(func(w http.ResponseWriter, r *http.Request, action ami.Message) error {
		s, user := h.sessions.byCookie(sessionCookie(r))
		// A browser that says nothing does not send its cookie for pages of other sites: see setCookie.
		if err := h.gate.CrossSite(r); user != nil && err != nil && !login.IsSilent(err) {
			h.sessions.release(s)
			return h.anotherSite(r, user, err)
		}
		if user != nil && !user.MayComeFrom(login.AddressOf(r)) {
			h.sessions.release(s)
			s = nil
		}
		if s == nil {
			s = h.sessions.begin()
		}
		defer h.sessions.release(s)
		answer, err := h.run(r, s, action)
		if err != nil {
			return err
		}
		send(w, http.StatusOK, p.contentType, p.write(answer, action),
			header{"Set-Cookie", setCookie(r, h.sessions.name(s))},
			header{"Pragma", "SuppressEvents"})
		return nil
	})
}

// byDigest serves an address where every request logs in by Digest (manager.c, auth_http_callback).
func (h *Handler) byDigest(p page) http.Handler {
	return h.handler(func(w http.ResponseWriter, r *http.Request, action ami.Message) error {
		s, err := h.admitDigest(r, action)
		if err != nil {
			return err
		}
		defer h.sessions.release(s)
		answer, err := h.run(r, s, action)
		if err != nil {
			return err
		}
		send(w, http.StatusOK, p.contentType, p.write(answer, action))
		return nil
	})
}

// handler reads a request's action and has serve answer it. An error that is a refusal is the answer;
// any other means that nobody waits for one any more.
func (h *Handler) handler(serve func(http.ResponseWriter, *http.Request, ami.Message) error) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		action, err := readAction(w, r)
		if err == nil {
			err = serve(w, r, action)
		}
		if err != nil {
			refuse(w, err)
		}
	})
}

// anotherSite refuses a request that a browser has made for a page of another site, with a login that it
// adds by itself.
func (h *Handler) anotherSite(r *http.Request, user slog.LogValuer, why error) error {
	h.log.Warn("request of another site refused", "client", r.RemoteAddr, "user", user)
	return &refusal{status: http.StatusForbidden, text: why.Error()}
}
