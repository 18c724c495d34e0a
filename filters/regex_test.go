package filters

import (
	"bytes"
	"errors"
	"fmt"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// result is a line of testdata/gnu-regcomp.txt.
type result struct{ result, pattern, subject string }

func readResults(t *testing.T) []result {
	t.Helper()
	text, err := os.ReadFile("testdata/gnu-regcomp.txt")
	if err != nil {
		t.Fatal(err)
	}
	var all []result
	for line := range strings.Lines(string(text)) {
		fields := strings.Split(strings.TrimSuffix(line, "\n"), "\t")
		if len(fields) != 3 {
			continue
		}
		for i := range fields {
			if fields[i], err = url.PathUnescape(fields[i]); err != nil {
				t.Fatal(err)
			}
		}
		all = append(all, result{fields[0], fields[1], fields[2]})
	}
	if len(all) < 300 {
		t.Fatalf("only %d results", len(all))
	}
	return all
}

func TestPatternsMatchWhatTheGNULibraryMatches(t *testing.T) {
	for _, r := range readResults(t) {
		got := "no"
		if p, err := compile(r.pattern, 0); err != nil {
			got = "error"
		} else if p.match(r.subject) {
			got = "match"
		}
		if got != r.result {
			t.Errorf("%q on %q is %s, GNU's %s", r.pattern, r.subject, got, r.result)
		}
	}
}

// What is stored is what the library of a machine with a C compiler says today.
func TestTheStoredResultsAreTheGNULibrarys(t *testing.T) {
	compiler, err := exec.LookPath("cc")
	if err != nil {
		t.Skip("the results are compared with the GNU C library where there is a C compiler: install gcc and libc6-dev")
	}
	program := filepath.Join(t.TempDir(), "gnu-regcomp")
	if output, err := exec.Command(compiler, "-o", program, "testdata/gnu-regcomp.c").CombinedOutput(); err != nil {
		t.Skipf("the results are compared with the GNU C library where %s can build for it: %s", compiler, output)
	}
	stored, err := os.ReadFile("testdata/gnu-regcomp.txt")
	if err != nil {
		t.Fatal(err)
	}
	command := exec.Command(program)
	command.Stdin = bytes.NewReader(stored)
	made, err := command.Output()
	if err != nil {
		t.Fatal(err)
	}
	was, is := strings.Split(string(stored), "\n"), strings.Split(string(made), "\n")
	for i := range min(len(was), len(is)) {
		if was[i] != is[i] {
			t.Errorf("line %d is %q, the library says %q", i+1, was[i], is[i])
		}
	}
	if len(was) != len(is) {
		t.Errorf("%d lines became %d", len(was), len(is))
	}
}

// The few patterns that Asterisk takes and we do not: each refusal says what would do.
//
//astproxy:attack
func TestPatternsWithoutALinearEquivalentAreRefused(t *testing.T) {
	for _, test := range []struct {
		pattern  string
		position int
		expected string
	}{
		{`(a)\1`, 3, "a pattern without back-references"},
		{`\<`, 0, `\b`},
		{`\<.`, 0, `\b`},
		{`\<a*`, 0, `\b`},
		{`(\<)a`, 1, `\b`},
		{`\<\<a`, 0, `\b`},
		{`\<^a`, 0, `\b`},
		{`\<()a`, 0, `\b`},
		{`x(\<|a)`, 2, `\b`},
		{`a*\>`, 2, `\b`},
		{`.\>`, 1, `\b`},
		{`\>`, 0, `\b`},
		{`a{1,1001}`, 1, "at most 1000"},
		{`(a{30}){40}`, 7, "repeats that make at most 1000 characters"},
		{`((a{10}){10}){11}`, 13, "repeats that make at most 1000 characters"},
		{`((((a{9}){9}){9}){9}){9}`, 17, "repeats that make at most 1000 characters"},
		{`a{600}b{600}`, 6, "at most 1022 characters, repeats written out"},
		{"[ab]\xff", 0, "UTF-8, or plain text"},
	} {
		_, err := Parse("", "!"+test.pattern)
		wantError(t, test.pattern, err, Error{Kind: ErrRegex, Part: partExpression, Position: 1 + test.position, Expected: test.expected})
	}
}

// A matcher that goes back and tries again needs longer than the universe has for these.
//
//astproxy:attack
func TestNoPatternTakesMoreThanLinearTime(t *testing.T) {
	subject := strings.Repeat("a", 1<<12)
	for _, pattern := range []string{"(a+)+b", "(a|a)*b", "(a*)*b", "(a|aa)+b", "(.*)(.*)(.*)(.*)(.*)[^a]", "(a?){500}a{500}b"} {
		p, err := compile(pattern, 0)
		if err != nil {
			t.Errorf("%s: %v", pattern, err)
			continue
		}
		p.literal = "" // it would answer before the pattern is tried
		if p.match(subject) {
			t.Errorf("%s matches", pattern)
		}
	}
}

// Whatever is looked at twice at one depth takes twice as long at the next.
//
//astproxy:attack
func TestAPatternIsReadInLinearTime(t *testing.T) {
	const depth = 200
	for _, atom := range []string{`\<(a`, "(", "(a|", "(a*", "(^"} {
		if _, err := compile(strings.Repeat(atom, depth)+"a"+strings.Repeat(")", depth), 0); err != nil {
			t.Errorf("%s...: %v", atom, err)
		}
	}
}

// What a pattern has to have in it is looked for first, and must never keep a match away.
func TestTheLiteralThatIsLookedForIsInEveryMatch(t *testing.T) {
	for _, r := range readResults(t) {
		p, err := compile(r.pattern, 0)
		if err != nil || p.regex == nil || r.result != "match" {
			continue
		}
		if !strings.Contains(r.subject, p.literal) {
			t.Errorf("%q looks for %q, which %q has not", r.pattern, p.literal, r.subject)
		}
	}
	for pattern, literal := range map[string]string{
		`Event: (Newexten|Hangup)`: "Event: ",
		`^Event: Newexten.*101`:    "Event: Newexten",
		`Newexten|Hangup`:          "",
		`ab+cde`:                   "cde",
		`(ab)*`:                    "",
		`(abc){2}d`:                "d",
	} {
		p, err := compile(pattern, 0)
		if err != nil || p.literal != literal {
			t.Errorf("%s looks for %q, want %q: %v", pattern, p.literal, literal, err)
		}
	}
}

func TestPlainTextNeedsNoPattern(t *testing.T) {
	for _, pattern := range []string{"Newexten", "^Event: Newexten", "Event: Newexten$", "^$", `a\.b`, "^^a", `\d`, "a(bc)", `\` + "`a", "\xff"} {
		if p, err := compile(pattern, 0); err != nil || p.regex != nil {
			t.Errorf("%q is compiled to %v, %v", pattern, p, err)
		}
	}
}

func wantError(t *testing.T, about string, err error, want Error) {
	t.Helper()
	var got *Error
	if !errors.As(err, &got) {
		t.Errorf("%q: got the error %v, want %v", about, err, &want)
		return
	}
	if !errors.Is(got, want.Kind) || got.Part != want.Part || got.Position != want.Position || got.Expected != want.Expected {
		t.Errorf("%q: got\n%v\nwant\n%v", about, got, fmt.Errorf("%w (whatever the problem)", &want))
	}
}
