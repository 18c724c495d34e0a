package action

import (
	"context"
	"net/http"
	"strings"

	"github.com/astproxy/astproxy/access"
	"github.com/astproxy/astproxy/ami"
	"github.com/astproxy/astproxy/formats"
	"github.com/astproxy/astproxy/proxy"
	"github.com/astproxy/astproxy/proxy/listen/login"
)

// Handler serves /.
type Handler struct {
	proxy   *proxy.Proxy
	gate    *login.Gate
	format  formats.Format
	waiting waiting
}

// New makes a Handler that answers in a format unless the request or its user want another.
func New(p *proxy.Proxy, g *login.Gate, format formats.Format) *Handler {
	return &Handler{proxy: p, gate: g, format: format}
}

// ServeHTTP implements http.Handler.
func (h *Handler) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	q, err := readRequest(r)
	format := h.formatFor(r, q, nil)
	if err != nil {
		refuse(w, format, q, err)
		return
	}
	user, err := h.gate.Identify(r, q.values)
	if err != nil {
		h.gate.Challenge(w, r)
		refuse(w, format, q, err)
		return
	}
	if user.Format() != "" {
		format = h.formatFor(r, q, user)
	}
	answer, err := h.run(r.Context(), proxy.Caller{User: user, Remote: r.RemoteAddr}, q)
	switch {
	case r.Context().Err() != nil: // nobody is there any more
	case err != nil:
		refuse(w, format, q, err)
	default:
		write(w, format, http.StatusOK, answer)
	}
}

// run does what is asked. An error means that it has not become an action.
func (h *Handler) run(ctx context.Context, by proxy.Caller, q request) ([]formats.Item, error) {
	verb := q.action.Action()
	if verb == "" {
		if verb = q.action.Get("ProxyAction"); !strings.EqualFold(verb, "Logoff") {
			return h.ask(ctx, by, q)
		}
	}
	switch strings.ToLower(verb) {
	case "login":
		return own(ami.NewResponse("Success", q.id()).Add("Message", "Authentication accepted").Message()), nil
	case "logoff":
		return own(ami.NewResponse("Goodbye", q.id()).Add("Message", "Thanks for all the fish.").Message()), nil
	case "waitevent":
		return h.waitEvent(ctx, by.User, q)
	}
	return h.ask(ctx, by, q)
}

// ask has the action run, and waits for the event behind it that the request wants to see.
func (h *Handler) ask(ctx context.Context, by proxy.Caller, q request) ([]formats.Item, error) {
	if q.until != "" {
		return h.askUntil(ctx, by, q)
	}
	if q.maxtime > 0 {
		bounded, cancel := context.WithTimeout(ctx, q.maxtime)
		context.AfterFunc(ctx, cancel) // not earlier: until then the answer counts as held
		ctx = bounded
	}
	return h.answer(ctx, by, q)
}

// answer is the whole answer, or an error in its place if there is none in time.
func (h *Handler) answer(ctx context.Context, by proxy.Caller, q request) ([]formats.Item, error) {
	answer, err := h.proxy.Ask(ctx, by, q.action)
	if err != nil {
		return own(ami.NewError(q.id(), "There was no answer in time: the outcome is unknown")), nil
	}
	if answer.Reason == proxy.TooMany {
		return nil, refused(http.StatusTooManyRequests, "%s", answer.Response().Get("Message"))
	}
	return answer.Items, nil
}

// own is an answer that is the proxy's own.
func own(messages ...ami.Message) (items []formats.Item) {
	for _, m := range messages {
		items = append(items, formats.Item{Message: m})
	}
	return items
}

// formatFor is what a request is answered in: what it names, else what it accepts, else what its user
// or the listener has.
func (h *Handler) formatFor(r *http.Request, q request, user *access.User) formats.Format {
	usual := h.format
	if user != nil {
		if format, ok := formats.Lookup(user.Format()); ok {
			usual = format
		}
	}
	if q.format != nil {
		return q.format
	}
	return accepted(r.Header["Accept"], usual)
}
