package filters

import (
	"strings"
	"testing"

	"github.com/astproxy/astproxy/ami"
)

// What manager.conf and the action Filter may say, and the shortest way to say it.
func TestFiltersThatAreRight(t *testing.T) {
	for _, test := range []struct{ criteria, expression, text string }{
		// The older form.
		{"", "Newexten", "eventfilter = Newexten"},
		{"", "!Newexten", "eventfilter = !Newexten"},
		{"", "!!Newexten", "eventfilter = !!Newexten"},
		{"", " Newexten ", "eventfilter =  Newexten "},
		{"", "a!", "eventfilter = a!"},
		// Every part, alone.
		{"name(Newexten)", "", "eventfilter(name(Newexten)) ="},
		{"name(Newexten)", "!", "eventfilter(action(exclude),name(Newexten)) ="},
		{"header(Channel)", "", "eventfilter(header(Channel)) ="},
		{"header(Channel:)", "", "eventfilter(header(Channel)) ="},
		{"method(regex)", "Newexten", "eventfilter = Newexten"},
		{"method(contains)", "Newexten", "eventfilter(method(contains)) = Newexten"},
		// Every method.
		{"name(A),method(none)", "", "eventfilter(name(A)) ="},
		{"name(A),method(regex)", "x", "eventfilter(name(A),method(regex)) = x"},
		{"name(A),method(exact)", "x", "eventfilter(name(A),method(exact)) = x"},
		{"name(A),method(starts_with)", "x", "eventfilter(name(A),method(starts_with)) = x"},
		{"name(A),method(ends_with)", "x", "eventfilter(name(A),method(ends_with)) = x"},
		{"name(A),method(contains)", "x", "eventfilter(name(A),method(contains)) = x"},
		// What is not a regular expression need not look like one.
		{"name(A),method(contains)", "(", "eventfilter(name(A),method(contains)) = ("},
		// Any order; of a repeated part the last.
		{"method(exact),header(B),name(A),action(exclude)", "x", "eventfilter(action(exclude),name(A),header(B),method(exact)) = x"},
		{"name(A),name(B)", "", "eventfilter(name(B)) ="},
		{"header(A),header(B)", "", "eventfilter(header(B)) ="},
		{"action(exclude),name(A),action(include)", "", "eventfilter(name(A)) ="},
		{"name(A),method(contains),method(none)", "", "eventfilter(name(A)) ="},
		// "!" excludes unless action() says something.
		{"name(A),method(contains)", "!x", "eventfilter(action(exclude),name(A),method(contains)) = x"},
		{"name(A),method(contains)", "!!x", "eventfilter(action(exclude),name(A),method(contains)) = !!x"},
		{"action(include),name(A),method(contains)", "!x", "eventfilter(name(A),method(contains)) = x"},
		{"action(exclude),name(A),method(contains)", "x", "eventfilter(action(exclude),name(A),method(contains)) = x"},
		// Of Asterisk's parser: what parts the parts, and how much of a word counts.
		{" name(A) , ,method(contains) ", "x", "eventfilter(name(A),method(contains)) = x"},
		{"name(A)method(contains)", "x", "eventfilter(name(A),method(contains)) = x"},
		{"name(A", "", "eventfilter(name(A)) ="},
		{"name(A)))", "", "eventfilter(name(A)) ="},
		{"names(A),method_of(exact)", "x", "eventfilter(name(A),method(exact)) = x"},
		{"name(A(B)", "", "eventfilter(name(A(B)) ="},
		{"name(A\t)", "", "eventfilter(name(A)) ="},
	} {
		f, err := Parse(test.criteria, test.expression)
		if err != nil {
			t.Errorf("(%s) = %s: %v", test.criteria, test.expression, err)
			continue
		}
		if f.String() != test.text {
			t.Errorf("(%s) = %s is\n%s, want\n%s", test.criteria, test.expression, f, test.text)
		}
		checkText(t, f)
	}
}

