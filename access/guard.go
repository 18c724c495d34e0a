package access

import (
	"fmt"
	"strings"

	"github.com/astproxy/astproxy/ami"
)

// Refusal is why the guard does not let an action through, in the words Asterisk has for it where
// it has any.
type Refusal string

// Error implements error.
func (r Refusal) Error() string { return string(r) }

// Guard repeats the checks that Asterisk makes inside an action by the rights of whoever is logged
// in: to Asterisk that is the proxy, which may everything. It adds those Asterisk lacks, for an
// Originate's variables. It returns nil for what may pass; who has class system may everything.
//
// Only the first header of a name counts to Asterisk 22; so that no version reads another one than
// was judged, an action that gives such a header twice is refused.
func (u *User) Guard(action ami.Message) error {
	rule, guarded := guards[strings.ToLower(action.Action())]
	if !guarded {
		return nil
	}
	for _, header := range rule.headers {
		if count(action, header) > 1 {
			return Refusal(fmt.Sprintf("Header %s is given more than once", header))
		}
	}
	if u.write&ami.ClassSystem != 0 {
		return nil
	}
	return rule.check(u, action)
}

// guards are the actions with such checks, and the headers they read.
var guards = map[string]struct {
	headers []string
	check   func(*User, ami.Message) error
}{
	"originate": {
		[]string{"Channel", "Exten", "Context", "Priority", "Timeout", "Application", "Data", "ChannelId", "OtherChannelId", "PreDialGoSub"},
		(*User).guardOriginate,
	},
	"getvar": {[]string{"Channel", "Variable"}, guardEvaluated("Variable", "GetVar Access Forbidden: Variable")},
	"status": {[]string{"Channel", "Variables"}, guardEvaluated("Variables", "Status Access Forbidden: Variables")},
}

func count(m ami.Message, header string) (n int) {
	for range m.Values(header) {
		n++
	}
	return n
}

// guardEvaluated refuses what runs programs when it is evaluated (manager.c,
// function_capable_string_allowed_with_auths), and what turns a text of the client's making into any
// bytes. Asterisk prints the value as it is: with line ends in it, it passes for events and answers, which
// to a client of Asterisk are his own affair, and here everybody's.
func guardEvaluated(header string, refusal Refusal) func(*User, ami.Message) error {
	return func(_ *User, action ami.Message) error {
		v := action.Get(header)
		for _, function := range forbiddenFunctions {
			if strings.Contains(v, function) {
				return refusal
			}
		}
		return nil
	}
}

const originateForbidden Refusal = "Originate Access Forbidden: app or data blacklisted"

// guardOriginate is Asterisk 22's own check of Application and Data (manager.c,
// originate_app_permissions), which older versions have only in part, and one of the variables.
func (u *User) guardOriginate(action ami.Message) error {
	if application := strings.ToLower(action.Get("Application")); application != "" {
		data := action.Get("Data")
		for _, forbidden := range forbiddenApplications {
			if strings.Contains(application, forbidden) {
				return originateForbidden
			}
		}
		if strings.Contains(application, "queue") && queueRunsAGI(data) && u.write&ami.ClassAGI == 0 {
			return originateForbidden
		}
		for _, forbidden := range forbiddenData {
			if strings.Contains(data, forbidden) {
				return originateForbidden
			}
		}
	}
	for variables := range action.Values("Variable") {
		if setsFunction(variables) {
			return Refusal("Originate Access Forbidden: Variable sets a dialplan function")
		}
	}
	return nil
}

var (
	forbiddenApplications = []string{"agi", "dbdeltree", "exec", "externalivr", "mixmonitor", "originate", "reload", "system"}
	forbiddenFunctions    = []string{
		"SHELL", "EVAL", // Asterisk's own
		"AES_DECRYPT(", "BASE64_DECODE(", "CURL(", "JSON_DECODE(", "REPLACE(", "SPRINTF(", "STRFTIME(", "URIDECODE(",
	}
	forbiddenData = []string{"CURL", "DB", "EVAL", "FILE", "ODBC", "REALTIME", "SHELL"}
)

// queueRunsAGI tells whether the data of Queue names an AGI script, its sixth argument.
func queueRunsAGI(data string) bool {
	arguments := strings.Split(data, ",")
	return len(arguments) > 5 && strings.TrimSpace(arguments[5]) != ""
}

// setsFunction tells whether any of the variables in one header is a dialplan function such as
// FILE(/tmp/x): Asterisk takes several, separated by commas. A comma may stand inside the
// function's parentheses too; then one of the pieces still ends in ")" before its "=".
func setsFunction(variables string) bool {
	for part := range strings.SplitSeq(variables, ",") {
		if name, _, sets := strings.Cut(part, "="); sets && strings.ContainsAny(name, "()") {
			return true
		}
	}
	return false
}
