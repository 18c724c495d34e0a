package conference

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/astproxy/astproxy/ami"
	"github.com/astproxy/astproxy/plugins"
)

// invitation has an Invitation done.
type invitation struct {
	*Invitation // guarded by Plugin.mu
	by          plugins.Caller
	callerID    string
	options     Options
	watch       *watch
	told        InviteState // the last state that was told of; its job's alone
}

// newInvitation prepares to call somebody into a room.
func (p *Plugin) newInvitation(by plugins.Caller, room, number, channel string, o Options) (*invitation, error) {
	if channel == "" {
		return nil, plugins.Refuse(CodeNothingToCall, "Nothing is known that could be called")
	}
	inv := &invitation{by: by, options: o}
	p.mu.Lock()
	bridge := ""
	if r := p.of(by.Server).Room(room); r != nil && !r.listed {
		bridge = r.Bridge
	}
	p.mu.Unlock()
	inv.Invitation = NewInvitation(room, bridge, number, channel, "conference-"+rand.Text())
	return inv, nil
}

// originate is the action that calls. An invited one is asked for no PIN.
func (p *Plugin) originate(inv *invitation, d time.Duration) ami.Message {
	o := inv.options
	o.PIN = ""
	return ami.NewAction("Originate").Add("ActionID", inv.Uniqueid).Add("Channel", inv.Channel).
		Add("Context", p.config.Context).Add("Exten", joinExtension).Add("Priority", "1").
		Add("Timeout", fmt.Sprint(d.Milliseconds())).AddNonEmpty("CallerID", inv.callerID).
		Add("Variable", variableRoom+"="+inv.Room).Add("Variable", variableOptions+"="+o.text()).
		Add("ChannelId", inv.Uniqueid).Add("Async", "true").Message()
}

// sent is the Originate as Asterisk is asked for it: with the account and in the context that the user has.
func (p *Plugin) sent(inv *invitation, d time.Duration) ami.Message {
	return inv.by.Rewritten(p.originate(inv, d))
}

// judged is the Originate as it is judged: as one into ConfBridge, which it amounts to.
func (p *Plugin) judged(inv *invitation, d time.Duration) ami.Message {
	ours := []string{"ActionID", "Context", "Exten", "Priority", "Variable"}
	m := p.sent(inv, d).Without(func(name string) bool { return slices.ContainsFunc(ours, func(o string) bool { return is(o, name) }) })
	return m.Adding("Application", "ConfBridge").Adding("Data", inv.Room)
}

// invite calls. Whoever has it done awaits it afterwards.
func (p *Plugin) invite(ctx context.Context, inv *invitation, d time.Duration, jobID string) error {
	if err := p.judge(inv.by, p.judged(inv, d)); err != nil {
		return err
	}
	if err := p.prepareDialplan(ctx, inv.by.Server); err != nil {
		return err
	}
	inv.watch = p.watch(inv.by.Server, inv.Hear)
	p.mu.Lock()
	inv.watch.invitation = inv.Invitation
	p.mu.Unlock()
	reply, err := p.host.Send(ctx, inv.by.Server, p.sent(inv, d))
	if err == nil && !reply.OK() {
		err = plugins.Refuse(plugins.CodeFailed, "%s", reply.Response.Get("Message"))
	}
	if err != nil {
		p.unwatch(inv.watch)
		if errors.Is(err, plugins.ErrOutcomeUnknown) || errors.Is(err, plugins.ErrTimeout) || ctx.Err() != nil {
			p.hangUp(ctx, inv) // it may ring
		}
		return err
	}
	p.tellInvitation(inv, jobID)
	return nil
}

// awaitInvitation waits for the end of a call, and returns it.
func (p *Plugin) awaitInvitation(ctx context.Context, inv *invitation, d time.Duration, jobID string) InviteState {
	defer p.unwatch(inv.watch)
	over := func() bool { return inv.State.Over() || inv.Ended() }
	look := func() { p.lookFor(ctx, inv) }
	tell := func() { p.tellInvitation(inv, jobID) }
	// Asterisk ends the ringing by itself; then he may take his time to enter.
	inTime := p.await(ctx, inv.watch, d+p.config.JoinTime, over, tell, look)
	p.mu.Lock()
	hangUp := true
	switch {
	case inv.Ended():
		inv.Cancel("the conference has ended")
	case inTime:
		hangUp = false
	case ctx.Err() != nil:
		inv.Cancel("cancelled")
	default:
		inv.State, inv.Reason = InviteUnknown, "Asterisk has not told in time"
	}
	state := inv.State
	p.mu.Unlock()
	if hangUp {
		p.hangUp(ctx, inv)
	}
	tell()
	return state
}

