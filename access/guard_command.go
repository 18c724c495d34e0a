package access

import (
	"strings"

	"github.com/astproxy/astproxy/ami"
)

// guardAGI judges a command for a channel in AsyncAGI (res_agi.c), which can run any application there.
func (u *User) guardAGI(action ami.Message, named *rule) string {
	command := action.Get("Command")
	if named.names("Command", command) {
		return ""
	}
	words := strings.Fields(unescaped.Replace(command))
	is := func(verb ...string) bool { return beginsWith(words, verb) }
	switch {
	case is("exec") && len(words) > 1:
		if strings.Contains(command, "$") { // which it evaluates if a variable says so
			return "Command has " + quote("$")
		}
		return u.guardApplication(words[1], strings.Join(words[2:], " "), nil)
	case is("set", "variable") && len(words) > 2:
		if why := u.guardVariable(words[2]); why != "" {
			return why
		}
	case is("get", "variable") && len(words) > 2:
		if what := u.reads(strings.Join(words[2:], " ")); what != "" {
			return "Command has " + what
		}
	case is("database"):
		return "Command reaches the database"
	case is("record", "file"):
		return u.applicationDoes("Record")
	case is("speech", "load", "grammar"):
		return u.applicationDoes("SpeechLoadGrammar")
	}
	if what := u.evaluated(command, looksLikeFunction); what != "" {
		return "Command has " + what
	}
	return ""
}

// guardCommand judges a line of the command line, so that it is no way around what other actions are
// refused. Much else that class command may is as bad, and is not refused: a rule for Command says
// what a user needs.
func (u *User) guardCommand(action ami.Message, named *rule) string {
	command := action.Get("Command")
	if named.names("Command", command) {
		return ""
	}
	words := strings.Fields(unescaped.Replace(command))
	is := func(verb ...string) bool { return beginsWith(words, verb) }
	if is("originate") { // of cli_aliases.conf
		words = append([]string{"channel"}, words...)
	}
	switch {
	case is("channel", "originate") && len(words) > 4 && strings.EqualFold(words[3], "application"):
		return u.guardApplication(words[4], strings.Join(words[5:], " "), nil)
	case is("dialplan", "set", "global"), is("core", "set", "global"), is("dialplan", "set", "chanvar"), is("core", "set", "chanvar"):
		for _, word := range words[3:] {
			if why := u.guardVariable(word); why != "" {
				return why
			}
		}
	case is("agi", "exec"):
		return "Command runs an AGI command"
	case is("dialplan", "add"), is("dialplan", "remove"):
		return "Command changes the dialplan"
	case is("database", "put"), is("database", "del"), is("database", "deltree"), is("database", "query"):
		return "Command changes the database"
	case is("dialplan", "exec"), is("dialplan", "eval"):
		return "Command runs applications or functions"
	}
	if what := u.evaluated(command, looksLikeFunction); what != "" {
		return "Command has " + what
	}
	return ""
}

// beginsWith compares words without case, as Asterisk's command line and AGI do.
func beginsWith(words, verb []string) bool {
	if len(words) < len(verb) {
		return false
	}
	for i := range verb {
		if !strings.EqualFold(words[i], verb[i]) {
			return false
		}
	}
	return true
}
