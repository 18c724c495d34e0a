package api

import (
	"encoding/json"
	"errors"
	"net/http"
	"strconv"

	"github.com/astproxy/astproxy/proxy"
	"github.com/astproxy/astproxy/proxy/listen/login"
)

// The codes of problems, besides proxy.Reason's.
const (
	loginRequired    = "login_required"     // nothing shows who asks
	loginFailed      = "login_failed"       // what shows it is wrong
	crossSite        = "cross_site"         // a browser asks for a page of another site
	notFound         = "not_found"          // there is no such path
	methodNotAllowed = "method_not_allowed" // but not by this method
	bodyTimedOut     = "body_timed_out"     // the body did not come
	tooLarge         = "too_large"          // the body is
	notJSON          = "not_json"           // the body is of another kind
	asteriskError    = "asterisk_error"     // Asterisk's own Response: Error
)

// problem is what is answered where something went wrong (RFC 9457). It has no type: code tells
// programs what it is.
type problem struct {
	Server string `json:"server,omitempty"` // whose it is, of several
	Title  string `json:"title"`
	Status int    `json:"status"`
	Code   string `json:"code"`
	Detail string `json:"detail"` // for people

	// MayHaveHappened tells whether the action may have been run.
	MayHaveHappened bool `json:"may_have_happened"`

	// Response and Items are Asterisk's answer, where it is that what went wrong.
	Response json.RawMessage   `json:"response,omitempty"`
	Items    []json.RawMessage `json:"items,omitempty"`

	// Failed are the servers' own problems, where none of several has answered well.
	Failed []*problem `json:"failed,omitempty"`

	retryAfter int // seconds; 0: nothing is said
}

func newProblem(status int, code, detail string) *problem {
	return &problem{Title: http.StatusText(status), Status: status, Code: code, Detail: detail}
}

// Error implements error.
func (p *problem) Error() string { return p.Code + ": " + p.Detail }

func (p *problem) write(w http.ResponseWriter) {
	if p.Status == http.StatusUnauthorized {
		w.Header().Add("WWW-Authenticate", `Basic realm="astproxy", charset="UTF-8"`)
		w.Header().Add("WWW-Authenticate", `Bearer realm="astproxy"`)
	}
	if p.retryAfter > 0 {
		w.Header().Set("Retry-After", strconv.Itoa(p.retryAfter))
	}
	document, _ := json.Marshal(p) // nothing in it can fail
	writeDocument(w, p.Status, "application/problem+json", document)
}

func writeJSON(w http.ResponseWriter, status int, document []byte) {
	writeDocument(w, status, "application/json", document)
}

func writeDocument(w http.ResponseWriter, status int, mediaType string, document []byte) {
	w.Header().Set("Content-Type", mediaType)
	w.Header().Set("Content-Length", strconv.Itoa(len(document)))
	w.WriteHeader(status)
	_, _ = w.Write(document) // who has gone misses it
}

// notLetIn is the problem of who did not come through the gate.
func notLetIn(err error) *problem {
	switch {
	case errors.Is(err, login.ErrCrossSite):
		return newProblem(http.StatusForbidden, crossSite, err.Error())
	case errors.Is(err, login.ErrTooMany):
		return refused(proxy.TooMany, err.Error())
	case errors.Is(err, login.ErrNobody):
		return newProblem(http.StatusUnauthorized, loginRequired, "log in by HTTP Basic or a Bearer token")
	}
	return newProblem(http.StatusUnauthorized, loginFailed, err.Error())
}

// When it may help to try again, in seconds: a server is looked for again within some, an Originate
// ends at any time, and wrong logins count for one.
const (
	retryServer = 5
	retrySoon   = 1
)

// refused is the problem of an action that the proxy itself has answered. There is no 409 among
// them: the proxy has no state that an action could conflict with. Asterisk has, but says so in words
// that differ by action and version.
func refused(reason proxy.Reason, detail string) *problem {
	p := newProblem(http.StatusUnprocessableEntity, string(reason), detail) // that of an action which is not Asterisk's
	switch reason {
	case proxy.InvalidAction:
		p.Status = http.StatusBadRequest
	case proxy.PermissionDenied:
		p.Status = http.StatusForbidden
	case proxy.UnknownAction, proxy.UnknownServer:
		p.Status = http.StatusNotFound
	case proxy.TooMany:
		p.Status, p.retryAfter = http.StatusTooManyRequests, retrySoon
	case proxy.TimedOut:
		p.Status, p.MayHaveHappened = http.StatusGatewayTimeout, true
	case proxy.OutcomeUnknown, proxy.AnswerLost:
		p.Status, p.MayHaveHappened = http.StatusBadGateway, true
	case proxy.ServerDown, proxy.NotSent:
		p.Status, p.retryAfter = http.StatusBadGateway, retryServer
	}
	p.Title = http.StatusText(p.Status)
	return p
}
