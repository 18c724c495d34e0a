package filters

import (
	"strings"
	"testing"

	"github.com/astproxy/astproxy/ami"
)

// holds tells whether a hint is so of an event.
func (h Hint) holds(m ami.Message) bool {
	if h.Event != "" && h.Event != m.Event() {
		return false
	}
	if h.Header == "" {
		return true
	}
	for name, value := range m.All() {
		if name == h.Header && (value == h.Value || h.Prefix && strings.HasPrefix(value, h.Value)) {
			return true
		}
	}
	return false
}

func TestWhatAHintSaysIsSoOfAllThatPasses(t *testing.T) {
	for _, test := range []struct {
		criteria, expression string
		want                 Hint
		hinted               bool
	}{
		{"name(Newexten)", "", Hint{Event: "Newexten"}, true},
		{"name(Newexten),method(contains)", "default", Hint{Event: "Newexten"}, true},
		{"header(Channel),method(exact)", "PJSIP/101-00000001", Hint{Header: "Channel", Value: "PJSIP/101-00000001"}, true},
		{"header(Channel),method(starts_with)", "PJSIP/101-", Hint{Header: "Channel", Value: "PJSIP/101-", Prefix: true}, true},
		{"header(Channel),method(regex)", "^PJSIP/101-", Hint{Header: "Channel", Value: "PJSIP/101-", Prefix: true}, true},
		{"header(Context),method(regex)", "^default$", Hint{Header: "Context", Value: "default"}, true},
		{"name(Newexten),header(Spaced),method(exact)", "x y  ", Hint{Event: "Newexten", Header: "Spaced", Value: "x y  "}, true},
		{"header(ChanVariable),method(starts_with)", "b=", Hint{Header: "ChanVariable", Value: "b=", Prefix: true}, true},
		{"header(Channel),method(contains)", "101", Hint{}, false},
		{"header(Channel)", "", Hint{}, false},
		{"header(Channel),method(regex)", "^PJSIP/10[12]", Hint{}, false},
		{"header(Channel),method(regex)", "^", Hint{}, false},
		{"", "Newexten", Hint{}, false},
	} {
		f := mustParse(t, test.criteria, test.expression)
		set := Set{}.With(f)
		hints, ok := set.Hints()
		if ok != test.hinted || ok && (len(hints) != 1 || hints[0] != test.want) {
			t.Errorf("%s: the hints are %v, %v", f, hints, ok)
		}
		if !set.Passes(event) || ok && !hints[0].holds(event) {
			t.Errorf("%s: of what passes, %v is not so", f, hints)
		}
		if _, ok := set.With(mustParse(t, "", "x")).Hints(); ok {
			t.Errorf("%s and a pattern over everything: there is nothing to look for", f)
		}
		if _, ok := set.With(mustParse(t, "", "!x")).Hints(); ok != test.hinted {
			t.Errorf("%s without what excludes: %v", f, ok)
		}
	}
	if _, ok := (Set{}).With(mustParse(t, "name(A)", "!")).Hints(); ok {
		t.Error("who excludes only wants all others")
	}
}
