package access

import (
	"path"
	"strings"
	"testing"
	"unicode/utf8"
)

func TestPatterns(t *testing.T) {
	tests := []struct {
		pattern string
		matches []string
		others  []string
	}{
		{"", []string{""}, []string{"a", " "}},
		{"local", []string{"local"}, []string{"", "Local", "local ", " local", "locals", "loca"}},
		{"*", []string{"", "a", "a\tb", "äö"}, nil},
		{"?", []string{"a", "ä"}, []string{"", "ab"}},
		{"PJSIP/1??", []string{"PJSIP/101", "PJSIP/1??"}, []string{"PJSIP/10", "PJSIP/1012", "PJSIP/101@trunk", "pjsip/101"}},
		{"Queue*", []string{"Queue", "QueueAdd"}, []string{"queueadd", "aQueue"}},
		{"*a*b*", []string{"ab", "xaxbx", "aab", "abb"}, []string{"ba", "a", "b"}},
		{"a*a", []string{"aa", "aba", "aaa"}, []string{"a", "ab"}},
		{`\*97`, []string{"*97"}, []string{"x97", `\*97`, "97"}},
		{`a\`, []string{`a\`}, []string{"a"}},
		{`\\*`, []string{`\`, `\x`}, []string{"x"}},
		{"[a]", []string{"[a]"}, []string{"a"}},
	}
	for _, test := range tests {
		for _, text := range test.matches {
			if !newPatterns([]string{test.pattern})[0].matches(text) {
				t.Errorf("%q does not match %q", test.pattern, text)
			}
		}
		for _, text := range test.others {
			if newPatterns([]string{test.pattern})[0].matches(text) {
				t.Errorf("%q matches %q", test.pattern, text)
			}
		}
	}
	fold := newPatterns([]string{"queue*", "k*", "?Add", "ping"})
	for text, want := range map[string]bool{"QUEUEAdd": true, "aqueue": false, "xADD": true, "PING": true, "pin": false} {
		if fold.hasFold(text) != want {
			t.Errorf("without case: %q", text)
		}
	}
}

func TestPatternsThatMatchOneTextAlone(t *testing.T) {
	for p, want := range map[string]string{"System": "System", `\*97`: "*97", "": "", `a\\b`: `a\b`} {
		if got := newPattern(p); got.form != literal || got.text != want {
			t.Errorf("%q: %+v", p, got)
		}
	}
	for _, p := range []string{"*", "Sys?em", `\**`} {
		if got := newPattern(p); got.form == literal {
			t.Errorf("%q: %+v", p, got)
		}
	}
}

// A pattern of many stars costs no more than its length times the text's.
//
//astproxy:attack
func TestNoPatternTakesForEver(t *testing.T) {
	if p := newPattern(strings.Repeat("a*", 500) + "b"); p.matches(strings.Repeat("a", 5000)) {
		t.Error("it matches")
	}
}

// path.Match has the same wildcards, but for "/", which they do not match there, and "[".
func FuzzPatternsMatchAsPathMatch(f *testing.F) {
	f.Add("a*b?c", "axxbyc")
	f.Add("**a", "ba")
	f.Add(`\*?`, "*x")
	f.Fuzz(func(t *testing.T, p, text string) {
		if strings.ContainsAny(p+text, "/[") || !utf8.ValidString(p) { // a configuration is UTF-8
			return
		}
		want, err := path.Match(p, text)
		if err != nil || len(p)*len(text) > 1000 { // it takes for ever
			return
		}
		compiled := newPattern(p)
		if compiled.matches(text) != want {
			t.Errorf("%q, %q: %v", p, text, !want)
		}
		lower := newPattern(strings.ToLower(p))
		if isASCII(p+text) && compiled.matchesFold(text) != lower.matches(strings.ToLower(text)) {
			t.Errorf("without case %q, %q: %v", p, text, compiled.matchesFold(text))
		}
	})
}
