package hotdesk

import (
	"cmp"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"strings"
	"time"

	"github.com/astproxy/astproxy/ami"
	"github.com/astproxy/astproxy/plugins"
)

// maxBody bounds a request.
const maxBody = 16 << 10

// Routes implements plugins.Router.
func (p *plugin) Routes() []plugins.Route {
	return []plugins.Route{
		{Method: "GET", Path: "/api/v1/hotdesk/sessions", Summary: "Who is logged in at which phone", Serve: p.serveList},
		{Method: "POST", Path: "/api/v1/hotdesk/sessions", Summary: "Log a user in at a phone", Serve: p.serveLogin},
		{Method: "GET", Path: "/api/v1/hotdesk/sessions/{user}", Summary: "Where a user is logged in", Serve: p.serveStatus},
		{Method: "DELETE", Path: "/api/v1/hotdesk/sessions/{user}", Summary: "Log a user out", Serve: p.serveLogout},
	}
}

// shownSession is a session as HTTP has it.
type shownSession struct {
	User        string       `json:"user"`
	Name        string       `json:"name,omitempty"`
	Server      string       `json:"server"`
	Device      string       `json:"device"`
	DeviceState string       `json:"device_state"`
	Queues      []Membership `json:"queues"`
	Paused      []string     `json:"paused"`
	Since       time.Time    `json:"since"`
	Expires     *time.Time   `json:"expires,omitempty"`
}

func (p *plugin) shown(s *session) shownSession {
	v := shownSession{
		User: s.User, Name: s.Name, Server: s.Server, Device: s.Device, DeviceState: p.devices.get(s.Server, s.Device).state,
		Queues: []Membership{}, Paused: []string{}, Since: s.Since.UTC(),
	}
	for _, q := range s.Queues {
		v.Queues = append(v.Queues, q)
		if _, is := s.paused(q.Queue); is {
			v.Paused = append(v.Paused, q.Queue)
		}
	}
	if !s.Expires.IsZero() {
		end := s.Expires.UTC()
		v.Expires = &end
	}
	return v
}

// permitted wants who asks to be one who may send an action that does the same, and the sessions to have been read; if
// not, that is answered.
func (p *plugin) permitted(w http.ResponseWriter, r *http.Request, by plugins.Caller, action ami.Message) bool {
	if !p.may(by, action) {
		plugins.WriteProblem(w, http.StatusForbidden, plugins.CodeDenied, "Permission denied")
		return false
	}
	if err := p.wait(r.Context()); err != nil {
		plugins.WriteProblem(w, http.StatusServiceUnavailable, plugins.CodeFailed, "The sessions have not been read")
		return false
	}
	return true
}

// may tells whether somebody may send one of the plugin's actions, with these headers.
func (p *plugin) may(by plugins.Caller, action ami.Message) bool {
	for _, a := range p.Actions() {
		if a.Name == action.Action() {
			return by.User.Judge(a.Name, a.Class, action).Allowed
		}
	}
	return false
}

// problem answers with an error.
func (p *plugin) problem(w http.ResponseWriter, err error) {
	told, known := asError(err)
	if !known {
		p.log.Error("request failed", "error", err)
		told = plugins.Refuse(plugins.CodeFailed, "It has failed; the proxy's log tells why")
	}
	plugins.WriteProblem(w, status(told.Code), told.Code, told.Text)
}

func (p *plugin) serveList(w http.ResponseWriter, r *http.Request, by plugins.Caller) {
	if !p.permitted(w, r, by, ami.NewAction("HotdeskList").Message()) {
		return
	}
	all := []shownSession{}
	for _, s := range p.desk.all() {
		all = append(all, p.shown(s))
	}
	plugins.WriteJSON(w, http.StatusOK, map[string]any{"sessions": all})
}

func (p *plugin) serveStatus(w http.ResponseWriter, r *http.Request, by plugins.Caller) {
	if !p.permitted(w, r, by, ami.NewAction("HotdeskStatus").Add("User", r.PathValue("user")).Message()) {
		return
	}
	all := []shownSession{}
	for _, s := range p.desk.sessionsOf(r.PathValue("user")) {
		all = append(all, p.shown(s))
	}
	if len(all) == 0 {
		plugins.WriteProblem(w, http.StatusNotFound, codeNotLoggedIn, "The user is not logged in")
		return
	}
	plugins.WriteJSON(w, http.StatusOK, map[string]any{"sessions": all})
}

