package filters

import (
	"strings"

	"github.com/astproxy/astproxy/ami"
)

// holdsVariables tells whether a header's value may be NAME=VALUE, or have that in it: the variables of
// channels, the data of applications, and what an AGI program said. Of what somebody else made up in a
// UserEvent nobody knows; it can name its headers as it likes.
func holdsVariables(header string) bool {
	name, _, _ := strings.Cut(header, "(") // ChanVariable(PJSIP/101-00000001), as before Asterisk 12
	for _, prefix := range []string{"ChanVariable", "DestChanVariable", "Variable"} {
		if len(name) >= len(prefix) && strings.HasSuffix(strings.ToLower(name), strings.ToLower(prefix)) {
			return true
		}
	}
	switch strings.ToLower(name) {
	case "appdata", "applicationdata", "data", "command", "commandline":
		return true
	}
	return false
}

// assignments is a value without what is assigned to variables that are hidden. What stands behind
// such a "NAME=" is hidden up to the end: where a value ends, only the application knows. A variable that
// is dropped takes the line with it where the line is that variable's alone.
func (r *Redaction) assignments(header, value string) (shown string, stays bool) {
	for begin := 0; begin < len(value); {
		end := begin
		for end < len(value) && isNameByte(value[end]) {
			end++
		}
		if end == begin {
			begin++
			continue
		}
		h, found := find(r.variables, strings.TrimLeft(value[begin:end], "_")) // _ and __ have it inherited
		if sign := assignment(header, value[end:]); found && sign > 0 {
			return value[:end+sign] + Mask, !h.drop || strings.Trim(value[:begin], "_ ") != ""
		}
		begin = end
	}
	return value, true
}

// assignment is the length of what stands behind a variable's name if it gives it a value: "=" behind the
// end of a function's arguments perhaps, or a blank in SET VARIABLE of AGI; else 0.
func assignment(header, behind string) int {
	rest := strings.TrimLeft(behind, `})"`)
	agi := strings.EqualFold(header, "Command") && strings.HasPrefix(rest, " ")
	rest = strings.TrimLeft(rest, " ")
	switch {
	case strings.HasPrefix(rest, "="):
		return len(behind) - len(rest) + 1
	case agi:
		return len(behind) - len(rest)
	}
	return 0
}

// hidesValue is the rule about a message's Variable, if there is one, which says what its Value is: of a
// VarSet, or of a Getvar's answer. Functions read variables too, IMPORT(channel,NAME), so the name may
// stand anywhere in it.
func (r *Redaction) hidesValue(m ami.Message) (hidden hiding) {
	if len(r.variables) == 0 || !m.Has("Value") {
		return hidden
	}
	for variable := range m.Values("Variable") {
		for _, name := range strings.FieldsFunc(variable, func(c rune) bool { return c > 0x7f || !isNameByte(byte(c)) }) {
			if h, found := find(r.variables, strings.TrimLeft(name, "_")); found && (hidden.pattern == "" || h.drop) {
				hidden = h
			}
		}
	}
	return hidden
}

func isNameByte(c byte) bool {
	return 'a' <= c && c <= 'z' || 'A' <= c && c <= 'Z' || '0' <= c && c <= '9' || c == '_' || c == '-'
}
