package filters

import (
	"fmt"
	"slices"
	"strings"

	"github.com/astproxy/astproxy/ami"
)

// Mask is what stands in the place of a value that somebody is not to see.
const Mask = "(hidden)"

// Redaction is what of a message somebody does not see. It is immutable; nil hides nothing.
type Redaction struct {
	headers   []hiding
	variables []hiding
	key       string
}

// hiding is one rule: names that are hidden, in lower case, and how.
type hiding struct {
	pattern string // may begin or end with "*"
	drop    bool   // the whole line, not only the value
}

// structural are the headers by which a client knows what a message is. They hold nothing of a call.
var structural = []string{
	"Action", "ActionID", "Event", "EventList", "ListItems", "Message", "Privilege", "ProxyResponse", "ProxySequence", "ProxyServer",
	"Response", "Server",
}

// NewRedaction reads rules such as "mask CallerIDNum", "drop ConnectedLine*" and "mask variable PIN*":
// what to do, and the name of a header, or of a variable wherever it is shown. A "*" at either end of a name
// stands for anything; names compare without case. No rules make nil. The error is an *Error that says
// which rule it is in by its index.
func NewRedaction(rules []string) (redaction *Redaction, index int, err error) {
	r := &Redaction{}
	for i, rule := range rules {
		h, variable, err := parseHiding(rule)
		switch {
		case err != nil:
			return nil, i, err
		case variable:
			r.variables = append(r.variables, h)
		default:
			r.headers = append(r.headers, h)
		}
	}
	if len(rules) == 0 {
		return nil, 0, nil
	}
	sorted := slices.Sorted(slices.Values(rules))
	r.key = strings.ToLower(strings.Join(slices.Compact(sorted), "\n"))
	return r, 0, nil
}

func parseHiding(rule string) (h hiding, variable bool, err error) {
	at := 0
	word := func() string {
		for at < len(rule) && rule[at] == ' ' {
			at++
		}
		begin := at
		for at < len(rule) && rule[at] != ' ' {
			at++
		}
		return rule[begin:at]
	}
	wrong := func(text, expected string) error {
		return formatError(partLine, at-len(text), fmt.Sprintf("%q", text), expected)
	}
	how := word()
	if how != "drop" && how != "mask" {
		return h, false, wrong(how, `"drop" or "mask", and a name`)
	}
	name := word()
	if name == "variable" {
		variable, name = true, word()
	}
	bare := strings.TrimSuffix(strings.TrimPrefix(name, "*"), "*")
	switch {
	case name == "":
		return h, variable, wrong(name, "the name of a header, or variable and its name")
	case strings.ContainsAny(bare, "*:=()\x00\r\n\t"):
		return h, variable, wrong(name, `a name; "*" stands at its ends only`)
	case !variable && bare != "" && bare == name && slices.ContainsFunc(structural, func(s string) bool { return strings.EqualFold(s, name) }):
		return h, variable, wrong(name, "a header that messages can do without")
	}
	if rest := word(); rest != "" {
		return h, variable, wrong(rest, "nothing more: each name is a text of its own")
	}
	return hiding{pattern: strings.ToLower(name), drop: how == "drop"}, variable, nil
}

// Key is the same for two that hide the same in the same words; of nil it is "".
func (r *Redaction) Key() string {
	if r == nil {
		return ""
	}
	return r.key
}

// find is the rule about a name. Where one drops and one masks, it is dropped.
func find(hidings []hiding, name string) (found hiding, ok bool) {
	for _, h := range hidings {
		if (!ok || h.drop) && h.matches(name) {
			found, ok = h, true
		}
	}
	return found, ok
}

func (h hiding) matches(name string) bool {
	front, begins := strings.CutPrefix(h.pattern, "*")
	middle, ends := strings.CutSuffix(front, "*")
	name = strings.ToLower(name)
	switch {
	case begins && ends:
		return strings.Contains(name, middle)
	case begins:
		return strings.HasSuffix(name, front)
	case ends:
		return strings.HasPrefix(name, middle)
	}
	return name == middle
}

// Apply is the message without what is hidden: m itself if it has nothing of that.
//
// Asterisk prints line ends in a value as they are, so what follows a hidden value may belong to it: lines
// without a name do, and in the answer to a Getvar everything does.
func (r *Redaction) Apply(m ami.Message) ami.Message {
	if r == nil {
		return m
	}
	named := r.hidesValue(m)
	hid, hidRest := false, false // the line before, and all that follow
	return m.Rewriting(func(i int, name, value string) (string, bool) {
		switch {
		case hidRest || hid && name == "":
			return "", false
		case i == 0 || name == "" || isStructural(name):
			return value, true
		}
		shown, stays := r.line(name, value, named)
		hid = !stays || shown != value
		hidRest = hid && named.pattern != "" && m.IsResponse() && strings.EqualFold(name, "Value")
		return shown, stays
	})
}

func isStructural(name string) bool {
	return slices.ContainsFunc(structural, func(s string) bool { return strings.EqualFold(s, name) })
}

// line is the value of a header as it may be seen, and whether the line may at all.
func (r *Redaction) line(name, value string, hidden hiding) (shown string, stays bool) {
	if h, found := find(r.headers, name); found {
		return Mask, !h.drop
	}
	isValue := strings.EqualFold(name, "Value")
	switch {
	case hidden.pattern != "" && isValue:
		return Mask, !hidden.drop
	case hidden.drop && strings.EqualFold(name, "Variable"):
		return "", false
	case len(r.variables) > 0 && holdsVariables(name):
		return r.assignments(name, value)
	}
	return value, true
}