// lookFor looks whether somebody is in his room, where events may have been missed, and whether there still is the
// room.
func (p *Plugin) lookFor(ctx context.Context, inv *invitation) {
	room, is, err := p.room(ctx, inv.by.Server, inv.Room)
	if err != nil {
		return
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	switch {
	case inv.State.Over():
	case !is && p.reserved[roomKey{inv.by.Server, inv.Room}] == 0:
		inv.ended = true
	case room.participants[inv.Uniqueid] != nil:
		inv.State = InviteJoined
	}
}

// hangUpTime bounds how long the proxy tries to hang somebody up whom nobody wants any more, and hangUpPauses are
// how long it waits before it tries again.
const hangUpTime = 10 * time.Second

var hangUpPauses = []time.Duration{20 * time.Millisecond, 80 * time.Millisecond, 320 * time.Millisecond, time.Second}

// hangUp ends the call of an invitation that is over, also if ctx is. A channel that an Originate is about to make
// is found only in a moment.
func (p *Plugin) hangUp(ctx context.Context, inv *invitation) {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), hangUpTime)
	defer cancel()
	action := ami.NewAction("Hangup").Add("Channel", inv.Uniqueid).Message()
	for attempt := 0; ; attempt++ {
		reply, err := p.host.Send(ctx, inv.by.Server, action)
		switch {
		case err != nil:
			p.host.Log().Warn("call not hung up", "server", inv.by.Server, "channel", inv.Uniqueid, "error", err)
			return
		case reply.OK() || attempt == len(hangUpPauses):
			return
		}
		// The plugin may be ending, and the host's clock with it.
		select {
		case <-time.After(hangUpPauses[attempt]):
		case <-ctx.Done():
			return
		}
	}
}

// tellInvitation tells everybody of a state that was not told.
func (p *Plugin) tellInvitation(inv *invitation, jobID string) {
	p.mu.Lock()
	state, reason := inv.State, inv.Reason
	p.mu.Unlock()
	if state == inv.told {
		return
	}
	inv.told = state
	p.emitParty(inv.by, jobID, inv.Room, Party{
		Channel: inv.Channel, Uniqueid: inv.Uniqueid, Number: inv.Number, State: PartyState(state), Reason: reason,
	})
}

// add is ConferenceAdd.
func (p *Plugin) add(ctx context.Context, by plugins.Caller, m ami.Message) (plugins.Answer, error) {
	inv, d, err := p.wanted(ctx, by, m)
	if err != nil {
		return plugins.Answer{}, err
	}
	if err := p.judge(by, p.judged(inv, d)); err != nil {
		return plugins.Answer{}, err
	}
	job, err := p.host.NewJob(m.Action(), by, func(ctx context.Context, j plugins.Job) error {
		err := p.invite(ctx, inv, d, j.ID())
		if err != nil {
			p.tellChannel(ctx, by, codeOf(err))
			return err
		}
		state := p.awaitInvitation(ctx, inv, d, j.ID())
		p.tellChannel(ctx, by, string(state))
		j.SetResult(new(ami.Builder).Add("State", string(state)).AddNonEmpty("Reason", inv.Reason))
		return nil
	})
	if err != nil {
		return plugins.Answer{}, err
	}
	response := new(ami.Builder).Add("Conference", inv.Room).Add("Destination", inv.Channel).Add("Uniqueid", inv.Uniqueid)
	return plugins.Answer{Response: response, Job: job}, nil
}

