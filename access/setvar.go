package access

import (
	"fmt"
	"strings"

	"github.com/astproxy/astproxy/ami"
)

const variableHeader = "Variable"

// WithVariables is an Originate as it is sent, once it has been judged: with the variables that the user's
// configuration sets. They stand before the client's own, which therefore win, as in Asterisk (manager.c,
// action_originate). Every other action is as it was.
func (u *User) WithVariables(name string, action ami.Message) ami.Message {
	if len(u.setvar) == 0 || !strings.EqualFold(name, "Originate") {
		return action
	}
	var lines []byte
	for _, assignment := range u.setvar {
		lines = ami.AppendHeader(lines, variableHeader, assignment)
	}
	firstName, firstValue := action.Header(0)
	return action.Replacing(0, string(ami.AppendHeader(lines, firstName, firstValue)))
}

// commaOutside tells whether a text has a comma that is in no parentheses, where Asterisk takes it apart.
func commaOutside(text string) bool {
	depth := 0
	for _, c := range []byte(text) {
		switch c {
		case '(':
			depth++
		case ')':
			depth = max(depth-1, 0)
		case ',':
			if depth == 0 {
				return true
			}
		}
	}
	return false
}

// checkSetvar wants what the header Variable says as it is: Asterisk takes that apart at commas, and takes quotes
// and backslashes away.
func (c UserConfig) checkSetvar() (errs []error) {
	for i, assignment := range c.SetVar {
		key := fmt.Sprintf("setvar[%d]", i)
		name, _, is := strings.Cut(assignment, "=")
		switch {
		case !is || name == "" || strings.TrimSpace(assignment) != assignment:
			errs = append(errs, &ConfigError{Key: key, Text: "a variable is set by NAME=VALUE, without blanks around it"})
		case strings.ContainsAny(assignment, "\r\n\x00\"\\") || commaOutside(assignment):
			errs = append(errs, &ConfigError{Key: key, Text: `no header Variable can say a comma outside of parentheses, a quote, a backslash or a line end`})
		case len(assignment) > ami.MaxLine-len(variableHeader+": "):
			errs = append(errs, &ConfigError{Key: key, Text: fmt.Sprintf("no header Variable can say more than %d bytes", ami.MaxLine-len(variableHeader+": "))})
		}
	}
	return errs
}
