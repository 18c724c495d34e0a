package access

import (
	"slices"
	"strings"

	"github.com/astproxy/astproxy/ami"
)

// guardedParts are Asterisk's own: no application whose name has one of them (manager.c,
// originate_app_permissions). Its check is as generous, and so needs no blanks trimmed.
var guardedParts = []string{"agi", "dbdeltree", "exec", "externalivr", "mixmonitor", "originate", "reload", "system"}

// guardedApplications are more, in lower case, of Asterisk 1.4 to 22, by what they do.
var guardedApplications = map[string]string{
	"jack":              "runs a program",
	"ices":              "runs a program",
	"mp3player":         "runs a program",
	"nbscat":            "runs a program",
	"dahdiras":          "runs a program",
	"zapras":            "runs a program",
	"monitor":           "runs a program and writes files",
	"changemonitor":     "writes files",
	"minivmaccmess":     "writes files",
	"minivmdelete":      "deletes files",
	"minivmgreet":       "reads files",
	"minivmmwi":         "reads files",
	"minivmnotify":      "runs a program",
	"minivmrecord":      "writes files",
	"adsiprog":          "reads files",
	"authenticate":      "reads files and the database",
	"dictate":           "writes files",
	"disa":              "reads files",
	"festival":          "reads files",
	"receivefax":        "writes files",
	"record":            "writes files",
	"rxfax":             "writes files",
	"readfile":          "reads files",
	"sendfax":           "reads files",
	"sendimage":         "reads files",
	"sms":               "writes files",
	"speechloadgrammar": "reads files",
	"testclient":        "writes files",
	"testserver":        "writes files",
	"txfax":             "reads files",
	"dbdel":             "reaches the database",
	"dbget":             "reaches the database",
	"dbput":             "reaches the database",
	"lookupblacklist":   "reaches the database",
	"lookupcidname":     "reaches the database",
	"mysql":             "reaches the database",
	"odbc_commit":       "reaches the database",
	"odbc_rollback":     "reaches the database",
	"odbcfinish":        "reaches the database",
	"realtime":          "reaches the database",
	"realtimeupdate":    "reaches the database",
	"waitforcond":       "evaluates text",
	"importvar":         "evaluates text",
	"dtmfstore":         "evaluates text",
}

// guardedData are Asterisk's own, too: no data with one of these in it.
var guardedData = []string{"CURL", "DB", "EVAL", "FILE", "ODBC", "REALTIME", "SHELL"}

// guardApplication judges an application and its data.
func (u *User) guardApplication(application, data string, named *rule) string {
	if !named.names("Application", application) {
		if why := u.applicationDoes(application); why != "" {
			return why
		}
	}
	if named.names("Data", data) {
		return ""
	}
	name := strings.ToLower(strings.TrimSpace(application))
	if name == "userevent" && !u.rights.allowApplications.hasFold(name) && asksForPlugins(data) {
		return "Data makes the event one by which the dialplan asks for actions of plugins"
	}
	if strings.Contains(name, "queue") && u.write&ami.ClassAGI == 0 && queueRunsAGI(data) {
		return "Data makes the queue run an AGI script, for which class agi does as well"
	}
	if (name == "chanspy" || name == "extenspy") && spyRecords(data) {
		return "Data names a file to record into"
	}
	for _, part := range guardedData {
		if strings.Contains(data, part) && !u.opens(part) && !u.opensWith(part) {
			return "Data has " + part + " in it"
		}
	}
	if slices.Contains([]string{"set", "mset", "setvar", "setglobalvar"}, name) {
		if why := u.guardVariables(data); why != "" {
			return why
		}
	}
	if what := u.evaluated(data, looksLikeFunction); what != "" {
		return "Data has " + what
	}
	return ""
}

// applicationDoes says what a guarded application does; "" where it is not one, or allowed.
func (u *User) applicationDoes(application string) string {
	name := strings.ToLower(strings.TrimSpace(application))
	what, is := guardedApplications[name]
	if !is {
		part := slices.IndexFunc(guardedParts, func(part string) bool { return strings.Contains(name, part) })
		if part < 0 {
			return ""
		}
		what = "may run a program, or another application"
	}
	if u.rights.allowApplications.hasFold(name) {
		return ""
	}
	return "the application " + quote(application) + " " + what
}

// asksForPlugins tells whether the data of UserEvent may name the event Astproxy, its first argument, which a plugin
// obeys because it comes from the dialplan. What Asterisk takes out of the argument (app_userevent.c,
// AST_STANDARD_APP_ARGS) and what it would evaluate may stand for that name.
func asksForPlugins(data string) bool {
	name, _, _ := strings.Cut(strings.ToLower(data), ",")
	return strings.Contains(strings.Join(strings.Fields(name), ""), "astproxy") || strings.ContainsAny(name, "$\\\"'")
}

// opensWith tells whether a function is allowed whose name has the part in it: ODBC_SALES for ODBC. What
// else the data has is judged by the function's whole name.
func (u *User) opensWith(part string) bool {
	return slices.ContainsFunc(u.rights.allowFunctions, func(p pattern) bool {
		return strings.Contains(strings.ToUpper(p.written), part)
	})
}

// queueRunsAGI tells whether the data of Queue names an AGI script, its sixth argument (app_queue.c,
// queue_exec). Where quotes or parentheses could keep Asterisk from counting as we do, any argument from
// there on is taken for it.
func queueRunsAGI(data string) bool {
	arguments := strings.Split(data, ",")
	if len(arguments) < 6 {
		return false
	}
	if !strings.ContainsAny(data, `"\()[]`) {
		return strings.TrimSpace(arguments[5]) != ""
	}
	return strings.TrimSpace(strings.Join(arguments[5:], "")) != ""
}

// spyRecords tells whether the data of ChanSpy or ExtenSpy has the option r with a name, which is a path from
// Asterisk's folder of recordings (app_chanspy.c, chanspy_exec). Where a variable could be one it is taken for it.
func spyRecords(data string) bool {
	_, options, _ := strings.Cut(unescaped.Replace(data), ",")
	return strings.Contains(options, "r(") || strings.Contains(data, "$")
}
