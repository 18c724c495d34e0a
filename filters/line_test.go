package filters

import (
	"errors"
	"strings"
	"testing"
)

func TestALineOfManagerConfIsTheFilterItIsThere(t *testing.T) {
	for _, test := range []struct{ line, want string }{
		{`Event: Newexten`, `eventfilter = Event: Newexten`},
		{`!Event: Newexten`, `eventfilter = !Event: Newexten`},
		{`  !Event: Newexten `, `eventfilter = !Event: Newexten`},
		{`Channel: (SIP|PJSIP)/1`, `eventfilter = Channel: (SIP|PJSIP)/1`},
		{`a=b`, `eventfilter = a=b`},
		{`eventfilter = Newexten`, `eventfilter = Newexten`},
		{`eventfilter => !Newexten`, `eventfilter = !Newexten`},
		{`eventfilter=a = b`, `eventfilter = a = b`},
		{`eventfilter(name(Newexten)) = `, `eventfilter(name(Newexten)) =`},
		{`eventfilter(name(Newexten)) =`, `eventfilter(name(Newexten)) =`},
		{`eventfilter(action(exclude),name(Hangup),header(Channel),method(starts_with)) = PJSIP/1`,
			`eventfilter(action(exclude),name(Hangup),header(Channel),method(starts_with)) = PJSIP/1`},
		{`eventfilter(method(regex)) = a=b`, `eventfilter = a=b`},
	} {
		f, err := ParseLine(test.line)
		if err != nil {
			t.Errorf("%s: %v", test.line, err)
			continue
		}
		if f.String() != test.want {
			t.Errorf("%s is %s, want %s", test.line, f, test.want)
		}
	}
}

func TestALineThatIsWrongSaysWhere(t *testing.T) {
	for _, test := range []struct {
		line, at, expected string // at is what follows the place of the fault
		kind               error
	}{
		{``, ``, "a pattern", ErrFormat},
		{`!`, ``, "a pattern", ErrFormat},
		{`eventfilter`, ``, "a pattern", ErrFormat},
		{`eventfilter =`, ``, "a pattern", ErrFormat},
		{`eventfilter() = x`, `) = x`, "action()", ErrFormat},
		{`eventfilter(name(A))`, ``, `" = "`, ErrFormat},
		{`eventfilter(name(A) = x`, `) = x`, "method()", ErrFormat},
		{`eventfilter(name(A = x`, `= x`, `")"`, ErrFormat},
		{`name(Newexten)`, `name(Newexten)`, "eventfilter(name(", ErrFormat},
		{`eventfilter(method(regexp)) = x`, `regexp)) = x`, "one of none, regex", ErrFormat},
		{`eventfilter = a(b`, `(b`, "", ErrRegex},
		{`eventfilter = !a{2000}`, `{2000}`, "", ErrRegex},
		{`((a{99}){99}){99}`, ``, "", ErrRegex},
	} {
		_, err := ParseLine(test.line)
		var wrong *Error
		if !errors.As(err, &wrong) {
			t.Errorf("%s: %v", test.line, err)
			continue
		}
		if test.kind != nil && !errors.Is(err, test.kind) || wrong.Part != partLine || !strings.Contains(wrong.Expected, test.expected) {
			t.Errorf("%s: %v", test.line, err)
		}
		if wrong.Position < 0 || wrong.Position > len(test.line) {
			t.Errorf("%s: position %d", test.line, wrong.Position)
		} else if rest := test.line[wrong.Position:]; test.at != "" && rest != test.at {
			t.Errorf("%s: the fault is at %q, want %q: %v", test.line, rest, test.at, err)
		}
	}
}

func TestTwoSetsTogetherAreOneWhateverTheirOrder(t *testing.T) {
	a, b := mustParse(t, "name(A)", ""), mustParse(t, "", "!B")
	one, other := Set{}.With(a), Set{}.With(b)
	together := one.Plus(other)
	if together.Key() != other.Plus(one).Key() || together.Len() != 2 || one.Plus(one).Key() != one.Key() || (Set{}).Plus(one).Key() != one.Key() {
		t.Errorf("%q, %q", together.Key(), other.Plus(one).Key())
	}
	if one.Len() != 1 || other.Len() != 1 {
		t.Error("the sets themselves have changed")
	}
}
