package hotdesk

import (
	"cmp"
	"context"
	"errors"
	"time"

	"github.com/astproxy/astproxy/agi"
)

// The sounds that callers hear, by their names among those that Asterisk ships (asterisk-core-sounds).
const (
	soundExtension = "agent-user"               // enter your agent number, then pound
	soundPIN       = "agent-pass"               // enter your password, then pound
	soundWrong     = "auth-incorrect"           // password incorrect; enter it, then pound
	soundGoodbye   = "vm-goodbye"               // goodbye
	soundLoggedIn  = "agent-loginok"            // agent logged in
	soundLoggedOut = "agent-loggedoff"          // agent logged off
	soundAlready   = "agent-alreadyon"          // that agent is already logged on
	soundDisabled  = "disabled"                 // disabled
	soundLocked    = "please-try-call-later"    // please try your call later
	soundFailed    = "something-terribly-wrong" // something is terribly wrong
	soundUnpaused  = "activated"                // activated
	soundPaused    = "de-activated"             // de-activated
)

const (
	pinTries  = 3                // how often a PIN may be tried in a call
	digitWait = 10 * time.Second // how long a digit may be waited for
	maxDigits = 20
	maxNumber = 40
)

// What the variable HOTDESKSTATUS has behind a script, for the dialplan.
const (
	variableStatus = "HOTDESKSTATUS"
	variableUser   = "HOTDESKUSER"
	statusIn       = "LOGGEDIN"
	statusOut      = "LOGGEDOUT"
	statusRefused  = "REFUSED"
	statusFailed   = "FAILED"
	statusPaused   = "PAUSED"
	statusUnpaused = "UNPAUSED"
)

// Scripts implements plugins.Scripter.
func (p *plugin) Scripts() []agi.Script {
	return []agi.Script{
		{Path: "hotdesk/login", Summary: "Log in at the phone: asks for what ?user= has not, and for the PIN", Run: p.callLogin},
		{Path: "hotdesk/logout", Summary: "Log whoever is at the phone out", Run: p.callLogout},
		{Path: "hotdesk/toggle", Summary: "Log out who is at the phone, or else log in", Run: p.callToggle},
		{Path: "hotdesk/pause", Summary: "Pause whoever is at the phone in his queues", Run: p.callPause(true)},
		{Path: "hotdesk/unpause", Summary: "End that", Run: p.callPause(false)},
	}
}

// called is a call to a script: from which phone of which server.
type called struct {
	*agi.Call
	server, device, by string
}

// begin answers a call, and finds out whose phone it is.
func (p *plugin) begin(ctx context.Context, call *agi.Call) (*called, error) {
	if err := p.wait(ctx); err != nil {
		return nil, err
	}
	if err := call.Answer(); err != nil {
		return nil, err
	}
	c := &called{Call: call, server: p.serverOf(call), by: "phone " + call.Channel}
	var err error
	if c.device, err = p.device(c.server, "", call.Channel); err != nil {
		return nil, c.end(err)
	}
	return c, nil
}

// serverOf is the server a call is of: what the dialplan says (?server=), the one that has the channel, or the first.
func (p *plugin) serverOf(call *agi.Call) string {
	if named := call.Query.Get("server"); named != "" {
		return p.serverNamed(named)
	}
	for _, s := range p.host.Servers() {
		if c, known := p.host.Channels(s.Name).Channel(call.Uniqueid); known && c.Name == call.Channel {
			return s.Name
		}
	}
	return p.firstServer()
}

// end tells the caller and the dialplan how it has ended. The error is what the server logs.
func (c *called) end(err error) error {
	told, known := asError(err)
	sound, status := soundFailed, statusFailed
	if known {
		switch told.Code {
		case codeRefused:
			sound, status = soundGoodbye, statusRefused
		case codeLocked:
			sound, status = soundLocked, statusRefused
		case codeDisabled:
			sound, status = soundDisabled, statusRefused
		case codeElsewhere, codeTaken:
			sound, status = soundAlready, statusRefused
		}
	}
	if errors.Is(err, agi.ErrHangup) {
		return err
	}
	if saying := c.done(status, "", sound); saying != nil {
		return saying
	}
	if known {
		return nil // it is logged
	}
	return err
}