// checkText parses a filter's text, which must make the same filter.
func checkText(t *testing.T, f *Filter) {
	t.Helper()
	text, found := strings.CutPrefix(f.String(), "eventfilter")
	criteria, expression := "", strings.TrimPrefix(text, " = ")
	if !strings.HasPrefix(text, " = ") {
		// No expression is parted from the criteria by ") =" in the criteria: "=" may stand in a name.
		inside, rest, closed := strings.Cut(text, ") =")
		for strings.Contains(rest, ") =") && !validCriteria(inside[1:]) {
			var more string
			more, rest, _ = strings.Cut(rest, ") =")
			inside += ") =" + more
		}
		criteria, expression, found = inside[1:], strings.TrimPrefix(rest, " "), found && closed
	}
	again, err := Parse(criteria, expression)
	if !found || err != nil || again.String() != f.String() || again.Excludes() != f.Excludes() {
		t.Errorf("%q is parsed to %v, %v", f, again, err)
	}
}

func validCriteria(criteria string) bool {
	f := &Filter{}
	return f.parseCriteria(criteria) == nil
}

func TestFiltersThatAreWrong(t *testing.T) {
	const part = "action(), name(), header() or method()"
	const methods = "one of none, regex, exact, starts_with, ends_with, contains"
	long := strings.Repeat("x", ami.MaxLine+1)
	for _, test := range []struct {
		criteria, expression string
		where                string
		position             int
		expected             string
	}{
		{"", "", partExpression, 0, "a pattern"},
		{"", "!", partExpression, 1, "a pattern"},
		{" ", "x", partCriteria, 0, part},
		{",,)", "x", partCriteria, 0, part},
		{"nme(A)", "", partCriteria, 0, part},
		{"Name(A)", "", partCriteria, 0, part},
		{"name(A),hdr(B)", "", partCriteria, 8, part},
		{"name(A), \thdr(B)", "", partCriteria, 9, part},
		{"name()", "", partCriteria, 5, "the name of an event"},
		{"name", "", partCriteria, 4, "the name of an event in parentheses"},
		{"name( A)", "", partCriteria, 5, "the name of an event"},
		{"header()", "", partCriteria, 7, "the name of a header"},
		{"header", "", partCriteria, 6, "the name of a header in parentheses"},
		{"action()", "", partCriteria, 7, "include or exclude"},
		{"action(keep),name(A)", "", partCriteria, 7, "include or exclude"},
		{"action(Include),name(A)", "", partCriteria, 7, "include or exclude"},
		{"name(A),method()", "x", partCriteria, 15, methods},
		{"name(A),method(REGEX)", "x", partCriteria, 15, methods},
		{"name(A),method(equals)", "x", partCriteria, 15, methods},
		{"name(A),method", "x", partCriteria, 14, methods + " in parentheses"},
		// Method and expression go together.
		{"name(A)", "x", partCriteria, 7, "method() with " + methods},
		{"name(A),method(none)", "x", partCriteria, 20, "method() with " + methods},
		{"name(A),method(exact)", "", partExpression, 0, "a pattern for method(exact)"},
		{"name(A),method(exact)", "!", partExpression, 1, "a pattern for method(exact)"},
		{"method(none)", "", partCriteria, 12, "name(), header() or method()"},
		{"action(exclude)", "", partCriteria, 15, "name(), header() or method()"},
		// No line of AMI.
		{"", "a\r", partExpression, 1, "text of one line"},
		{"", "a\nb", partExpression, 1, "text of one line"},
		{"", "\x00", partExpression, 0, "text of one line"},
		{"name(A\x00)", "", partCriteria, 6, "text of one line"},
		{"", long, partExpression, ami.MaxLine, "at most 1022"},
		{long, "", partCriteria, ami.MaxLine, "at most 1022"},
	} {
		_, err := Parse(test.criteria, test.expression)
		wantError(t, "("+test.criteria+") = "+test.expression, err,
			Error{Kind: ErrFormat, Part: test.where, Position: test.position, Expected: test.expected})
	}
}

func TestAWrongPatternSaysWhereItIsWrong(t *testing.T) {
	_, err := Parse("name(A),method(regex)", "!Event: (a")
	if err == nil {
		t.Fatal("it is right")
	}
	const want = `filter did not compile: expression, byte 8: "(" is not closed: expected ")", or \( for the character`
	if err.Error() != want {
		t.Errorf("got\n%v\nwant\n%s", err, want)
	}
}
