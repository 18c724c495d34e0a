package access

import (
	"iter"
	"strings"
)

// guardedVariables make Asterisk run a program or write a file when it comes to them (app_queue.c,
// app_mixmonitor.c, res_monitor.c, app_meetme.c, bridge_builtin_features.c, res_agi.c).
var guardedVariables = map[string]string{
	"MONITOR_EXEC":            "names a program",
	"MONITOR_EXEC_ARGS":       "is a program's argument",
	"MONITOR_OPTIONS":         "names files to write",
	"MONITOR_FILENAME":        "names a file to write",
	"MEETME_RECORDINGFILE":    "names a file to write",
	"MEETME_AGI_BACKGROUND":   "names a program",
	"MVM_FILENAME":            "names a file to delete",
	"TOUCH_MONITOR":           "names a file to write",
	"TOUCH_MIXMONITOR":        "names a file to write",
	"TOUCH_MONITOR_PREFIX":    "names a file to write",
	"TOUCH_MIXMONITOR_PREFIX": "names a file to write",
	"AGIEXECFULL":             "has arguments evaluated",
}

// guardVariables judges a list of variables to set, name=value and commas between, as Asterisk takes it
// apart (manager.c, man_do_variable_value; app.c, __ast_app_separate_args).
func (u *User) guardVariables(list string) string {
	if !strings.ContainsAny(list, `,|()"\[]`) { // one, as most are
		name, _, sets := strings.Cut(list, "=")
		if !sets {
			return ""
		}
		return u.guardVariable(name)
	}
	// Versions differ in what they make of these, and a parenthesis behind a backslash is none.
	ambiguous := strings.ContainsAny(list, `"\|[]`)
	for part := range strings.FieldsFuncSeq(list, func(r rune) bool { return r == ',' || r == '|' }) {
		name, _, sets := strings.Cut(part, "=")
		switch {
		case !sets:
		case !strings.ContainsAny(name, "()"):
			if why := u.guardVariable(name); why != "" {
				return why
			}
		case ambiguous:
			return "the variable " + quote(name) + " is a function among quotes, brackets or bars"
		}
	}
	for part := range arguments(list) {
		name, _, sets := strings.Cut(part, "=")
		if !sets {
			continue
		}
		if why := u.guardVariable(name); why != "" {
			return why
		}
	}
	return ""
}

// arguments takes a list apart at its commas outside parentheses.
func arguments(list string) iter.Seq[string] {
	return func(yield func(string) bool) {
		depth, start := 0, 0
		for i := range len(list) {
			switch list[i] {
			case '(':
				depth++
			case ')':
				depth = max(depth-1, 0)
			case ',':
				if depth == 0 {
					if !yield(list[start:i]) {
						return
					}
					start = i + 1
				}
			}
		}
		yield(list[start:])
	}
}

// guardVariable judges the name of what is to be set: a variable's, or a function with its arguments.
func (u *User) guardVariable(name string) string {
	plain := strings.TrimSpace(unescaped.Replace(name))
	if strings.ContainsAny(plain, "${}") {
		return "the variable " + quote(name) + " is named by another"
	}
	function, inside, is := strings.Cut(plain, "(")
	if !is {
		what, guarded := guardedVariables[strings.ToUpper(strings.TrimLeft(plain, "_"))]
		if !guarded && !strings.Contains(plain, ")") {
			return ""
		}
		if u.rights.allowFunctions.hasFold(strings.TrimLeft(plain, "_")) {
			return ""
		}
		if what == "" {
			what = "is none"
		}
		return "the variable " + quote(name) + " " + what
	}
	inside = strings.TrimSuffix(inside, ")")
	switch {
	case strings.ContainsAny(inside, "()"):
	case u.opens(function), writable[function]:
		return ""
	case function == "CHANNEL" && writableChannel[strings.ToLower(strings.TrimSpace(inside))]:
		return ""
	}
	return "the variable " + quote(name) + " is a function that does more than set the call"
}
