package filters

import (
	"strings"
	"testing"

	"github.com/astproxy/astproxy/ami"
)

// Filters as "criteria|expression"; the events are Newexten, Hangup and Rename.
func makeSet(t testing.TB, filters ...string) Set {
	t.Helper()
	var s Set
	for _, text := range filters {
		criteria, expression, _ := strings.Cut(text, "|")
		s = s.With(mustParse(t, criteria, expression))
	}
	return s
}

func TestWhichEventsPassSeveralFilters(t *testing.T) {
	names := []string{"Newexten", "Hangup", "Rename"}
	for _, test := range []struct {
		filters string // separated by " & "
		passes  string
	}{
		{"", "Newexten Hangup Rename"},
		{"name(Newexten)|", "Newexten"},
		{"name(Newexten)| & name(Hangup)|", "Newexten Hangup"},
		{"name(Newexten)|!", "Hangup Rename"},
		{"name(Newexten)|! & name(Hangup)|!", "Rename"},
		// Includes first, then excludes, in whatever order they came.
		{"name(Newexten)| & name(Newexten)|!", ""},
		{"name(Newexten)| & name(Hangup)|!", "Newexten"},
		{"|^Event: (Newexten|Rename) & name(Rename)|!", "Newexten"},
		{"name(Rename)|! & |^Event: (Newexten|Rename)", "Newexten"},
		{"|NoSuchThing", ""},
		{"|!NoSuchThing", "Newexten Hangup Rename"},
	} {
		var set Set
		if test.filters != "" {
			set = makeSet(t, strings.Split(test.filters, " & ")...)
		}
		var passed []string
		for _, name := range names {
			if set.Passes(ami.NewEvent(name).Add("Privilege", "call,all").Message()) {
				passed = append(passed, name)
			}
		}
		if got := strings.Join(passed, " "); got != test.passes {
			t.Errorf("%q: %q passes, want %q", test.filters, got, test.passes)
		}
	}
}

func TestSetsOfTheSameFiltersHaveOneKey(t *testing.T) {
	same := [][]string{
		{"name(A)|", "|!x", "header(B),method(exact)|y"},
		{"header(B),method(exact)|y", "name(A)|", "|!x"},
		{"name(A)|", "|!x", "|!x", "method(exact),header(B:)|y", "name(A)|"},
		{"action(exclude),method(regex)|x", "name(Z),name(A)|", "header(B),method(exact)|y"},
	}
	want := makeSet(t, same[0]...)
	if want.Len() != 3 {
		t.Errorf("%d filters", want.Len())
	}
	for _, filters := range same[1:] {
		if got := makeSet(t, filters...); got.Key() != want.Key() || got.Len() != 3 {
			t.Errorf("%q has the key\n%s, want\n%s", filters, got.Key(), want.Key())
		}
	}
	for _, filters := range [][]string{
		nil, {"name(A)|"}, {"name(A)|!", "|!x", "header(B),method(exact)|y"}, {"name(A)|", "|x", "header(B),method(exact)|y"},
		{"name(A)|", "|!x", "header(B),method(contains)|y"}, {"name(A)|", "|!x", "header(b),method(exact)|y"},
	} {
		if got := makeSet(t, filters...); got.Key() == want.Key() {
			t.Errorf("%q has the key of others", filters)
		}
	}
	if key := (Set{}).Key(); key != "" {
		t.Errorf("the empty set's key is %q", key)
	}
}

// A set that others hold never changes, even if two are made of it.
func TestASetDoesNotChangeWhenAnotherIsMadeOfIt(t *testing.T) {
	base := makeSet(t, "|!x", "|!y", "|!z")
	key := base.Key()
	first := base.With(mustParse(t, "", "!first"))
	second := base.With(mustParse(t, "", "!second"))
	isFirst, isSecond := ami.NewEvent("first").Message(), ami.NewEvent("second").Message()
	if base.Key() != key || base.Len() != 3 || !base.Passes(isFirst) || !base.Passes(isSecond) {
		t.Error("the set has changed")
	}
	if first.Passes(isFirst) || !first.Passes(isSecond) || second.Passes(isSecond) || !second.Passes(isFirst) {
		t.Error("the two share their filters")
	}
}
