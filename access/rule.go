package access

import (
	"fmt"
	"maps"
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
	key     string // "rule[1]", as the configuration's positions have it
	action  pattern
	headers []ruleHeader
}

// ruleHeader is what a header may be.
type ruleHeader struct {
	name   string
	values patterns
	fold   bool // case is no difference to Asterisk
	list   bool // it holds several values, separated by commas
	absent bool // it need not be there
}

// maxRuleHeaders is how many headers a rule may name: a set of them is the bits of a number.
const maxRuleHeaders = 64

func newRule(index int, c RuleConfig) rule {
	r := rule{key: fmt.Sprintf("rule[%d]", index), action: pattern(c.Action)}
	for _, name := range slices.Sorted(maps.Keys(c.Headers)) {
		r.headers = append(r.headers, ruleHeader{
			name:   name,
			values: newPatterns(c.Headers[name]),
			fold:   strings.EqualFold(name, "Application"), // pbx_app.c, pbx_findapp
			list:   strings.EqualFold(name, "Variable") && (r.action.matchesFold("Originate") || r.action.matchesFold("MessageSend")),
			absent: slices.Contains(c.Headers[name], ""),
		})
	}
	return r
}

// ruled is what the rules say of an action: the one that lets it pass, or a refusal.
type ruled struct {
	decision Decision
	rule     *rule
}

// judgeRules tells whether there are rules about the action, and what they say.
func (u *User) judgeRules(name string, action ami.Message) (r ruled, has bool) {
	var failed []string
	for i := range u.rights.rules {
		each := &u.rights.rules[i]
		if !each.action.matchesFold(name) {
			continue
		}
		has = true
		header, how := each.differs(name, action)
		if how == "" {
			return ruled{allowed(each.key, "it matches this rule"), each}, true
		}
		failed = append(failed, each.key+": "+header+" "+how)
	}
	if !has {
		return r, false
	}
	by, _, _ := strings.Cut(failed[0], ":")
	if len(failed) > 1 {
		by = "rule"
	}
	return ruled{decision: refused(by, "no rule for it matches: "+strings.Join(failed, "; "))}, true
}

// differs is the first thing in which an action is not as the rule has it; "" is none.
func (r *rule) differs(name string, action ami.Message) (header, how string) {
	var seen uint64
	for header, value := range action.All() {
		if unruled(name, header) {
			continue
		}
		i := slices.IndexFunc(r.headers, func(h ruleHeader) bool { return strings.EqualFold(h.name, header) })
		switch {
		case i < 0:
			return quote(header), "is not in the rule"
		case seen&(1<<i) != 0:
			return r.headers[i].name, "is there twice"
		case !r.headers[i].matches(value):
			return r.headers[i].name, "is " + quote(value)
		}
		seen |= 1 << i
	}
	for i := range r.headers {
		if seen&(1<<i) == 0 && !r.headers[i].absent {
			return r.headers[i].name, "is missing"
		}
	}
	return "", ""
}

// unruled tells whether a header says nothing of what an action does: no rule need name it.
func unruled(action, header string) bool {
	for _, name := range unruledHeaders {
		if strings.EqualFold(name, header) {
			return true
		}
	}
	if !strings.EqualFold(action, "Originate") {
		return false
	}
	for _, name := range unruledOriginate {
		if strings.EqualFold(name, header) {
			return true
		}
	}
	return false
}

var (
	unruledHeaders   = []string{"Action", "ActionID", "Server"}
	unruledOriginate = []string{"Async", "Timeout", "EarlyMedia", "Codecs", "ChannelId", "OtherChannelId"}
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
	for _, p := range h.values {
		if p != "" && (p.matches(value) || h.fold && p.matchesFold(value)) {
			return true
		}
	}
	return false
}

// names tells whether the rule names this very value, without wildcards: whoever wrote it wants it to pass.
func (r *rule) names(header, value string) bool {
	for i := range r.headers {
		if h := &r.headers[i]; strings.EqualFold(h.name, header) {
			for _, p := range h.values {
				text, is := p.literal()
				if is && text != "" && (text == value || h.fold && strings.EqualFold(text, value)) {
					return true
				}
			}
		}
	}
	return false
}
