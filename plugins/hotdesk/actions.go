package hotdesk

import (
	"cmp"
	"context"
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/astproxy/astproxy/ami"
	"github.com/astproxy/astproxy/plugins"
)

// Headers that several actions have.
var (
	headerUser    = plugins.Header{Name: "User", Description: "the extension of a user"}
	headerDevice  = plugins.Header{Name: "Device", Description: "a phone: PJSIP/101, or 101"}
	headerChannel = plugins.Header{Name: "Channel", Description: "a channel of the phone's, in the place of Device"}
)

func required(h plugins.Header) plugins.Header {
	h.Required = true
	return h
}

// Actions implements plugins.Actor.
func (p *plugin) Actions() []plugins.Action {
	return []plugins.Action{
		{
			Name: "HotdeskLogin", Class: ami.ClassAgent, Summary: "Log a user in at a phone.", FromDialplan: true, Run: p.runLogin,
			Headers: []plugins.Header{
				required(headerUser), headerDevice, headerChannel,
				{Name: "Pin", Description: "his PIN; an administrator and the dialplan need none"},
				{Name: "Mode", Description: "what happens if he is logged in elsewhere: refuse, move or multi"},
				{Name: "Queues", Description: "the queues to join in the place of his own, such as support,sales:2"},
				{Name: "Expires", Description: "after how long he is logged out, such as 8h"},
			},
		},
		{
			Name: "HotdeskLogout", Class: ami.ClassAgent, Summary: "Log a user out.", FromDialplan: true, Run: p.runLogout,
			Headers: []plugins.Header{
				headerUser, headerDevice, headerChannel,
				{Name: "Force", Description: "yes: even during a call; for administrators"},
			},
		},
		{
			Name: "HotdeskStatus", Class: ami.ClassAgent | ami.ClassReporting, Summary: "Show where a user is logged in, or who is at a phone.", Run: p.runStatus,
			Headers: []plugins.Header{headerUser, headerDevice, headerChannel},
		},
		{
			Name: "HotdeskList", Class: ami.ClassAgent | ami.ClassReporting, Summary: "List who is logged in, and where.", Run: p.runList,
		},
		{
			Name: "HotdeskPause", Class: ami.ClassAgent, Summary: "Pause a user in his queues, or end that.", FromDialplan: true, Run: p.runPause,
			Headers: []plugins.Header{
				headerUser, headerDevice, headerChannel,
				{Name: "Paused", Description: "yes or no", Required: true},
				{Name: "Queue", Description: "one of his queues; all without"},
				{Name: "Reason", Description: "why, for reports"},
			},
		},
		{
			Name: "HotdeskUnlock", Class: ami.ClassSystem, Summary: "Forget the wrong PINs of a user or a phone.", Run: p.runUnlock,
			Headers: []plugins.Header{headerUser, headerDevice},
		},
		{
			Name: "HotdeskSync", Class: ami.ClassSystem, Summary: "Make Asterisk agree with who is logged in.", Run: p.runSync,
		},
	}
}

// client is who asks, for the log.
func client(by plugins.Caller) string {
	if by.User == nil {
		return "dialplan " + by.Remote
	}
	return by.User.Name() + " " + by.Remote
}

// mayWithoutPIN tells whether somebody may log others in.
func mayWithoutPIN(by plugins.Caller) bool { return by.User == nil || by.User.Admin() }

// channelOf is the channel that an action is about: for the dialplan, which names nothing, its own.
func channelOf(by plugins.Caller, m ami.Message) string {
	return cmp.Or(m.Get("Channel"), by.Channel.Get("Channel"))
}

// deviceOf is the phone that an action is about.
func (p *plugin) deviceOf(by plugins.Caller, m ami.Message) (string, error) {
	channel := channelOf(by, m)
	if m.Get("Device") == "" && channel == "" {
		return "", plugins.Refuse(plugins.CodeMissing, "Device or Channel is needed")
	}
	return p.device(by.Server, m.Get("Device"), channel)
}

