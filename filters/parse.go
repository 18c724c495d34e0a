package filters

import (
	"fmt"
	"strings"

	"github.com/astproxy/astproxy/ami"
)

// Parse reads one filter: criteria is what stands between the parentheses of eventfilter(...) or in
// MatchCriteria, and "" for the older form; expression is the pattern. Neither may be longer than
// an AMI line or hold what one cannot. The error is an *Error.
func Parse(criteria, expression string) (*Filter, error) {
	if err := checkLine(partCriteria, criteria); err != nil {
		return nil, err
	}
	if err := checkLine(partExpression, expression); err != nil {
		return nil, err
	}
	f := &Filter{method: methodRegex}
	text, excluded := strings.CutPrefix(expression, "!")
	f.excludes, f.expression = excluded, text
	position := len(expression) - len(text)
	if criteria == "" {
		if text == "" {
			return nil, formatError(partExpression, position, "nothing", "a pattern")
		}
	} else {
		f.method = methodNone
		if err := f.parseCriteria(criteria); err != nil {
			return nil, err
		}
		if err := f.checkExpression(criteria, position); err != nil {
			return nil, err
		}
	}
	var err error
	if f.pattern, err = newPattern(f.method, text, position); err != nil {
		return nil, err
	}
	f.text = f.canonical()
	return f, nil
}

// checkLine refuses what no AMI line and no line of manager.conf could hold.
func checkLine(part, text string) error {
	if len(text) > ami.MaxLine {
		return formatError(part, ami.MaxLine, fmt.Sprintf("%d bytes", len(text)), fmt.Sprintf("at most %d", ami.MaxLine))
	}
	if i := strings.IndexAny(text, "\x00\r\n"); i >= 0 {
		return formatError(part, i, fmt.Sprintf("the byte 0x%02x", text[i]), "text of one line")
	}
	return nil
}

// separators part the criteria. Asterisk's strtok takes each of them anywhere and any number of
// them, so a closing parenthesis is worth no more than a comma.
const separators = " ,)"

// parseCriteria reads the parts in any order; of a repeated one the last counts.
func (f *Filter) parseCriteria(criteria string) error {
	found := false
	for at := 0; at < len(criteria); {
		if strings.IndexByte(separators, criteria[at]) >= 0 {
			at++
			continue
		}
		end := len(criteria)
		if i := strings.IndexAny(criteria[at:], separators); i >= 0 {
			end = at + i
		}
		if err := f.parsePart(criteria[at:end], at); err != nil {
			return err
		}
		found, at = true, end
	}
	if !found {
		return formatError(partCriteria, 0, "nothing", "action(), name(), header() or method()")
	}
	return nil
}

// parsePart reads one part, such as "name(Newexten", that begins at position. Of the word in front
// of the parenthesis Asterisk looks at the first letters only.
func (f *Filter) parsePart(part string, position int) error {
	open := strings.IndexByte(part, '(') + 1
	value := trimEnd(part[open:])
	valueAt := position + open
	wrong := func(expected string) error {
		if open == 0 {
			return formatError(partCriteria, position+len(part), fmt.Sprintf("%q has no parenthesis", part), expected+" in parentheses")
		}
		return formatError(partCriteria, valueAt, fmt.Sprintf("%q", value), expected)
	}
	missing := open == 0 || value == ""
	switch {
	case strings.HasPrefix(part, "action"):
		if missing || value != "include" && value != "exclude" {
			return wrong("include or exclude")
		}
		f.excludes = value == "exclude"
	case strings.HasPrefix(part, "name"):
		if missing {
			return wrong("the name of an event")
		}
		f.name = value
	case strings.HasPrefix(part, "header"):
		if missing {
			return wrong("the name of a header")
		}
		f.header = strings.TrimSuffix(value, ":") + ":"
	case strings.HasPrefix(part, "method"):
		m, found := methodNamed(value)
		if missing || !found {
			return wrong("one of " + listMethods())
		}
		f.method = m
	default:
		return formatError(partCriteria, position, fmt.Sprintf("%q", part), "action(), name(), header() or method()")
	}
	return nil
}

// checkExpression refuses a method without an expression and the other way round. Faults of what is
// missing stand at the end.
func (f *Filter) checkExpression(criteria string, position int) error {
	switch {
	case f.expression == "" && f.method != methodNone:
		return formatError(partExpression, position, "nothing", "a pattern for method("+f.method.String()+")")
	case f.expression != "" && f.method == methodNone:
		return formatError(partCriteria, len(criteria), "a pattern, but no method to apply it by", "method() with one of "+listMethods())
	case f.name == "" && f.header == "" && f.method == methodNone:
		return formatError(partCriteria, len(criteria), "nothing that tells events apart", "name(), header() or method()")
	}
	return nil
}

// trimEnd cuts blanks, bytes below 33, off the end. Asterisk means to cut them off both ends, but
// drops the result; of blanks alone nothing is cut.
func trimEnd(s string) string {
	end := len(s)
	for end > 0 && s[end-1] <= ' ' {
		end--
	}
	if end == 0 {
		return s
	}
	return s[:end]
}