// loginRequest is what a login says.
type loginRequest struct {
	User    string   `json:"user"`
	Device  string   `json:"device"`
	PIN     *string  `json:"pin"`
	Mode    string   `json:"mode"`
	Queues  []string `json:"queues"`
	Expires string   `json:"expires"`
	Server  string   `json:"server"`
}

func (p *plugin) serveLogin(w http.ResponseWriter, r *http.Request, by plugins.Caller) {
	var request loginRequest
	body := json.NewDecoder(http.MaxBytesReader(w, r.Body, maxBody))
	body.DisallowUnknownFields()
	err := body.Decode(&request)
	if err == nil {
		if _, more := body.Token(); !errors.Is(more, io.EOF) {
			err = errors.New("there is more behind the object")
		}
	}
	if err != nil { // its text could quote the PIN
		plugins.WriteProblem(w, http.StatusBadRequest, plugins.CodeInvalid, "the body is not a JSON object with user, device, pin, mode, queues, expires and server")
		return
	}
	if !p.permitted(w, r, by, request.action()) {
		return
	}
	one, err := p.loginBy(r, by, request)
	if err != nil {
		p.problem(w, err)
		return
	}
	plugins.WriteJSON(w, http.StatusCreated, p.shown(one))
}

// action is the login as an action.
func (l loginRequest) action() ami.Message {
	b := ami.NewAction("HotdeskLogin").Add("User", l.User).Add("Device", l.Device)
	if l.PIN != nil {
		b.Add("Pin", *l.PIN)
	}
	return b.AddNonEmpty("Mode", l.Mode).AddNonEmpty("Queues", strings.Join(l.Queues, ",")).AddNonEmpty("Expires", l.Expires).
		AddNonEmpty("Server", l.Server).Message()
}

func (p *plugin) loginBy(r *http.Request, by plugins.Caller, request loginRequest) (*session, error) {
	e := entry{server: p.serverNamed(cmp.Or(request.Server, by.Server, p.firstServer())), by: client(by)}
	if request.User == "" || request.Device == "" {
		return nil, plugins.Refuse(plugins.CodeMissing, "user and device are needed")
	}
	var err error
	if e.device, err = p.device(e.server, request.Device, ""); err != nil {
		return nil, err
	}
	if err := e.options(request.Mode, strings.Join(request.Queues, ","), request.Expires); err != nil {
		return nil, err
	}
	switch {
	case request.PIN != nil:
		e.user, err = p.authenticate(r.Context(), request.User, *request.PIN, e.server, e.device, e.by)
	case mayWithoutPIN(by):
		e.user, err = p.known(r.Context(), request.User, e.server, e.device, e.by)
	default:
		err = plugins.Refuse(plugins.CodeMissing, "pin is needed")
	}
	if err != nil {
		return nil, err
	}
	return p.login(r.Context(), e)
}

func (p *plugin) serveLogout(w http.ResponseWriter, r *http.Request, by plugins.Caller) {
	force := r.URL.Query().Get("force") == "true"
	action := ami.NewAction("HotdeskLogout").Add("User", r.PathValue("user"))
	if force {
		action.Add("Force", "yes")
	}
	if !p.permitted(w, r, by, action.Message()) {
		return
	}
	if force && !by.User.Admin() {
		plugins.WriteProblem(w, http.StatusForbidden, plugins.CodeDenied, "force is for administrators")
		return
	}
	reason := reasonUser
	if by.User.Admin() {
		reason = reasonAdmin
	}
	ended, err := p.logout(r.Context(), whom{user: r.PathValue("user")}, reason, client(by), p.notInCall(force))
	if err != nil {
		p.problem(w, err)
		return
	}
	plugins.WriteJSON(w, http.StatusOK, map[string]any{"logged_out": len(ended)})
}

// notInCall refuses to log somebody out who is in a call, unless that is forced.
func (p *plugin) notInCall(force bool) func(*session) (bool, error) {
	return func(s *session) (bool, error) {
		if !force && inCall(p.devices.get(s.Server, s.Device).state) {
			return false, plugins.Refuse(codeInCall, "The user is in a call; an administrator can log him out by force")
		}
		return false, nil
	}
}

// serverNamed is a server's name as the configuration spells it; a place is of one spelling.
func (p *plugin) serverNamed(name string) string {
	for _, s := range p.host.Servers() {
		if strings.EqualFold(s.Name, name) {
			return s.Name
		}
	}
	return name // which is told to be unknown when it is asked
}

// firstServer is where what names no server goes.
func (p *plugin) firstServer() string {
	for _, s := range p.host.Servers() {
		return s.Name
	}
	return ""
}
