package sim

import (
	"errors"
	"regexp"
	"strings"

	"github.com/astproxy/astproxy/ami"
)

var _ = simulates(map[string]func(*session, ami.Message) bool{
	"Filter": (*session).addFilter,
})

// eventFilters are what Filter actions of a session added; they only ever become more.
type eventFilters struct{ include, exclude []eventFilter }

// eventFilter is one eventfilter of manager.conf.
type eventFilter struct {
	event, header string // "" for any; without a header the whole event is looked at
	match         func(data string) bool
}

// pass tells whether an event is to be sent: one that an include matches, if there are any, and no
// exclude does.
func (f *eventFilters) pass(m ami.Message) bool {
	return (len(f.include) == 0 || anyMatches(f.include, m)) && !anyMatches(f.exclude, m)
}

func anyMatches(filters []eventFilter, m ami.Message) bool {
	for i := range filters {
		if filters[i].matches(m) {
			return true
		}
	}
	return false
}

func (f *eventFilter) matches(m ami.Message) bool {
	if f.event != "" && f.event != m.Event() {
		return false
	}
	if f.header == "" {
		return f.match(m.Raw() + "\r\n")
	}
	for name, value := range m.All() {
		if name == f.header && value != "" && f.match(value) {
			return true
		}
	}
	return false
}

func (c *session) addFilter(m ami.Message) bool {
	if !strings.EqualFold(m.Get("Operation"), "Add") {
		return c.fail(m, "Unknown operation")
	}
	f, exclude, err := parseFilter(m.Get("MatchCriteria"), m.Get("Filter"))
	if err != nil {
		return c.fail(m, err.Error())
	}
	if exclude {
		c.filters.exclude = append(c.filters.exclude, f)
	} else {
		c.filters.include = append(c.filters.include, f)
	}
	return c.ack(m, "Success")
}

// Asterisk's words.
var (
	errFilterCompile = errors.New("Filter did not compile.  Check the syntax of the filter given.")           //nolint:staticcheck // Asterisk's words
	errFilterFormat  = errors.New("Filter was formatted incorrectly.  Check the syntax of the filter given.") //nolint:staticcheck // Asterisk's words
)

// parseFilter reads an eventfilter: the criteria that stand in its parentheses, "" for one of the old form, and
// its expression (manager.c, manager_add_filter).
func parseFilter(criteria, expression string) (f eventFilter, exclude bool, err error) {
	expression, exclude = strings.CutPrefix(expression, "!")
	if criteria == "" {
		if expression == "" {
			return f, false, errFilterFormat
		}
		f.match, err = compileMatch("regex", expression)
		return f, exclude, err
	}
	method := "none"
	for _, option := range strings.FieldsFunc(criteria, func(r rune) bool { return r == ' ' || r == ',' || r == ')' }) {
		name, value, _ := strings.Cut(option, "(")
		switch {
		case value == "":
			return f, false, errFilterFormat
		case name == "action" && (value == "include" || value == "exclude"):
			exclude = value == "exclude"
		case name == "name":
			f.event = value
		case name == "header":
			f.header = strings.TrimSuffix(value, ":")
		case name == "method":
			method = value
		default:
			return f, false, errFilterFormat
		}
	}
	if (expression == "") != (method == "none") || expression == "" && f.event == "" && f.header == "" {
		return f, false, errFilterFormat
	}
	f.match, err = compileMatch(method, expression)
	return f, exclude, err
}

func compileMatch(method, expression string) (func(string) bool, error) {
	switch method {
	case "none":
		return func(string) bool { return true }, nil
	case "regex":
		r, err := regexp.CompilePOSIX(expression)
		if err != nil {
			return nil, errFilterCompile
		}
		return r.MatchString, nil
	case "exact":
		return func(s string) bool { return s == expression }, nil
	case "starts_with":
		return func(s string) bool { return strings.HasPrefix(s, expression) }, nil
	case "ends_with":
		return func(s string) bool { return strings.HasSuffix(s, expression) }, nil
	case "contains":
		return func(s string) bool { return strings.Contains(s, expression) }, nil
	}
	return nil, errFilterFormat
}