// wanted is the invitation that ConferenceAdd asks for.
func (p *Plugin) wanted(ctx context.Context, by plugins.Caller, m ami.Message) (*invitation, time.Duration, error) {
	d, err := timeout(m, p.config.RingTime)
	if err != nil {
		return nil, 0, err
	}
	name, err := p.conference(by, m.Get("Conference"))
	if err != nil {
		return nil, 0, err
	}
	if err := p.judgeRoom(by, name); err != nil {
		return nil, 0, err
	}
	number, channel, err := p.destination(m)
	if err != nil {
		return nil, 0, err
	}
	room, is, err := p.room(ctx, by.Server, name)
	switch {
	case err != nil:
		return nil, 0, err
	case !is:
		return nil, 0, noConference(name)
	case !roomName.MatchString(name):
		return nil, 0, plugins.Refuse(plugins.CodeInvalid, "Nobody can be called into a conference of that name")
	case room.Locked && !ami.IsTrue(m.Get("Admin")):
		return nil, 0, plugins.Refuse(CodeLocked, "Conference %s is locked", name)
	case number != "" && room.Called(number) != nil:
		return nil, 0, plugins.Refuse(CodeInside, "%s is in conference %s", number, name)
	}
	callerID := m.Get("CallerID")
	if callerID == "" {
		callerID = p.inviter(by, m)
	}
	if err := clean("CallerID", callerID); err != nil {
		return nil, 0, err
	}
	inv, err := p.newInvitation(by, name, number, channel, entry(m))
	if err == nil {
		inv.callerID = callerID
	}
	return inv, d, err
}

// inviter is the number of who invites, which the called phone shows.
func (p *Plugin) inviter(by plugins.Caller, m ami.Message) string {
	if own(by) == "" && m.Get("Channel") == "" {
		return ""
	}
	c, err := p.channel(by, m.Get("Channel"))
	if err != nil || !numberText.MatchString(c.CallerIDNum) {
		return ""
	}
	return c.CallerIDNum
}

// destinationText is a channel to call: nothing in it means more to Originate than a channel.
var destinationText = regexp.MustCompile(`^[A-Za-z0-9]{2,20}/[A-Za-z0-9_*#+.:@/-]{1,200}$`)

// destination is what an action says is to be called.
func (p *Plugin) destination(m ami.Message) (number, channel string, err error) {
	number, channel = m.Get("Number"), m.Get("Destination")
	switch {
	case number == "" && channel == "":
		return "", "", plugins.Refuse(CodeNothingToCall, "Number or Destination is missing")
	case number != "" && channel != "":
		return "", "", plugins.Refuse(plugins.CodeInvalid, "Number and Destination are not given both")
	case channel != "" && !destinationText.MatchString(channel):
		return "", "", plugins.Refuse(plugins.CodeInvalid, "Destination is a channel such as PJSIP/101")
	case channel != "":
		return "", channel, nil
	case !numberText.MatchString(number):
		return "", "", plugins.Refuse(plugins.CodeInvalid, "Number has digits, letters and _ * # + .")
	}
	return number, p.channelOf(number), nil
}

// channelOf is the channel of a number, as the configuration has it.
func (p *Plugin) channelOf(number string) string {
	return strings.ReplaceAll(p.config.Channel, "{number}", number)
}

// numberOf is the number that a channel was called by, as the name that Asterisk has made of what the configuration makes of
// the number tells: Local/101@default-0000000a;1. It is "" of others.
func (c *Config) numberOf(channel string) string {
	before, after, _ := strings.Cut(c.Channel, "{number}")
	rest, ours := strings.CutPrefix(channel, before)
	at := strings.LastIndexByte(rest, '-')
	if !ours || at < 0 {
		return ""
	}
	number, ours := strings.CutSuffix(rest[:at], strings.TrimSuffix(after, "/n"))
	if !ours || !numberText.MatchString(number) {
		return ""
	}
	return number
}

// endpointTechnologies are those whose channels are called what they call, with a - and a number behind it.
var endpointTechnologies = []string{"PJSIP/", "SIP/", "IAX2/", "SCCP/"}

// callable is how somebody who was lost is called back: by his number, or his phone; "" if neither is known.
func (p *Plugin) callable(party Party) string {
	if numberText.MatchString(party.Number) {
		return p.channelOf(party.Number)
	}
	at := strings.LastIndexByte(party.Channel, '-')
	for _, technology := range endpointTechnologies {
		if at > len(technology) && strings.HasPrefix(party.Channel, technology) && destinationText.MatchString(party.Channel[:at]) {
			return party.Channel[:at]
		}
	}
	return ""
}
