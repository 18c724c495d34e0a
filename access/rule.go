package access

import (
	"cmp"
	"fmt"
	"maps"
	"math/bits"
	"slices"
	"strings"

	"github.com/astproxy/astproxy/ami"
)

// RuleConfig is one [[user.rule]] table: one form in which a user may send an action.
//
// An action that any rule of the user is about must match one of them in full. A rule matches when
// every header it names is in the action once, with a value that one of the header's patterns
// matches, and the action has no header besides.
type RuleConfig struct {
	// Action is the name, or a pattern of names, of what the rule is about; without case.
	Action string `toml:"action"`
	// Headers are the patterns of each header's value, by the header's name as in AMI. The pattern
	// "" is for a header that is empty or not there.
	Headers map[string][]string `toml:"*"`
}

// rule is a RuleConfig to judge by.
type rule struct {
	key      string // "rule[1]", as the configuration's positions have it
	allowed  Decision
	action   pattern
	headers  []ruleHeader
	byName   *nameSet // the headers
	required uint64   // bit i: headers[i] must be there
}

// ruleHeader is what a header may be.
type ruleHeader struct {
	name   string
	values patterns
	fold   bool // case is no difference to Asterisk
	list   bool // it holds several values, separated by commas
	absent bool // it need not be there
}

func newRule(index int, c RuleConfig) rule {
	r := rule{key: fmt.Sprintf("rule[%d]", index), action: newPattern(c.Action)}
	r.allowed = allowed(r.key, "it matches this rule")
	names := slices.Sorted(maps.Keys(c.Headers))
	r.byName = newNameSet(names...)
	for i, name := range names {
		h := ruleHeader{
			name:   name,
			values: newPatterns(c.Headers[name]),
			fold:   sameName(name, "Application"), // pbx_app.c, pbx_findapp
			list:   sameName(name, "Variable") && (r.action.matchesFold("Originate") || r.action.matchesFold("MessageSend")),
			absent: slices.Contains(c.Headers[name], ""),
		}
		if !h.absent {
			r.required |= 1 << i
		}
		r.headers = append(r.headers, h)
	}
	return r
}

// judgeRules finds the rule that the action matches, and the decision that it means; a refusal if it
// matches none of those that are about it, and the zero Decision if none is.
func (u *User) judgeRules(name string, action ami.Message) (*rule, Decision) {
	var failed []string
	by := ""
	for i := range u.rights.rules {
		r := &u.rights.rules[i]
		if !r.action.matchesFold(name) {
			continue
		}
		header, how, value := r.differs(name, action)
		if how == "" {
			return r, r.allowed
		}
		if value != "" {
			how += quote(value)
		}
		failed = append(failed, r.key+": "+header+how)
		by = r.key
	}
	switch len(failed) {
	case 0:
		return nil, Decision{}
	case 1:
	default:
		by = "rule"
	}
	return nil, refused(by, "no rule for it matches: "+strings.Join(failed, "; "))
}

// differs is the first thing in which an action is not as the rule has it: a header, how it differs, and
// its value if that is what does; how is "" if nothing is.
func (r *rule) differs(name string, action ami.Message) (header, how, value string) {
	var seen uint64
	unruled := unruledOf(name)
	for header, value := range action.All() {
		i := r.byName.index(header)
		switch {
		case i < 0 && unruled.has(header):
			continue
		case i < 0:
			return quote(header), " is not in the rule", ""
		case seen&(1<<i) != 0:
			return r.headers[i].name, " is there twice", ""
		case !r.headers[i].matches(value):
			return r.headers[i].name, " is ", cmp.Or(value, "empty")
		}
		seen |= 1 << i
	}
	if missing := r.required &^ seen; missing != 0 {
		return r.headers[bits.TrailingZeros64(missing)].name, " is missing", ""
	}
	return "", "", ""
}

// unruledOf are the headers that say nothing of what an action does, and which no rule need name.
func unruledOf(action string) *nameSet {
	if sameName(action, "Originate") {
		return unruledOriginate
	}
	return unruledHeaders
}

var (
	unruledHeaders   = newNameSet("Action", "ActionID", "Server", "ProxyKey")
	unruledOriginate = newNameSet("Action", "ActionID", "Server", "ProxyKey", "Async", "Timeout", "EarlyMedia", "Codecs", "ChannelId", "OtherChannelId")
)

// matches judges a value. A list is taken apart at every comma, which is finer than Asterisk does it:
// whatever it makes of quotes and parentheses, each of its values begins where one of ours does, and is
// made of ours.
func (h *ruleHeader) matches(value string) bool {
	if value == "" {
		return h.absent
	}
	if !h.list {
		return h.matchesOne(value)
	}
	for part := range strings.SplitSeq(value, ",") {
		if !h.matchesOne(part) {
			return false
		}
	}
	return true
}

func (h *ruleHeader) matchesOne(value string) bool {
	for i := range h.values {
		p := &h.values[i]
		if p.written != "" && (p.matches(value) || h.fold && p.matchesFold(value)) {
			return true
		}
	}
	return false
}

// names tells whether the rule names this very value, without wildcards: whoever wrote it wants it to pass.
func (r *rule) names(header, value string) bool {
	if r == nil || value == "" {
		return false
	}
	i := r.byName.index(header)
	return i >= 0 && slices.ContainsFunc(r.headers[i].values, func(p pattern) bool {
		return p.form == literal && (p.text == value || r.headers[i].fold && strings.EqualFold(p.text, value))
	})
}
