package filters

import (
	"errors"
	"strings"
)

// keyword is the key of a filter in manager.conf.
const keyword = "eventfilter"

// ParseLine reads one filter as a line of manager.conf has it, in one of these forms:
//
//	eventfilter(CRITERIA) = EXPRESSION
//	eventfilter = PATTERN
//
// or the older form's PATTERN alone. The error is an *Error that counts in the line.
func ParseLine(line string) (*Filter, error) {
	criteria, expression, err := splitLine(line)
	if err != nil {
		return nil, err
	}
	f, err := Parse(criteria.text, expression.text)
	var wrong *Error
	if errors.As(err, &wrong) {
		at := criteria.at
		if wrong.Part == partExpression {
			at = expression.at
		}
		return nil, &Error{Kind: wrong.Kind, Part: partLine, Position: at + wrong.Position, Problem: wrong.Problem, Expected: wrong.Expected}
	}
	return f, err
}

// piece is a part of a line, and where it begins.
type piece struct {
	text string
	at   int
}

// splitLine finds the two arguments of Parse in a line, as Asterisk reads its configuration: the first
// "=" ends the key, "=>" is as good, and blanks around key and value do not count (config.c,
// process_text_line).
func splitLine(line string) (criteria, expression piece, err error) {
	key, _, assigned := strings.Cut(line, "=")
	name, open := strings.TrimSpace(key), -1
	if i := strings.IndexByte(name, '('); i >= 0 {
		open = strings.IndexByte(line, '(')
		name = strings.TrimSpace(name[:i])
	}
	switch {
	case name == keyword && open >= 0 && strings.HasSuffix(strings.TrimSpace(key), ")"):
		criteria = piece{strings.TrimSuffix(strings.TrimSpace(line[open+1:len(key)]), ")"), open + 1}
		if !assigned {
			return criteria, expression, formatError(partLine, len(line), "the line ends", `" = " and, but for method(none), a pattern`)
		}
		if strings.Trim(criteria.text, separators) == "" {
			return criteria, expression, formatError(partLine, criteria.at, "nothing in the parentheses", "action(), name(), header() or method()")
		}
	case name == keyword && open >= 0:
		return criteria, expression, formatError(partLine, len(key), "a parenthesis is not closed", `")" and then "="`)
	case name == keyword && assigned:
	case name == keyword:
		return criteria, expression, formatError(partLine, len(line), "the line ends", `"=" and a pattern, or criteria in parentheses`)
	case open >= 0 && isPart(name):
		begin := strings.Index(line, name)
		return criteria, expression, formatError(partLine, begin, name+"() on its own", keyword+"("+name+"(...)...) = ...")
	default:
		return criteria, trimmed(line, 0), nil
	}
	value := len(key) + 1
	if strings.HasPrefix(line[value:], ">") {
		value++
	}
	return criteria, trimmed(line[value:], value), nil
}

// isPart tells whether a line that begins so was surely meant to be criteria.
func isPart(name string) bool {
	switch name {
	case "action", "name", "header", "method":
		return true
	}
	return false
}

func trimmed(text string, at int) piece {
	left := strings.TrimLeft(text, " \t")
	return piece{strings.TrimRight(left, " \t"), at + len(text) - len(left)}
}
