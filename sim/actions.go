package sim

import (
	_ "embed"
	"slices"
	"strings"

	"github.com/astproxy/astproxy/ami"
)

//go:embed listcommands-16.txt
var commands16 string

//go:embed listcommands-22.txt
var commands22 string

// action is one line of ListCommands.
type action struct {
	name, text string    // the text as ListCommands has it, classes included
	class      ami.Class // any of which a user needs; none: open to all
}

// parseActions reads recorded ListCommands.
func parseActions(recorded string) []action {
	var actions []action
	for name, text := range ami.Parse(recorded).All() {
		_, privilege, _ := strings.Cut(text, "(Priv: ")
		actions = append(actions, action{name: name, text: text, class: ami.ParsePrivilege(strings.TrimSuffix(privilege, ")"))})
	}
	return actions
}

var (
	actions16 = parseActions(commands16)
	actions22 = parseActions(commands22)
)

// ActionClass is the set of classes that Asterisk 22 gives an action or, if it has none of that name, 16.
func ActionClass(name string) (class ami.Class, known bool) {
	for _, a := range slices.Concat(actions22, actions16) {
		if strings.EqualFold(a.name, name) {
			return a.class, true
		}
	}
	return 0, false
}

func (c Config) actions() []action {
	if c.asterisk16() {
		return actions16
	}
	return actions22
}

// may tells whether a user with these rights may run the action.
func (a *action) may(rights ami.Class) bool { return a.class == ami.ClassNone || rights&a.class != 0 }

// moduleActions begin the names of actions that come with a module.
var moduleActions = []string{
	"AGI", "Agent", "BridgeTech", "ChangeMonitor", "Confbridge", "ControlPlayback", "DeviceState", "Dialplan", "ExtensionStateList", "FAX",
	"IAX", "Jabber", "LocalOptimize", "MixMonitor", "Monitor", "MuteAudio", "PJSIP", "Park", "PauseMonitor", "PlayDTMF", "PlayMF",
	"PresenceStateList", "Queue", "SendFlash", "ShowDialPlan", "SorceryMemory", "StopM", "UnpauseMonitor",
}

// inModule tells whether the action does not exist before its module is loaded.
func (a *action) inModule() bool {
	return slices.ContainsFunc(moduleActions, func(prefix string) bool { return strings.HasPrefix(a.name, prefix) })
}

// find is the action of that name, nil when there is none now.
func (s *Server) find(name string) *action {
	actions := s.config.actions()
	for i := range actions {
		if strings.EqualFold(actions[i].name, name) {
			if s.faults.booting.Load() && actions[i].inModule() {
				return nil
			}
			return &actions[i]
		}
	}
	return nil
}

// handlers run the actions that are simulated. They return false when the session is over.
var handlers = map[string]func(*session, ami.Message) bool{}

// simulates registers handlers by action name. Every file registers its own.
func simulates(more map[string]func(*session, ami.Message) bool) {
	for name, run := range more {
		handlers[strings.ToLower(name)] = run
	}
}

// handle runs what came in (manager.c, process_message); false: the session is over.
func (c *session) handle(in input) bool {
	m := in.message
	c.server.received.add(m)
	if in.refused != "" {
		return c.fail(m, in.refused)
	}
	name := m.Action()
	if name == "" {
		c.server.reportRequest(c, "RequestBadFormat", "NONE")
		return c.fail(m, "Missing action in request")
	}
	if !c.held(name) {
		return false
	}
	if c.server.faults.shuttingDown.Load() {
		return c.fail(m, "Asterisk is shutting down")
	}
	if c.user == nil {
		return c.handleLogin(name, m)
	}
	return c.perform(name, m)
}

// perform runs an action of somebody who is logged in.
func (c *session) perform(name string, m ami.Message) bool {
	a := c.server.find(name)
	if a == nil {
		c.server.reportRequest(c, "RequestBadFormat", name)
		return c.fail(m, "Invalid/unknown command: "+name+". Use Action: ListCommands to show available commands.")
	}
	if !a.may(c.user.Write) {
		c.server.reportRequest(c, "RequestNotAllowed", name)
		return c.fail(m, "Permission denied")
	}
	run := handlers[strings.ToLower(name)]
	if run == nil {
		return c.replay(name, m)
	}
	return run(c, m)
}

func (c *session) listCommands(m ami.Message) bool {
	b := success(m)
	for _, a := range c.server.config.actions() {
		if a.may(c.user.Write) && !(c.server.faults.booting.Load() && a.inModule()) {
			b.Add(a.name, a.text)
		}
	}
	return c.send(b)
}