// whomOf is who an action is about: a user, a phone, or a user at a phone.
func (p *plugin) whomOf(by plugins.Caller, m ami.Message) (w whom, err error) {
	w.user = m.Get("User")
	if w.user != "" && m.Get("Device") == "" && m.Get("Channel") == "" {
		return w, nil
	}
	device, err := p.deviceOf(by, m)
	if err != nil {
		if w.user == "" && m.Get("Device") == "" && channelOf(by, m) == "" {
			err = plugins.Refuse(plugins.CodeMissing, "User, Device or Channel is needed")
		}
		return w, err
	}
	w.place = place{by.Server, deviceName(device)}
	return w, nil
}

func (p *plugin) runLogin(ctx context.Context, by plugins.Caller, m ami.Message) (plugins.Answer, error) {
	if err := p.wait(ctx); err != nil {
		return plugins.Answer{}, err
	}
	e := entry{server: by.Server, mode: strings.ToLower(m.Get("Mode")), by: client(by)}
	var err error
	if e.device, err = p.deviceOf(by, m); err != nil {
		return plugins.Answer{}, err
	}
	if err := e.options(m.Get("Mode"), m.Get("Queues"), m.Get("Expires")); err != nil {
		return plugins.Answer{}, err
	}
	switch {
	case m.Has("Pin"):
		e.user, err = p.authenticate(ctx, m.Get("User"), m.Get("Pin"), e.server, e.device, e.by)
	case mayWithoutPIN(by):
		e.user, err = p.known(ctx, m.Get("User"), e.server, e.device, e.by)
	default:
		err = plugins.Refuse(plugins.CodeMissing, "HotdeskLogin needs a header Pin")
	}
	if err != nil {
		return plugins.Answer{}, err
	}
	one, err := p.login(ctx, e)
	if err != nil {
		return plugins.Answer{}, err
	}
	return plugins.Answer{Response: describe(new(ami.Builder).Add("Message", "Logged in"), one)}, nil
}

// options reads what a login may be asked for besides.
func (e *entry) options(mode, queues, expires string) (err error) {
	switch e.mode = strings.ToLower(mode); e.mode {
	case "", elsewhereRefuse, elsewhereMove, elsewhereMulti:
	default:
		return plugins.Refuse(plugins.CodeInvalid, "Mode is refuse, move or multi, not %s", mode)
	}
	if e.queues, err = parseMemberships(queues, ", "); err != nil {
		return plugins.Refuse(plugins.CodeInvalid, "Queues: %v", err)
	}
	if expires == "" {
		return nil
	}
	if seconds, err := strconv.Atoi(expires); err == nil {
		expires = fmt.Sprintf("%ds", seconds)
	}
	if e.expires, err = time.ParseDuration(expires); err != nil || e.expires <= 0 {
		return plugins.Refuse(plugins.CodeInvalid, "Expires is a duration such as 8h, or seconds")
	}
	return nil
}

func (p *plugin) runLogout(ctx context.Context, by plugins.Caller, m ami.Message) (plugins.Answer, error) {
	force := ami.IsTrue(m.Get("Force"))
	if force && by.User != nil && !by.User.Admin() {
		return plugins.Answer{}, plugins.Refuse(plugins.CodeDenied, "Force is for administrators")
	}
	w, err := p.whomOf(by, m)
	if err != nil {
		return plugins.Answer{}, err
	}
	reason := reasonUser
	if by.User != nil && by.User.Admin() {
		reason = reasonAdmin
	}
	force = force || by.User == nil // a phone is in a call with the dialplan
	ended, err := p.logout(ctx, w, reason, client(by), p.notInCall(force))
	if err != nil {
		return plugins.Answer{}, err
	}
	b := new(ami.Builder).Add("Message", "Logged out")
	if len(ended) == 0 {
		b = new(ami.Builder).Add("Message", "Not logged in")
	}
	for _, s := range ended {
		b.Add("User", s.User).Add("Device", s.Device)
	}
	return plugins.Answer{Response: b}, nil
}

// sessionsOf are the sessions of whom.
func (p *plugin) sessionsOf(w whom) (all []*session) {
	if w.user == "" {
		if s := p.desk.sessionAt(w.place); s != nil {
			all = append(all, s)
		}
		return all
	}
	for _, s := range p.desk.sessionsOf(w.user) {
		if w.place.name == "" || s.place() == w.place {
			all = append(all, s)
		}
	}
	return all
}

