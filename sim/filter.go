package sim

import (
	"regexp"
	"strings"

	"github.com/astproxy/astproxy/ami"
)

func init() {
	simulates(map[string]func(*session, ami.Message) bool{
		"Filter": (*session).addFilter,
	})
}

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
	f, exclude, refusal := parseFilter(m.Get("MatchCriteria"), m.Get("Filter"))
	if refusal != "" {
		return c.fail(m, refusal)
	}
	if exclude {
		c.filters.exclude = append(c.filters.exclude, f)
	} else {
		c.filters.include = append(c.filters.include, f)
	}
	return c.ack(m, "Success")
}

// What Asterisk says of a filter it does not take.
const (
	filterCompile = "Filter did not compile.  Check the syntax of the filter given."
	filterFormat  = "Filter was formatted incorrectly.  Check the syntax of the filter given."
)

// parseFilter reads an eventfilter: the criteria that stand in its parentheses, "" for one of the old form, and
// its expression, or says what is wrong with it (manager.c, manager_add_filter).
func parseFilter(criteria, expression string) (f eventFilter, exclude bool, refusal string) {
	expression, exclude = strings.CutPrefix(expression, "!")
	if criteria == "" {
		if expression == "" {
			return f, false, filterFormat
		}
		f.match, refusal = compileMatch("regex", expression)
		return f, exclude, refusal
	}
	method := "none"
	for _, option := range strings.FieldsFunc(criteria, func(r rune) bool { return r == ' ' || r == ',' || r == ')' }) {
		name, value, _ := strings.Cut(option, "(")
		switch {
		case value == "":
			return f, false, filterFormat
		case name == "action" && (value == "include" || value == "exclude"):
			exclude = value == "exclude"
		case name == "name":
			f.event = value
		case name == "header":
			f.header = strings.TrimSuffix(value, ":")
		case name == "method":
			method = value
		default:
			return f, false, filterFormat
		}
	}
	if (expression == "") != (method == "none") || expression == "" && f.event == "" && f.header == "" {
		return f, false, filterFormat
	}
	f.match, refusal = compileMatch(method, expression)
	return f, exclude, refusal
}

func compileMatch(method, expression string) (match func(string) bool, refusal string) {
	switch method {
	case "none":
		return func(string) bool { return true }, ""
	case "regex":
		r, err := regexp.CompilePOSIX(expression)
		if err != nil {
			return nil, filterCompile
		}
		return r.MatchString, ""
	case "exact":
		return func(s string) bool { return s == expression }, ""
	case "starts_with":
		return func(s string) bool { return strings.HasPrefix(s, expression) }, ""
	case "ends_with":
		return func(s string) bool { return strings.HasSuffix(s, expression) }, ""
	case "contains":
		return func(s string) bool { return strings.Contains(s, expression) }, ""
	}
	return nil, filterFormat
}