// done sets the variables and then says what has happened: who hangs up meanwhile is no less logged in.
func (c *called) done(status, user string, sounds ...string) error {
	if err := c.SetVariable(variableStatus, status); err != nil {
		return err
	}
	if user != "" {
		if err := c.SetVariable(variableUser, user); err != nil {
			return err
		}
	}
	return c.Play(sounds...)
}

func (p *plugin) callLogin(ctx context.Context, call *agi.Call) error {
	c, err := p.begin(ctx, call)
	if err != nil {
		return err
	}
	return p.talkLogin(ctx, c)
}

func (p *plugin) talkLogin(ctx context.Context, c *called) error {
	e := entry{server: c.server, device: c.device, by: c.by}
	if err := e.options(c.Query.Get("mode"), c.Query.Get("queues"), c.Query.Get("expires")); err != nil {
		return c.end(err)
	}
	extension := c.Query.Get("user")
	if extension == "" {
		var err error
		if extension, err = c.Ask(soundExtension, maxNumber, digitWait); err != nil {
			return err
		}
	}
	people, err := p.directory.people(ctx)
	if err != nil {
		return c.end(err)
	}
	if user, known := people.find(extension); known && user.Disabled {
		_, err := p.known(ctx, extension, c.server, c.device, c.by)
		return c.end(err)
	} else if known {
		at := p.desk.sessionAt(place{c.server, deviceName(c.device)})
		if at != nil && at.User == user.Extension {
			return c.done(statusIn, user.Extension, soundAlready)
		}
	}
	if e.user, err = p.askPIN(ctx, c, extension); err != nil {
		return c.end(err)
	}
	one, err := p.login(ctx, e)
	if err != nil {
		return c.end(err)
	}
	return c.done(statusIn, one.User, soundLoggedIn)
}

// askPIN asks for a PIN until it is right, three times at most.
func (p *plugin) askPIN(ctx context.Context, c *called, extension string) (user *User, err error) {
	sound := soundPIN
	for range pinTries {
		pin, asking := c.Ask(sound, maxDigits, digitWait)
		if asking != nil {
			return nil, asking
		}
		sound = soundWrong
		if err = errRefused; pin == "" { // nobody has tried
			continue
		}
		if user, err = p.authenticate(ctx, extension, pin, c.server, c.device, c.by); err == nil {
			return user, nil
		}
		if told, known := asError(err); !known || told.Code != codeRefused {
			return nil, err
		}
	}
	return nil, err
}

func (p *plugin) callLogout(ctx context.Context, call *agi.Call) error {
	c, err := p.begin(ctx, call)
	if err != nil {
		return err
	}
	return p.talkLogout(ctx, c)
}

// talkLogout logs out whoever is at the phone. That nobody was is no error, and sounds the same.
func (p *plugin) talkLogout(ctx context.Context, c *called) error {
	ended, err := p.logout(ctx, whom{place: place{c.server, deviceName(c.device)}}, reasonUser, c.by, nil)
	if err != nil {
		return c.end(err)
	}
	user := ""
	for _, s := range ended {
		user = s.User
	}
	return c.done(statusOut, user, soundLoggedOut)
}

func (p *plugin) callToggle(ctx context.Context, call *agi.Call) error {
	c, err := p.begin(ctx, call)
	if err != nil {
		return err
	}
	if p.desk.sessionAt(place{c.server, deviceName(c.device)}) == nil {
		return p.talkLogin(ctx, c)
	}
	return p.talkLogout(ctx, c)
}

func (p *plugin) callPause(paused bool) func(context.Context, *agi.Call) error {
	return func(ctx context.Context, call *agi.Call) error {
		c, err := p.begin(ctx, call)
		if err != nil {
			return err
		}
		reason := cmp.Or(c.Query.Get("reason"), "phone")
		all, err := p.setPaused(ctx, whom{place: place{c.server, deviceName(c.device)}}, c.Query.Get("queue"), paused, reason)
		if err != nil {
			return c.end(err)
		}
		if paused {
			return c.done(statusPaused, all[0].User, soundPaused)
		}
		return c.done(statusUnpaused, all[0].User, soundUnpaused)
	}
}
