package filters

import (
	"testing"

	"github.com/astproxy/astproxy/ami"
)

func mustParse(t testing.TB, criteria, expression string) *Filter {
	t.Helper()
	f, err := Parse(criteria, expression)
	if err != nil {
		t.Fatalf("(%s) = %s: %v", criteria, expression, err)
	}
	return f
}

// event is one with whatever a filter could look at: a repeated header, an empty one, one whose
// name another one's ends in, blanks around a value.
var event = ami.Parse("Event: Newexten\r\nPrivilege: dialplan,all\r\nChannel: PJSIP/101-00000001\r\nChanVariable: a=1\r\nChanVariable: b=2\r\n" +
	"Context: default\r\nEmpty:\r\nBlank:  \r\nSpaced:   x y  \r\nXChannel: SIP/9\r\nno header\r\n")

func TestWhatAFilterMatches(t *testing.T) {
	for _, test := range []struct {
		criteria, expression string
		want                 bool
	}{
		// Without criteria the pattern looks at the whole event.
		{"", "Newexten", true},
		{"", "newexten", false},
		{"", "^Event: Newexten", true},
		{"", "^Channel", false},
		{"", "Newexten.*Context: default", true},
		{"", "Context.*Newexten", false},
		{"", "no header", true},
		// The event ends in a blank line.
		{"", "no header\\s{4}$", true},
		{"", "no header....$", true},
		{"", "no header$", false},
		{"method(ends_with)", "no header", false},
		// A name is the whole name and knows case.
		{"name(Newexten)", "", true},
		{"name(newexten)", "", false},
		{"name(Newext)", "", false},
		{"name(Hangup)", "", false},
		{"name(Hangup),method(contains)", "Newexten", false},
		{"name(Newexten),method(contains)", "default", true},
		{"name(Newexten),method(contains)", "nobody", false},
		// Methods on the whole event.
		{"method(contains)", "PJSIP/101", true},
		{"method(contains)", "pjsip/101", false},
		{"method(starts_with)", "Event: New", true},
		{"method(starts_with)", "Channel", false},
		{"method(exact)", "Event: Newexten", false},
		{"method(regex)", "PJSIP/10[0-9]", true},
		// Methods on a header.
		{"header(Channel),method(exact)", "PJSIP/101-00000001", true},
		{"header(Channel),method(exact)", "PJSIP/101", false},
		{"header(Channel),method(starts_with)", "PJSIP/101-", true},
		{"header(Channel),method(starts_with)", "101", false},
		{"header(Channel),method(ends_with)", "-00000001", true},
		{"header(Channel),method(ends_with)", "PJSIP", false},
		{"header(Channel),method(contains)", "/101-", true},
		{"header(Channel),method(contains)", "/102-", false},
		{"header(Channel),method(contains)", "pjsip", false},
		{"header(Channel),method(regex)", "^PJSIP/101-[0-9a-f]{8}$", true},
		{"header(Channel),method(regex)", "^101", false},
		{"header(Channel),method(regex)", ".+^PJSIP", false},
		{"header(Context),method(contains)", "PJSIP", false},
		// A header's name is the begin of the line, with case; the colon may be given.
		{"header(channel),method(contains)", "PJSIP", false},
		{"header(Channel:),method(contains)", "PJSIP", true},
		{"header(Chan),method(contains)", "PJSIP", false},
		{"header(Channel),method(contains)", "SIP/9", false},
		{"header(XChannel),method(contains)", "SIP/9", true},
		{"header(Event),method(exact)", "Newexten", true},
		// All headers of the name count.
		{"header(ChanVariable),method(exact)", "a=1", true},
		{"header(ChanVariable),method(exact)", "b=2", true},
		{"header(ChanVariable),method(exact)", "c=3", false},
		// Blanks in front of the value do not count, those behind do.
		{"header(Spaced),method(exact)", "x y  ", true},
		{"header(Spaced),method(exact)", "x y", false},
		{"header(Spaced),method(starts_with)", "x", true},
		// Method none is about whether there is a value.
		{"header(Channel)", "", true},
		{"header(Nobody)", "", false},
		{"header(Empty)", "", false},
		{"header(Blank)", "", false},
		{"header(Empty),method(regex)", ".*", false},
		{"header(Empty),method(regex)", "^$", false},
		{"header(Nobody),method(regex)", ".*", false},
		{"name(Newexten),header(Channel)", "", true},
		{"name(Hangup),header(Channel)", "", false},
	} {
		f := mustParse(t, test.criteria, test.expression)
		if got := f.Match(event); got != test.want {
			t.Errorf("(%s) = %s matches: %v, want %v", test.criteria, test.expression, got, test.want)
		}
		if excludes := mustParse(t, test.criteria, "!"+test.expression); excludes.Match(event) != test.want || !excludes.Excludes() {
			t.Errorf("(%s) = !%s is not about the same events", test.criteria, test.expression)
		}
	}
}

func TestARareLargeEventIsMatchedToo(t *testing.T) {
	b := ami.NewEvent("Large")
	for range 3000 {
		b.Add("Variable", "0123456789012345678901234567890123456789")
	}
	large := b.Add("Last", "x1").Message()
	f := mustParse(t, "", "^Event: Large.*Last: x[0-9]")
	for range 2 {
		if !f.Match(large) || f.Match(event) {
			t.Error("matched wrongly")
		}
	}
}
