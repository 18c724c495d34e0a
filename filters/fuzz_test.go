package filters

import (
	"errors"
	"regexp/syntax"
	"strings"
	"testing"

	"github.com/astproxy/astproxy/ami"
)

// instructionsPerCharacter bounds what Go's regexp makes of a pattern's character: a class, and the
// branch of a repeat.
const instructionsPerCharacter = 8

// Whatever a client sends as a filter: no panic, an error that points into it or a filter of bounded cost,
// whose text makes the same filter.
func FuzzParse(f *testing.F) {
	for _, seed := range [][2]string{
		{"", "Event: (Newexten|Hangup)"}, {"", "!"}, {"action(exclude),name(A),header(B),method(regex)", "^a{1,2}$"},
		{"name(A)", ""}, {"header(A::)", "!"}, {"name(= ) = x)", ""}, {"method(none)", "x"}, {"method(contains)", "!!x"},
		{"", `\<a\>\b\w[[:alpha:][.-.]a-z]+(a|b)*\1`}, {"", "((a{9}){9}){9}"}, {"", "[\xff]"}, {"", "(((((((("},
		{"", strings.Repeat("(", 500) + strings.Repeat(")", 500)}, {"", strings.Repeat(`\<`, 500) + "a"},
	} {
		f.Add(seed[0], seed[1])
	}
	f.Fuzz(func(t *testing.T, criteria, expression string) {
		filter, err := Parse(criteria, expression)
		if err != nil {
			checkError(t, criteria, expression, err)
			return
		}
		checkText(t, filter)
		filter.Match(event)
		filter.Match(ami.Message{})
		checkCost(t, filter)
	})
}

func checkError(t *testing.T, criteria, expression string, err error) {
	t.Helper()
	var e *Error
	if !errors.As(err, &e) {
		t.Fatalf("the error %v", err)
	}
	length := map[string]int{partCriteria: len(criteria), partExpression: len(expression)}[e.Part]
	if e.Position < 0 || e.Position > length || e.Problem == "" || e.Expected == "" {
		t.Errorf("the error %v of (%q) = %q", err, criteria, expression)
	}
	if !errors.Is(err, ErrFormat) && !errors.Is(err, ErrRegex) {
		t.Errorf("the error %v is of no kind", err)
	}
}

// checkCost holds that the compiled pattern is no larger than what was sent would let one think: Go's
// matcher takes time in proportion to it and to the event.
func checkCost(t *testing.T, f *Filter) {
	t.Helper()
	if f.pattern.regex == nil {
		return
	}
	parsed, err := syntax.Parse(f.pattern.regex.String(), syntax.Perl)
	if err != nil {
		t.Fatal(err)
	}
	program, err := syntax.Compile(parsed.Simplify())
	if err != nil {
		t.Fatal(err)
	}
	if n := len(program.Inst); n > maxSize*instructionsPerCharacter {
		t.Errorf("%s takes %d instructions", f, n)
	}
}
