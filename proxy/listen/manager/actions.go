package manager

import (
	"errors"
	"net/http"
	"strings"

	"github.com/astproxy/astproxy/access"
	"github.com/astproxy/astproxy/ami"
	"github.com/astproxy/astproxy/filters"
	"github.com/astproxy/astproxy/formats"
	"github.com/astproxy/astproxy/proxy"
	"github.com/astproxy/astproxy/proxy/listen/login"
)

// Asterisk's own words (manager.c, process_message).
const (
	permissionDenied = "Permission denied"
	missingAction    = "Missing action in request"
)

// run runs one action of a session and returns everything that is answered. An error says that its
// client has gone.
func (h *Handler) run(r *http.Request, s *session, m ami.Message) ([]formats.Item, error) {
	action := strings.ToLower(m.Action())
	if action == "" && m.Get("ProxyAction") == "" {
		return own(ami.NewError(m.ActionID(), missingAction)), nil
	}
	switch action {
	case "login":
		if err := h.mayTry(r, m.Get("Username")); err != nil {
			return nil, err
		}
		return h.login(r, s, m), r.Context().Err()
	case "logoff":
		h.sessions.end(s)
		return own(ami.NewResponse("Goodbye", m.ActionID()).Add("Message", "Thanks for all the fish.").Message()), nil
	case "challenge":
		return own(h.challenge(s, m)), nil
	}
	user := h.sessions.user(s)
	if user == nil {
		return own(ami.NewError(m.ActionID(), permissionDenied)), nil
	}
	if class, ours := sessionActions[action]; ours {
		if d := user.Judge(m.Action(), class, m); !d.Allowed {
			return own(ami.NewError(m.ActionID(), d.Answer)), nil
		}
	}
	switch action {
	case "events":
		return own(setEvents(s, m)), nil
	case "filter":
		return own(s.events.addFilter(m)), nil
	case "waitevent":
		return h.waitEvent(r, s, m)
	}
	answer, err := h.proxy.Ask(r.Context(), proxy.Caller{User: user, Remote: r.RemoteAddr}, m)
	if answer.Reason == proxy.TooMany {
		return nil, &refusal{status: http.StatusTooManyRequests, text: answer.Response().Get("Message"), headers: []header{{"Retry-After", "1"}}}
	}
	if err == nil && len(answer.Items) == 0 { // IAXnetstats: to Asterisk that is a message without lines
		return []formats.Item{{}}, nil
	}
	return answer.Items, err
}

// sessionActions are those about a session's own events, with their classes (manager.c, __init_manager).
var sessionActions = map[string]ami.Class{"events": ami.ClassNone, "filter": ami.ClassSystem, "waitevent": ami.ClassNone}

// own is an answer of the proxy's own.
func own(messages ...ami.Message) []formats.Item {
	items := make([]formats.Item, len(messages))
	for i, m := range messages {
		items[i].Message = m
	}
	return items
}

// challenge gives what a login by MD5 needs (manager.c, action_challenge).
func (h *Handler) challenge(s *session, m ami.Message) ami.Message {
	if !strings.EqualFold(m.Get("AuthType"), "MD5") {
		return ami.NewError(m.ActionID(), "Must specify AuthType")
	}
	return ami.NewResponse("Success", m.ActionID()).Add("Challenge", h.sessions.giveChallenge(s)).Message()
}

// login lets somebody in, with the events from now on. One that fails ends the session, and with it its
// challenge. FullyBooted does not come here, as it does not with Asterisk.
func (h *Handler) login(r *http.Request, s *session, m ami.Message) []formats.Item {
	if h.sessions.user(s) != nil {
		return own(alreadyAuthenticated(m))
	}
	user, ok := h.authenticate(r, s, m)
	if !ok {
		h.gate.Wrong(r, m.Get("Username"))
		h.sessions.end(s)
		return own(ami.NewError(m.ActionID(), "Authentication failed"))
	}
	mask, given := ami.ParseMask(m.Get("Events"))
	if !given {
		mask = ami.ClassAll
	}
	watch := h.proxy.NewWatch(user, mask, filters.Set{})
	err := h.sessions.logIn(s, user, watch, login.IsBrowser(r))
	if err == nil {
		h.sessions.renewOne(s, h.proxy.Users()) // if there was a reload since he was looked for
		return own(ami.NewResponse("Success", m.ActionID()).Add("Message", "Authentication accepted").Message())
	}
	watch.Close()
	if errors.Is(err, errAuthenticated) { // by another request meanwhile
		return own(alreadyAuthenticated(m))
	}
	h.log.Warn("login refused", "client", r.RemoteAddr, "user", user, "reason", "the user has too many sessions")
	return own(ami.NewError(m.ActionID(), err.Error()))
}

// mayTry refuses to look at a login of a name that was wrong too often of late. Asterisk would look.
func (h *Handler) mayTry(r *http.Request, name string) error {
	if err := h.gate.MayTry(r, name); err != nil {
		return &refusal{status: http.StatusTooManyRequests, text: err.Error(), headers: []header{{"Retry-After", "1"}}}
	}
	return nil
}

func alreadyAuthenticated(m ami.Message) ami.Message {
	return ami.NewResponse("Success", m.ActionID()).Add("Message", errAuthenticated.Error()).Message()
}

func (h *Handler) authenticate(r *http.Request, s *session, m ami.Message) (*access.User, bool) {
	a := login.AttemptOf(r, m.Get("Username"))
	byMD5 := strings.EqualFold(m.Get("AuthType"), "MD5")
	if byMD5 {
		a.Challenge, a.Response = h.sessions.challenge(s), m.Get("Key")
	}
	return h.proxy.Authenticate(a, func(users *access.Users) (*access.User, bool) {
		if byMD5 {
			return users.AuthenticateMD5(a.Name, a.Challenge, a.Response)
		}
		return users.Authenticate(a.Name, m.Get("Secret"))
	})
}

func setEvents(s *session, m ami.Message) ami.Message {
	mask, given := ami.ParseMask(m.Get("EventMask"))
	if !given {
		return ami.NewError(m.ActionID(), "Invalid event mask")
	}
	s.events.setMask(mask)
	return proxy.EventsAnswer(m, mask)
}

// waitEvent waits for events and returns them between the response and WaitEventComplete. When another
// takes its place it returns nothing at all, as with Asterisk (manager.c, action_waitevent_http).
func (h *Handler) waitEvent(r *http.Request, s *session, m ami.Message) ([]formats.Item, error) {
	timeout := h.sessions.waitLimit(s)
	if wanted, bounded := proxy.WaitEventTimeout(m); bounded {
		timeout = min(timeout, wanted)
	}
	came, ok := s.events.wait(r.Context(), timeout)
	if !ok {
		return nil, r.Context().Err()
	}
	answer := append([]ami.Message{proxy.WaitEventAnswer(m)}, came...)
	return own(append(answer, proxy.WaitEventComplete(m))...), nil
}
