package filters

import (
	"regexp"
	"strings"
	"unicode/utf8"
)

// compile reads a POSIX extended regular expression the way Asterisk's regcomp with REG_EXTENDED
// and REG_NOSUB does: "." matches line ends too, "^" and "$" are the begin and the end of the whole,
// case counts, characters are those of UTF-8, and a byte that is none is met by nothing. base is where text begins in the filter's expression.
//
// What the GNU C library has and Go's regexp cannot do is refused: back-references, \< and \> where
// they are more than \b, and more than 1,000 repeats. \b knows the words of ASCII only.
func compile(text string, base int) (*pattern, error) {
	n, err := parseRegex(text, base)
	if err != nil {
		return nil, err
	}
	if p := n.asLiteral(); p != nil {
		return p, nil
	}
	refuse := func(problem, expected string) error {
		return &Error{Kind: ErrRegex, Part: partExpression, Position: base, Problem: problem, Expected: expected}
	}
	if !utf8.ValidString(text) {
		return nil, refuse("not UTF-8", "UTF-8, or plain text")
	}
	var b strings.Builder
	n.write(&b, false, false)
	regex, err := regexp.Compile(b.String())
	if err != nil {
		return nil, refuse(err.Error(), "a simpler pattern")
	}
	return &pattern{regex: regex, literal: n.longestLiteral()}, nil
}

// asLiteral is the pattern for n if it comes down to plain text, or nil.
func (n *node) asLiteral() *pattern {
	p := &pattern{}
	var text strings.Builder
	for _, s := range n.row() {
		switch {
		case s.op == opEmpty:
		case (s.op == opLineBegin || s.op == opBegin) && text.Len() == 0 && !p.end:
			p.begin = true
		case s.op == opLineEnd || s.op == opEnd:
			p.end = true
		case s.op == opChar && !p.end:
			text.WriteString(s.text)
		default:
			return nil
		}
	}
	p.literal = text.String()
	return p
}

// longestLiteral is the longest text that is in all that n matches, as far as that is easily seen.
func (n *node) longestLiteral() string {
	longest, run := "", ""
	for _, s := range n.row() {
		if s.op == opChar {
			run += s.text
		} else {
			run = ""
		}
		if len(run) > len(longest) {
			longest = run
		}
	}
	return longest
}

// row is what n has one after the other.
func (n *node) row() []*node {
	if n.op == opConcat {
		return n.subs
	}
	return []*node{n}
}
