package access

import (
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
	name string
	// headers are those that the check reads. Only the first of a name counts to Asterisk 22; so that no
	// version reads another one than was judged, an action that has one twice is refused to everybody.
	headers []string
	// check says what is wrong; "" is nothing. It reads only what the rule does not name.
	check func(*User, ami.Message, rule) string
	// answer is what Asterisk says to such an action; "" is Asterisk's general refusal.
	answer string
}

// Asterisk's own words (manager.c, action_originate, action_getvar, action_status).
const (
	originateForbidden = "Originate Access Forbidden: app or data blacklisted"
	getvarForbidden    = "GetVar Access Forbidden: Variable"
	statusForbidden    = "Status Access Forbidden: Variables"
)

var guards = []guarded{
	{"Originate", []string{
		"Channel", "Exten", "Context", "Priority", "Timeout", "Application", "Data", "ChannelId", "OtherChannelId", "PreDialGoSub",
	}, (*User).guardOriginate, originateForbidden},
	{"Getvar", []string{"Channel", "Variable"}, guardRead("Variable"), getvarForbidden},
	{"Status", []string{"Channel", "Variables"}, guardRead("Variables"), statusForbidden},
	{"Setvar", []string{"Channel", "Variable", "Value"}, (*User).guardSetvar, ""},
	{"AGI", []string{"Channel", "Command", "CommandID"}, (*User).guardAGI, ""},
	{"Command", []string{"Command"}, (*User).guardCommand, ""},
	{"Redirect", nil, (*User).guardText, ""},
	{"Atxfer", nil, (*User).guardText, ""},
	{"BlindTransfer", nil, (*User).guardText, ""},
	{"Monitor", []string{"Channel", "File", "Format", "Mix"}, (*User).guardMonitor, ""},
	{"ChangeMonitor", []string{"Channel", "File"}, (*User).guardMonitor, ""},
}

// guard looks for what an action must not have. named is the rule that the action matches, if any.
func (u *User) guard(name string, action ami.Message, named rule) (Decision, bool) {
	var g *guarded
	for i := range guards {
		if strings.EqualFold(guards[i].name, name) {
			g = &guards[i]
			break
		}
	}
	if g == nil {
		return Decision{}, true
	}
	if header := twice(action, g.headers); header != "" {
		return Decision{By: "guard", Why: header + " is there twice", Answer: "Header " + header + " is given more than once"}, false
	}
	if u.write&ami.ClassSystem != 0 {
		return Decision{}, true
	}
	why := g.check(u, action, named)
	if why == "" {
		return Decision{}, true
	}
	d := refused("guard", why+", for which write has to have system")
	if g.answer != "" {
		d.Answer = g.answer
	}
	return d, false
}

// twice is the first of the headers that an action has more than once.
func twice(action ami.Message, headers []string) string {
	var seen uint32
	for name := range action.All() {
		for i, header := range headers {
			if len(name) == len(header) && strings.EqualFold(name, header) {
				if seen&(1<<i) != 0 {
					return header
				}
				seen |= 1 << i
			}
		}
	}
	return ""
}

// guardOriginate is more than Asterisk 22's own check (manager.c, originate_app_permissions): it knows
// more applications, and looks at the variables.
func (u *User) guardOriginate(action ami.Message, named rule) string {
	application, data := action.Get("Application"), action.Get("Data")
	if application != "" {
		if why := u.guardApplication(application, data, named); why != "" {
			return why
		}
	}
	for name, value := range action.All() {
		switch {
		case named.names(name, value):
			continue
		case strings.EqualFold(name, "Variable"):
			if why := u.guardVariables(value); why != "" {
				return why
			}
		case strings.EqualFold(name, "Data") && application != "": // was judged
			continue
		}
		if what := u.evaluated(value, isDangerous); what != "" {
			return name + " has " + what
		}
	}
	return ""
}

// guardText is for what Asterisk itself does not evaluate, but hands to the dialplan.
func (u *User) guardText(action ami.Message, named rule) string {
	for name, value := range action.All() {
		if named.names(name, value) {
			continue
		}
		if what := u.evaluated(value, isDangerous); what != "" {
			return name + " has " + what
		}
	}
	return ""
}

// guardRead judges functions whose value is asked for. Besides what else they do, some print line ends,
// which would pass for events and answers to everybody.
func guardRead(header string) func(*User, ami.Message, rule) string {
	return func(u *User, action ami.Message, named rule) string {
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

func (u *User) guardSetvar(action ami.Message, named rule) string {
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
func (u *User) guardMonitor(action ami.Message, named rule) string {
	file := action.Get("File")
	if !named.names("File", file) && strings.ContainsAny(file, "\"'`$\\;|&<>(){}*?!~") {
		return "File has a character that a shell would take for more"
	}
	return ""
}