func (p *plugin) runStatus(ctx context.Context, by plugins.Caller, m ami.Message) (plugins.Answer, error) {
	if err := p.wait(ctx); err != nil {
		return plugins.Answer{}, err
	}
	w, err := p.whomOf(by, m)
	if err != nil {
		return plugins.Answer{}, err
	}
	all := p.sessionsOf(w)
	b := new(ami.Builder)
	if len(all) == 0 {
		return plugins.Answer{Response: b.Add("Message", "Not logged in").Add("LoggedIn", "no").AddNonEmpty("User", w.user)}, nil
	}
	b.Add("Message", "Logged in").Add("LoggedIn", "yes")
	for _, s := range all {
		describe(b, s).Add("Server", s.Server).Add("DeviceState", p.devices.get(s.Server, s.Device).state)
	}
	return plugins.Answer{Response: b}, nil
}

func (p *plugin) runList(ctx context.Context, _ plugins.Caller, _ ami.Message) (plugins.Answer, error) {
	if err := p.wait(ctx); err != nil {
		return plugins.Answer{}, err
	}
	list := []ami.Message{}
	for _, s := range p.desk.all() {
		b := describe(ami.NewEvent("HotdeskSession"), s).Add("Server", s.Server)
		list = append(list, b.Add("DeviceState", p.devices.get(s.Server, s.Device).state).Message())
	}
	return plugins.Answer{Response: new(ami.Builder).Add("Message", "Sessions follow"), List: list, Complete: "HotdeskListComplete"}, nil
}

func (p *plugin) runPause(ctx context.Context, by plugins.Caller, m ami.Message) (plugins.Answer, error) {
	w, err := p.whomOf(by, m)
	if err != nil {
		return plugins.Answer{}, err
	}
	paused := ami.IsTrue(m.Get("Paused"))
	all, err := p.setPaused(ctx, w, m.Get("Queue"), paused, m.Get("Reason"))
	if err != nil {
		return plugins.Answer{}, err
	}
	message := "Unpaused"
	if paused {
		message = "Paused"
	}
	return plugins.Answer{Response: new(ami.Builder).Add("Message", message).Add("User", all[0].User)}, nil
}

func (p *plugin) runUnlock(_ context.Context, by plugins.Caller, m ami.Message) (plugins.Answer, error) {
	var userKey, phoneKey string
	switch user, device := m.Get("User"), m.Get("Device"); {
	case user == "" && device == "":
		return plugins.Answer{}, plugins.Refuse(plugins.CodeMissing, "User or Device is needed")
	default:
		if device != "" && !strings.Contains(device, "/") {
			device = p.config.Technology + "/" + device
		}
		userKey, phoneKey = lockKeys(user, by.Server, device)
	}
	unlocked := p.lockout.unlock(userKey)
	unlocked = p.lockout.unlock(phoneKey) || unlocked
	message := "Nothing was locked"
	if unlocked {
		message = "Unlocked"
	}
	return plugins.Answer{Response: new(ami.Builder).Add("Message", message)}, nil
}

func (p *plugin) runSync(ctx context.Context, by plugins.Caller, _ ami.Message) (plugins.Answer, error) {
	if err := p.wait(ctx); err != nil {
		return plugins.Answer{}, err
	}
	differences, err := p.sync(ctx, by.Server)
	if err != nil {
		return plugins.Answer{}, gone(err)
	}
	return plugins.Answer{Response: new(ami.Builder).Add("Message", "Synced").Add("Differences", strconv.Itoa(differences))}, nil
}

// status is the HTTP status of an error's code.
func status(code string) int {
	switch code {
	case plugins.CodeMissing, plugins.CodeInvalid:
		return http.StatusBadRequest
	case plugins.CodeDenied, codeRefused, codeDisabled:
		return http.StatusForbidden
	case codeLocked:
		return http.StatusTooManyRequests
	case codeElsewhere, codeTaken, codeInCall:
		return http.StatusConflict
	case codeUnknownDevice, codeUnknownQueue, codeNotLoggedIn:
		return http.StatusNotFound
	case plugins.CodeServerDown:
		return http.StatusServiceUnavailable
	}
	return http.StatusInternalServerError
}
