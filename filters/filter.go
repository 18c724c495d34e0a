package filters

import (
	"strings"

	"github.com/astproxy/astproxy/ami"
)

// Filter is one filter, ready to match.
type Filter struct {
	excludes   bool
	name       string // of the event; "" for any
	header     string // what a line must begin with, colon included; "" for the whole event
	method     method
	expression string // without the "!" that made it exclude

	pattern *pattern // of method and expression
	text    string   // what String returns
}

// Excludes tells whether the filter is there to keep events away rather than to let them in.
func (f *Filter) Excludes() bool { return f.excludes }

// String is the filter as manager.conf would have it. Filters that mean the same by the same method
// have the same text, and the text's two parts make the same filter again.
func (f *Filter) String() string { return f.text }

// Match tells whether m, an event as Asterisk sent it, is one the filter is about; what follows
// from that a Set knows. Headers the proxy adds must not be in m yet.
func (f *Filter) Match(m ami.Message) bool {
	if f.name != "" && f.name != m.Event() {
		return false
	}
	if f.header != "" {
		return f.matchHeader(m.Raw())
	}
	return f.pattern.matchEvent(m.Raw())
}

// matchHeader tries every line that begins with the header, whatever its number, until one matches.
// An empty value matches nothing, not even method none (manager.c, filter_cmp_fn).
func (f *Filter) matchHeader(text string) bool {
	for line := range strings.SplitSeq(text, "\n") {
		value, found := strings.CutPrefix(line, f.header)
		if !found {
			continue
		}
		value = skipBlanks(strings.TrimSuffix(value, "\r"))
		if value != "" && f.pattern.match(value) {
			return true
		}
	}
	return false
}

// skipBlanks cuts what Asterisk takes for blanks off the front: all bytes below 33
// (strings.h, ast_skip_blanks).
func skipBlanks(s string) string {
	for s != "" && s[0] <= ' ' {
		s = s[1:]
	}
	return s
}

// canonical writes the canonical form: what has its default is left out, and the old form is used where
// it says the same.
func (f *Filter) canonical() string {
	// Asterisk takes a "!" off the expression even when action() says what it is to do.
	escaped := strings.HasPrefix(f.expression, "!")
	legacy := f.name == "" && f.header == "" && f.method == methodRegex
	switch {
	case legacy && f.excludes:
		return "eventfilter = !" + f.expression
	case legacy && !escaped:
		return "eventfilter = " + f.expression
	}
	var parts []string
	if f.excludes {
		parts = append(parts, "action(exclude)")
	} else if escaped {
		parts = append(parts, "action(include)")
	}
	if f.name != "" {
		parts = append(parts, "name("+f.name+")")
	}
	if f.header != "" {
		parts = append(parts, "header("+shortHeader(f.header)+")")
	}
	if f.method != methodNone {
		parts = append(parts, "method("+f.method.String()+")")
	}
	text := "eventfilter(" + strings.Join(parts, ",") + ") ="
	switch {
	case escaped:
		text += " !" + f.expression
	case f.expression != "":
		text += " " + f.expression
	}
	return text
}

// shortHeader is header without its colon, unless parsing would not put it back.
func shortHeader(header string) string {
	short := strings.TrimSuffix(header, ":")
	if short == "" || strings.HasSuffix(short, ":") {
		return header
	}
	return short
}
