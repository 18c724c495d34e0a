package access

import (
	"maps"
	"slices"
	"strings"

	"github.com/astproxy/astproxy/ami"
)

// The guard stands before what runs programs, reads or writes files, reaches the database or evaluates
// text on the Asterisk machine by an action that is about calls. Asterisk has such checks of the
// user who is logged in, which is the proxy, who may everything; and they have holes (CVE-2024-42365). Who
// has class system needs no guard: he may all of it.
//
// What is refused by default can be let through by name (allow_applications, allow_functions), or by a
// rule that has the very value, without wildcards.

// guarded is an action with such checks.
type guarded struct {
	// headers are those that the check reads. Only the first of a name counts to Asterisk 22; so that no
	// version reads another one than was judged, an action that has one twice is refused to everybody.
	headers *nameSet
	// check says what is wrong; "" is nothing. It reads only what the rule does not name.
	check func(*User, ami.Message, *rule) string
	// answer is what Asterisk says to such an action.
	answer string
}

// Asterisk's own words (manager.c, action_originate, action_getvar, action_status).
const (
	originateForbidden = "Originate Access Forbidden: app or data blacklisted"
	getvarForbidden    = "GetVar Access Forbidden: Variable"
	statusForbidden    = "Status Access Forbidden: Variables"
)

var guards = map[string]guarded{
	"Originate": {newNameSet(
		"Channel", "Exten", "Context", "Priority", "Timeout", "Application", "Data", "ChannelId", "OtherChannelId", "PreDialGoSub",
	), (*User).guardOriginate, originateForbidden},
	"Getvar":        {newNameSet("Channel", "Variable"), guardRead("Variable"), getvarForbidden},
	"Status":        {newNameSet("Channel", "Variables"), guardRead("Variables"), statusForbidden},
	"Setvar":        {newNameSet("Channel", "Variable", "Value"), (*User).guardSetvar, PermissionDenied},
	"AGI":           {newNameSet("Channel", "Command", "CommandID"), (*User).guardAGI, PermissionDenied},
	"Command":       {newNameSet("Command"), (*User).guardCommand, PermissionDenied},
	"Redirect":      {newNameSet(), (*User).guardText, PermissionDenied},
	"Atxfer":        {newNameSet(), (*User).guardText, PermissionDenied},
	"BlindTransfer": {newNameSet(), (*User).guardText, PermissionDenied},
	"Monitor":       {newNameSet("Channel", "File", "Format", "Mix"), (*User).guardMonitor, PermissionDenied},
	"ChangeMonitor": {newNameSet("Channel", "File"), (*User).guardMonitor, PermissionDenied},
}

var guardedActions = newNameSet(slices.Sorted(maps.Keys(guards))...)

// guardOf are the guards in the order of guardedActions.
var guardOf = func() (list []guarded) {
	for _, name := range guardedActions.names {
		list = append(list, guards[name])
	}
	return list
}()

// guard looks for what an action must not have. named is the rule that the action matches, if any.
func (u *User) guard(name string, action ami.Message, named *rule) (Decision, bool) {
	i := guardedActions.index(name)
	if i < 0 {
		return Decision{}, true
	}
	g := &guardOf[i]
	if header := twice(action, g.headers); header != "" {
		return Decision{By: "guard", Why: header + " is there twice", Answer: "Header " + header + " is given more than once"}, false
	}
	if u.write&ami.ClassSystem != 0 {
		return Decision{}, true
	}
	if why := g.check(u, action, named); why != "" {
		return Decision{By: "guard", Why: why + ", for which write has to have system", Answer: g.answer}, false
	}
	return Decision{}, true
}

// twice is the first of the headers that an action has more than once.
func twice(action ami.Message, headers *nameSet) string {
	var seen uint64
	for name := range action.All() {
		if i := headers.index(name); i >= 0 {
			if seen&(1<<i) != 0 {
				return headers.names[i]
			}
			seen |= 1 << i
		}
	}
	return ""
}

// guardOriginate is more than Asterisk 22's own check (manager.c, originate_app_permissions): it knows
// more applications, and looks at the variables.
func (u *User) guardOriginate(action ami.Message, named *rule) string {
	application, data := action.Get("Application"), action.Get("Data")
	if application != "" {
		if why := u.guardApplication(application, data, named); why != "" {
			return why
		}
	}
	evaluates := mayEvaluate(action.Raw())
	for name, value := range action.All() {
		isVariable := sameName(name, "Variable")
		if !evaluates && !isVariable {
			continue
		}
		why := ""
		switch {
		case isVariable:
			why = u.guardVariables(value)
		case sameName(name, "Data") && application != "": // was judged
			continue
		}
		if what := u.evaluated(value, isDangerous); why == "" && what != "" {
			why = name + " has " + what
		}
		if why != "" && !named.names(name, value) {
			return why
		}
	}
	return ""
}

// guardText is for what Asterisk itself does not evaluate, but hands to the dialplan.
func (u *User) guardText(action ami.Message, named *rule) string {
	for name, value := range action.All() {
		if what := u.evaluated(value, isDangerous); what != "" && !named.names(name, value) {
			return name + " has " + what
		}
	}
	return ""
}

// guardRead judges functions whose value is asked for. Besides what else they do, some print line ends,
// which would pass for events and answers to everybody.
func guardRead(header string) func(*User, ami.Message, *rule) string {
	return func(u *User, action ami.Message, named *rule) string {
		value := action.Get(header)
		if named.names(header, value) {
			return ""
		}
		if what := u.reads(value); what != "" {
			return header + " has " + what
		}
		return ""
	}
}

func (u *User) guardSetvar(action ami.Message, named *rule) string {
	if name := action.Get("Variable"); !named.names("Variable", name) {
		if why := u.guardVariable(name); why != "" {
			return why
		}
	}
	if value := action.Get("Value"); !named.names("Value", value) {
		if what := u.evaluated(value, isDangerous); what != "" {
			return "Value has " + what
		}
	}
	return ""
}

// guardMonitor refuses a file name that a shell would take for more: Asterisk hands it to one, in
// quotes, to mix the two directions (res_monitor.c, ast_monitor_stop, up to Asterisk 20).
func (u *User) guardMonitor(action ami.Message, named *rule) string {
	file := action.Get("File")
	if !named.names("File", file) && strings.ContainsAny(file, "\"'`$\\;|&<>(){}*?!~") {
		return "File has a character that a shell would take for more"
	}
	return ""
}
