package hotdesk

import (
	"context"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/astproxy/astproxy/ami"
	"github.com/astproxy/astproxy/plugins"
)

// entry is somebody who wants to log in, and has shown that he may.
type entry struct {
	user    *User
	server  string
	device  string // with its technology
	mode    string // "": the configuration's
	queues  []Membership
	expires time.Duration // 0: the configuration's
	by      string        // who has asked, for the log
}

// refused is what is said to whoever has a wrong PIN, or no right user.
var errRefused = plugins.Refuse(codeRefused, "The user or the PIN is wrong")

// authenticate finds who has a PIN. It counts, logs and tells what fails; how long that takes tells not why.
func (p *plugin) authenticate(ctx context.Context, extension, pin, server, device, by string) (*User, error) {
	people, err := p.directory.people(ctx)
	if err != nil {
		return nil, err
	}
	userKey, phoneKey := lockKeys(extension, server, device)
	fail := func(err *plugins.Error, reason string) (*User, error) {
		p.loginFailed(extension, server, device, by, err, reason)
		return nil, err
	}
	if !p.lockout.try(p.host.Clock().Now(), userKey, phoneKey) {
		return fail(plugins.Refuse(codeLocked, "Too many PINs were wrong; try again later"), "locked out")
	}
	user, known := people.find(extension)
	right := people.verify(extension, pin)
	switch {
	case !known:
		return fail(errRefused, "there is no such user")
	case !right:
		return fail(errRefused, "wrong PIN")
	case user.Disabled:
		return fail(plugins.Refuse(codeDisabled, "The user is disabled"), "disabled")
	}
	p.lockout.right(userKey, phoneKey)
	return user, nil
}

func lockKeys(extension, server, device string) (user, phone string) {
	return userClaim(extension), placeClaim(place{server, strings.ToLower(deviceName(device))})
}

// known finds a user whose PIN nobody asks for.
func (p *plugin) known(ctx context.Context, extension, server, device, by string) (*User, error) {
	people, err := p.directory.people(ctx)
	if err != nil {
		return nil, err
	}
	user, known := people.find(extension)
	switch {
	case !known:
		err := plugins.Refuse(codeRefused, "There is no user %s", extension)
		p.loginFailed(extension, server, device, by, err, "there is no such user")
		return nil, err
	case user.Disabled:
		err := plugins.Refuse(codeDisabled, "The user is disabled")
		p.loginFailed(extension, server, device, by, err, "disabled")
		return nil, err
	}
	return user, nil
}

// loginFailed logs and tells that somebody could not log in. What it tells has only the code.
func (p *plugin) loginFailed(extension, server, device, by string, err *plugins.Error, reason string) {
	p.log.Warn("login failed", "user", extension, "server", server, "device", device, "client", by, "reason", reason)
	p.emit(server, ami.NewEvent("HotdeskLoginFailed").Add("User", extension).AddNonEmpty("Device", device).
		Add("Code", err.Code).Add("Reason", err.Text))
}

// login logs somebody in, and tells what he has now.
func (p *plugin) login(ctx context.Context, e entry) (*session, error) {
	if err := p.wait(ctx); err != nil {
		return nil, err
	}
	one, err := p.enter(ctx, e)
	if err != nil {
		if failed, told := asError(err); told {
			p.loginFailed(e.user.Extension, e.server, e.device, e.by, failed, err.Error())
			err = failed
		}
		return nil, err
	}
	return one, nil
}

func (p *plugin) enter(ctx context.Context, e entry) (*session, error) {
	if err := p.checkDevice(ctx, e.server, e.device); err != nil {
		return nil, err
	}
	at := place{e.server, deviceName(e.device)}
	var mine []*session
	var there *session
	release, err := p.desk.claim(ctx, func() []string {
		mine, there = p.desk.of(e.user.Extension), p.desk.at(at)
		all := append(claims(mine...), userClaim(e.user.Extension), placeClaim(at))
		if there != nil {
			all = append(all, claims(there)...)
		}
		return all
	})
	if err != nil {
		return nil, err
	}
	defer release()
	before, after, err := p.arrange(e, mine, there)
	if err != nil {
		return nil, err
	}
	if err := p.change(ctx, before, after); err != nil {
		return nil, err
	}
	one := after[len(after)-1]
	for _, s := range before {
		switch {
		case s.place() == at && strings.EqualFold(s.User, one.User):
		case strings.EqualFold(s.User, one.User):
			if !slices.ContainsFunc(after, func(stays *session) bool { return stays.place() == s.place() }) {
				p.loggedOut(s, reasonMoved, e.by)
			}
		default:
			p.loggedOut(s, reasonReplaced, e.by)
		}
	}
	p.loggedIn(one, e.by)
	return one, nil
}

