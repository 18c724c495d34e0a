package conference

import (
	"context"

	"github.com/astproxy/astproxy/ami"
	"github.com/astproxy/astproxy/plugins"
)

// classes are those of which a user needs one for the actions that the plugin runs for him, as ListCommands tells
// them (Asterisk 16 and 22).
var classes = map[string]ami.Class{
	"Setvar":                ami.ClassCall,
	"Redirect":              ami.ClassCall,
	"Hangup":                ami.ClassSystem | ami.ClassCall,
	"Originate":             ami.ClassOriginate,
	"ConfbridgeKick":        ami.ClassCall,
	"ConfbridgeMute":        ami.ClassCall,
	"ConfbridgeUnmute":      ami.ClassCall,
	"ConfbridgeLock":        ami.ClassCall,
	"ConfbridgeUnlock":      ami.ClassCall,
	"ConfbridgeStartRecord": ami.ClassSystem,
	"ConfbridgeStopRecord":  ami.ClassSystem,
	"ConfbridgeList":        ami.ClassReporting,
	"ConfbridgeListRooms":   ami.ClassReporting,
}

// judge refuses what the one who asks may not do. The dialplan may do everything.
func (p *Plugin) judge(by plugins.Caller, action ami.Message) error {
	name := action.Action()
	d := p.host.Judge(by, classes[name], action)
	if d.Allowed {
		return nil
	}
	p.host.Log().Info("action refused", "user", by.User, "action", name, "by", d.By, "why", d.Why)
	return plugins.Refuse(plugins.CodeDenied, "%s", d.Answer)
}

// judgeRoom refuses a user of a tenant a conference that is not his: others need no more right than that to what is done to
// it. What is judged is an action that names the conference and nothing else.
func (p *Plugin) judgeRoom(by plugins.Caller, room string) error {
	if !ofTenant(by) {
		return nil
	}
	return p.judge(by, lockOf(room))
}

// mayEnter is judgeRoom of a room that is one of many.
func (p *Plugin) mayEnter(by plugins.Caller, room string) bool {
	return !ofTenant(by) || p.host.Judge(by, ami.ClassCall, lockOf(room)).Allowed
}

func ofTenant(by plugins.Caller) bool { return by.User != nil && by.User.Tenant() != "" }

func lockOf(room string) ami.Message {
	return ami.NewAction("ConfbridgeLock").Add("Conference", room).Message()
}

// act judges an action and has it done.
func (p *Plugin) act(ctx context.Context, by plugins.Caller, action ami.Message) (plugins.Reply, error) {
	if err := p.judge(by, action); err != nil {
		return plugins.Reply{}, err
	}
	return p.host.Send(ctx, by.Server, action)
}

// done is act, with an error where Asterisk has answered one.
func (p *Plugin) done(ctx context.Context, by plugins.Caller, action ami.Message) error {
	reply, err := p.act(ctx, by, action)
	switch message := reply.Response.Get("Message"); {
	case err != nil:
		return err
	case reply.OK():
		return nil
	case isEmptyList(message):
		return noConference(action.Get("Conference"))
	case message == "No Channel by that name found in Conference.":
		return plugins.Refuse(CodeNotInside, "%s is not in conference %s", action.Get("Channel"), action.Get("Conference"))
	default:
		return plugins.Refuse(plugins.CodeFailed, "%s", message)
	}
}

func noConference(name string) error {
	return plugins.Refuse(CodeNoConference, "There is no conference %s", name)
}

// setvar is the action that sets a variable of a channel.
func setvar(channel, variable, value string) ami.Message {
	return ami.NewAction("Setvar").Add("Channel", channel).Add("Variable", variable).Add("Value", value).Message()
}
