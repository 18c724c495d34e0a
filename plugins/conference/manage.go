package conference

import (
	"context"
	"strconv"
	"strings"

	"github.com/astproxy/astproxy/ami"
	"github.com/astproxy/astproxy/plugins"
)

// is compares names without case.
func is(a, b string) bool { return strings.EqualFold(a, b) }

// onRoom is an action that is one of Asterisk's about a room.
func (p *Plugin) onRoom(action string) run {
	return func(ctx context.Context, by plugins.Caller, m ami.Message) (plugins.Answer, error) {
		name, err := p.conference(by, m.Get("Conference"))
		if err == nil {
			err = p.done(ctx, by, ami.NewAction(action).Add("Conference", name).Message())
		}
		if err != nil {
			return plugins.Answer{}, err
		}
		return plugins.Answer{Response: new(ami.Builder).Add("Conference", name)}, nil
	}
}

// record is ConferenceRecord.
func (p *Plugin) record(ctx context.Context, by plugins.Caller, m ami.Message) (plugins.Answer, error) {
	name, err := p.conference(by, m.Get("Conference"))
	if err != nil {
		return plugins.Answer{}, err
	}
	action := ami.NewAction("ConfbridgeStartRecord").Add("Conference", name).AddNonEmpty("RecordFile", m.Get("RecordFile"))
	if m.Get("Record") != "" && !ami.IsTrue(m.Get("Record")) {
		action = ami.NewAction("ConfbridgeStopRecord").Add("Conference", name)
	}
	if err := clean("RecordFile", m.Get("RecordFile")); err != nil {
		return plugins.Answer{}, err
	}
	if err := p.done(ctx, by, action.Message()); err != nil {
		return plugins.Answer{}, err
	}
	return plugins.Answer{Response: new(ami.Builder).Add("Conference", name)}, nil
}

func (p *Plugin) mute(ctx context.Context, by plugins.Caller, m ami.Message) (plugins.Answer, error) {
	return p.onParticipant(ctx, by, m, "ConfbridgeMute")
}

func (p *Plugin) unmute(ctx context.Context, by plugins.Caller, m ami.Message) (plugins.Answer, error) {
	return p.onParticipant(ctx, by, m, "ConfbridgeUnmute")
}

func (p *Plugin) kick(ctx context.Context, by plugins.Caller, m ami.Message) (plugins.Answer, error) {
	return p.onParticipant(ctx, by, m, "ConfbridgeKick")
}

// onParticipant is an action about somebody in a room. Asterisk's know names only.
func (p *Plugin) onParticipant(ctx context.Context, by plugins.Caller, m ami.Message, action string) (plugins.Answer, error) {
	name, err := p.conference(by, m.Get("Conference"))
	if err != nil {
		return plugins.Answer{}, err
	}
	room, there, err := p.room(ctx, by.Server, name)
	switch {
	case err != nil:
		return plugins.Answer{}, err
	case !there:
		return plugins.Answer{}, noConference(name)
	}
	who := m.Get("Channel")
	if who == "" {
		who = own(by)
	}
	channel, err := room.find(who, action != "ConfbridgeKick")
	if err == nil {
		err = p.done(ctx, by, ami.NewAction(action).Add("Conference", name).Add("Channel", channel).Message())
	}
	if err != nil {
		return plugins.Answer{}, err
	}
	return plugins.Answer{Response: new(ami.Builder).Add("Conference", name).Add("Channel", channel)}, nil
}

// find is the name of the channel that is meant by a name, a Uniqueid or a number: for Asterisk's actions, of which those that mute
// take the first whose name begins so (app_confbridge.c, generic_mute_unmute_helper).
func (r *Room) find(who string, byPrefix bool) (string, error) {
	switch {
	case who == "":
		return "", plugins.Refuse(plugins.CodeMissing, "Channel is missing")
	case is(who, "all"), is(who, "participants"):
		return strings.ToLower(who), nil
	}
	var found []string
	for _, p := range r.Participants() {
		if p.Uniqueid == who || is(p.Channel, who) {
			found = []string{p.Channel}
			break
		}
		if p.Number == who {
			found = append(found, p.Channel)
		}
	}
	switch len(found) {
	case 0:
		return "", plugins.Refuse(CodeNotInside, "%s is not in conference %s", who, r.Name)
	case 1:
	default:
		return "", plugins.Refuse(CodeAmbiguous, "%s is in conference %s more than once", who, r.Name)
	}
	for _, p := range r.participants {
		if byPrefix && len(p.Channel) > len(found[0]) && is(p.Channel[:len(found[0])], found[0]) {
			return "", plugins.Refuse(CodeAmbiguous, "Asterisk could take %s for %s", p.Channel, found[0])
		}
	}
	return found[0], nil
}

// end is ConferenceEnd. Who is still called into the room is hung up when it ends.
func (p *Plugin) end(ctx context.Context, by plugins.Caller, m ami.Message) (plugins.Answer, error) {
	name, err := p.conference(by, m.Get("Conference"))
	if err != nil {
		return plugins.Answer{}, err
	}
	ended := false
	w := p.watch(by.Server, func(event ami.Message) bool {
		ended = ended || event.Event() == "ConfbridgeEnd" && event.Get("Conference") == name
		return ended
	})
	defer p.unwatch(w)
	room, _, err := p.room(ctx, by.Server, name)
	if err != nil {
		return plugins.Answer{}, err
	}
	if err := p.done(ctx, by, ami.NewAction("ConfbridgeKick").Add("Conference", name).Add("Channel", "all").Message()); err != nil {
		return plugins.Answer{}, err
	}
	look := func() {
		if _, is, err := p.room(ctx, by.Server, name); err == nil && !is {
			p.mu.Lock()
			defer p.mu.Unlock()
			ended = true
		}
	}
	if !p.await(ctx, w, p.config.JoinTime, func() bool { return ended }, func() {}, look) {
		return plugins.Answer{}, plugins.Refuse(plugins.CodeFailed, "Everybody was told to leave conference %s, and it is still there", name)
	}
	return plugins.Answer{Response: new(ami.Builder).Add("Conference", name).Add("Removed", strconv.Itoa(len(room.participants)))}, nil
}

// lockedBool reads what a watch sets.
func (p *Plugin) lockedBool(b *bool) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	return *b
}
