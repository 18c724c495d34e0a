package conference

import (
	"context"
	"errors"

	"github.com/astproxy/astproxy/ami"
	"github.com/astproxy/astproxy/plugins"
)

// Headers that several actions have.
var (
	headerChannel    = plugins.Header{Name: "Channel", Description: "A channel's name or Uniqueid; for the dialplan its own, if left out."}
	headerConference = plugins.Header{Name: "Conference", Description: "The conference's name or number."}
	headerExisting   = plugins.Header{Name: "Existing", Description: "What to do when the conference is there: join or refuse."}
	headerAdmin      = plugins.Header{Name: "Admin", Description: "yes: who enters is an administrator of the conference."}
	headerMarked     = plugins.Header{Name: "Marked", Description: "yes: who enters is a marked user."}
	headerMuted      = plugins.Header{Name: "StartMuted", Description: "yes: who enters is muted."}
	headerPIN        = plugins.Header{Name: "PIN", Description: "What the conference asks for at its door; digits."}
	headerRecall     = plugins.Header{Name: "Recall", Description: "yes: who is lost on the way is called back."}
	headerTimeout    = plugins.Header{Name: "Timeout", Description: "How long the call rings, in milliseconds."}
	headerCallerID   = plugins.Header{Name: "CallerID", Description: "What the called phone shows; the caller's number, if left out."}
	headerWho        = plugins.Header{Name: "Channel", Description: "A channel's name or Uniqueid, or the number of who is in the conference; all; participants (all but administrators). For the dialplan its own, if left out."}
)

// Actions implements plugins.Actor.
func (p *Plugin) Actions() []plugins.Action {
	required := func(h plugins.Header) plugins.Header {
		h.Required = true
		return h
	}
	all := []plugins.Action{
		{
			Name: "ConferenceCreate", Class: ami.ClassCall, Run: p.create,
			Summary: "Take all parties of a call into a conference.",
			Headers: []plugins.Header{
				headerChannel, {Name: "Peer", Description: "The other parties' channels; all who are bridged with Channel, if left out.", Repeated: true},
				headerConference, headerExisting, headerAdmin, headerMarked, headerMuted, headerPIN, headerRecall,
			},
		},
		{
			Name: "ConferenceJoin", Class: ami.ClassCall, Run: p.join,
			Summary: "Take one channel into a conference.",
			Headers: []plugins.Header{headerChannel, headerConference, headerExisting, headerAdmin, headerMarked, headerMuted, headerPIN},
		},
		{
			Name: "ConferenceAdd", Class: ami.ClassOriginate, Run: p.add,
			Summary: "Call somebody into a conference.",
			Headers: []plugins.Header{
				headerConference, {Name: "Number", Description: "The number to call."},
				{Name: "Destination", Description: "The channel to call, in the place of a number: PJSIP/101."},
				headerChannel, headerTimeout, headerCallerID, headerAdmin, headerMarked, headerMuted,
			},
		},
		{
			Name: "ConferenceCallGroup", Class: ami.ClassOriginate, Run: p.callGroup,
			Summary: "Enter a conference, and call a group into it.",
			Headers: []plugins.Header{
				required(plugins.Header{Name: "Group", Description: "The group, as GroupOriginate knows it."}),
				headerChannel, headerConference, headerExisting, headerPIN, headerTimeout, headerCallerID,
			},
		},
		{Name: "ConferenceKick", Class: ami.ClassCall, Run: p.kick, Summary: "Remove somebody from a conference.", Headers: []plugins.Header{headerConference, required(headerWho)}},
		{Name: "ConferenceMute", Class: ami.ClassCall, Run: p.mute, Summary: "Mute somebody in a conference.", Headers: []plugins.Header{headerConference, headerWho}},
		{Name: "ConferenceUnmute", Class: ami.ClassCall, Run: p.unmute, Summary: "Unmute somebody in a conference.", Headers: []plugins.Header{headerConference, headerWho}},
		{Name: "ConferenceLock", Class: ami.ClassCall, Run: p.onRoom("ConfbridgeLock"), Summary: "Let nobody enter a conference any more.", Headers: []plugins.Header{headerConference}},
		{Name: "ConferenceUnlock", Class: ami.ClassCall, Run: p.onRoom("ConfbridgeUnlock"), Summary: "Let people enter a conference again.", Headers: []plugins.Header{headerConference}},
		{
			Name: "ConferenceRecord", Class: ami.ClassSystem, Run: p.record, Summary: "Record a conference, or end that.",
			Headers: []plugins.Header{
				headerConference, {Name: "Record", Description: "yes (or left out) begins it, no ends it."},
				{Name: "RecordFile", Description: "The file to record to; Asterisk's own choice, if left out."},
			},
		},
		{Name: "ConferenceEnd", Class: ami.ClassCall, Run: p.end, Summary: "End a conference: everybody is removed, and nobody is called any more.", Headers: []plugins.Header{headerConference}},
		{Name: "ConferenceList", Class: ami.ClassReporting, Run: p.listConferences, Summary: "List the conferences."},
		{Name: "ConferenceShow", Class: ami.ClassReporting, Run: p.show, Summary: "Show who is in a conference, and who is called into it.", Headers: []plugins.Header{headerConference}},
	}
	for i := range all {
		all[i].FromDialplan = true
	}
	return all
}

// run is what an Action has.
type run func(ctx context.Context, by plugins.Caller, m ami.Message) (plugins.Answer, error)

// tellChannel tells the channel whose dialplan has asked, which reads no events, how a job went: by its variable ASTPROXY_STATUS. An
// action that is refused at once the host tells it.
func (p *Plugin) tellChannel(ctx context.Context, by plugins.Caller, status string) {
	channel := own(by)
	if channel == "" {
		return
	}
	if _, err := p.host.Send(ctx, by.Server, setvar(channel, variableStatus, status)); err != nil {
		p.host.Log().Info("the dialplan was not told", "server", by.Server, "channel", channel, "status", status, "error", err)
	}
}

// codeOf is the Code of an error.
func codeOf(err error) string {
	var told *plugins.Error
	switch {
	case errors.As(err, &told):
		return told.Code
	case errors.Is(err, plugins.ErrDown):
		return plugins.CodeServerDown
	}
	return plugins.CodeFailed
}

// own is the Uniqueid of the channel whose dialplan asks; "" for others.
func own(by plugins.Caller) string {
	if by.User != nil || by.Channel.IsZero() {
		return ""
	}
	return by.Channel.Get("Uniqueid")
}