// arrange decides what a login makes of the user's sessions, and of the one that is at his phone. The last of
// after is the new one.
func (p *plugin) arrange(e entry, mine []*session, there *session) (before, after []*session, err error) {
	mode := p.config.Elsewhere
	if e.mode != "" {
		mode = e.mode
	}
	now := p.host.Clock().Now()
	one := &session{
		User: e.user.Extension, Name: e.user.Name, Server: e.server, Device: e.device, Since: now, Expires: p.ends(now, e.expires),
		Queues: e.queues, CallerID: e.user.CallerID, Context: e.user.Context, Mailbox: e.user.Mailbox,
	}
	if one.Queues == nil {
		one.Queues = e.user.Queues
	}
	before = mine
	if there != nil && !strings.EqualFold(there.User, one.User) {
		if !p.config.Replace {
			return nil, nil, plugins.Refuse(codeTaken, "Somebody else is logged in at %s", e.device)
		}
		others := p.desk.sessionsOf(there.User) // all of them are claimed: a picture is of a user's sessions together
		before = append(append([]*session{}, mine...), others...)
		for _, s := range others {
			if s != there {
				after = append(after, s)
			}
		}
	}
	for _, s := range mine {
		switch {
		case s.place() == one.place():
			one.Since, one.Paused = s.Since, maps.Clone(s.Paused)
		case mode == elsewhereRefuse:
			return nil, nil, plugins.Refuse(codeElsewhere, "The user is logged in at %s already", s.Device)
		case mode == elsewhereMulti:
			after = append(after, s)
			if s.Server == one.Server {
				one.Queues = s.Queues // a user has one membership of a queue
			}
		}
		if one.Paused == nil {
			one.Paused = maps.Clone(s.Paused)
		}
	}
	return before, append(after, one), nil
}

// ends is when a login ends by itself.
func (p *plugin) ends(now time.Time, asked time.Duration) (end time.Time) {
	if asked == 0 {
		asked = p.config.Expires
	}
	if asked > 0 {
		end = now.Add(asked)
	}
	if at, err := time.Parse("15:04", p.config.LogoutAt); err == nil {
		here := now.Local()
		next := time.Date(here.Year(), here.Month(), here.Day(), at.Hour(), at.Minute(), 0, 0, here.Location())
		if !next.After(now) {
			next = next.AddDate(0, 0, 1)
		}
		if end.IsZero() || next.Before(end) {
			end = next
		}
	}
	return end
}

// checkDevice wants the server to know the device.
func (p *plugin) checkDevice(ctx context.Context, server, device string) error {
	ctx, cancel := context.WithTimeout(ctx, sendTimeout)
	defer cancel()
	reply, err := p.host.Send(ctx, server, ami.NewAction("Getvar").Add("Variable", "DEVICE_STATE("+device+")").Message())
	switch {
	case err != nil:
		return gone(err)
	case !reply.OK():
		return plugins.Refuse(plugins.CodeFailed, "Asterisk has refused to tell of %s: %s", device, reply.Response.Get("Message"))
	}
	state := reply.Response.Get("Value")
	if state == stateInvalid || state == "" {
		return plugins.Refuse(codeUnknownDevice, "%s has no device %s", server, device)
	}
	p.devices.asked(server, device, state, p.host.Clock().Now())
	return nil
}

// device is a device by its name, with or without its technology, or by a channel of it.
func (p *plugin) device(server, device, channel string) (string, error) {
	if device == "" {
		if found, known := p.host.Channels(server).Channel(channel); known {
			channel = found.Name // it was a Uniqueid, or the name
		}
		end := strings.LastIndexByte(channel, '-')
		if end < 0 {
			return "", plugins.Refuse(codeUnknownDevice, "%s has no channel %s", server, channel)
		}
		device = channel[:end]
	}
	technology, name, given := strings.Cut(device, "/")
	if !given {
		technology, name = p.config.Technology, device
	}
	if !rightWord.MatchString(technology) || !rightDevice.MatchString(name) || strings.EqualFold(technology, "Local") {
		return "", plugins.Refuse(codeUnknownDevice, "%s is no device that somebody can be at", device)
	}
	return technology + "/" + name, nil
}

func sameDevice(a, b string) bool { return strings.EqualFold(a, b) }
