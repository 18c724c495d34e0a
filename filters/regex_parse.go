package filters

import (
	"fmt"
	"strings"
	"unicode/utf8"

	"github.com/astproxy/astproxy/ami"
)

// Bounds of what a pattern may become. Matching costs time in proportion to the pattern's size, so
// what a client may ask for must not grow by a few digits in braces.
const (
	maxRepeat = 1000        // of {n}, and of what it makes; the most Go's regexp takes
	maxSize   = ami.MaxLine // of the whole, with repeats written out
)

// regexParser reads POSIX extended regular expressions as the GNU C library does, by recursive
// descent: an expression is alternatives, these are pieces, and a piece is an atom with repeats.
type regexParser struct {
	pattern string
	at      int // the next byte
	base    int // where pattern begins in the filter's expression
	depth   int // of open parentheses
}

// parseRegex parses pattern, which begins at base in the filter's expression.
func parseRegex(pattern string, base int) (*node, error) {
	p := &regexParser{pattern: pattern, base: base}
	return p.alternatives()
}

func (p *regexParser) end() bool    { return p.at == len(p.pattern) }
func (p *regexParser) rest() string { return p.pattern[p.at:] }

// next takes one character; there must be one.
func (p *regexParser) next() string {
	_, size := utf8.DecodeRuneInString(p.rest())
	p.at += size
	return p.pattern[p.at-size : p.at]
}

// take takes b if it is next.
func (p *regexParser) take(b byte) bool {
	if p.end() || p.pattern[p.at] != b {
		return false
	}
	p.at++
	return true
}

// fault is the error for what begins at position at of the pattern.
func (p *regexParser) fault(at int, problem, expected string) error {
	return &Error{Kind: ErrRegex, Part: partExpression, Position: p.base + at, Problem: problem, Expected: expected}
}

// alternatives parses up to the end, or to the ")" of the innermost open group.
func (p *regexParser) alternatives() (*node, error) {
	n := &node{op: opAlternate}
	for {
		sub, err := p.pieces()
		if err != nil {
			return nil, err
		}
		n.subs = append(n.subs, sub)
		n.size += max(1, sub.size)
		if !p.take('|') {
			break
		}
	}
	if len(n.subs) == 1 {
		return n.subs[0], nil
	}
	return n, nil
}

// pieces parses one alternative, which may be empty.
func (p *regexParser) pieces() (*node, error) {
	n := &node{op: opConcat}
	wordBegin := -1 // where the \< is that the next piece has to begin with a word for
	for !p.end() && p.pattern[p.at] != '|' && (p.depth == 0 || p.pattern[p.at] != ')') {
		start := p.at
		sub, err := p.piece(n.subs)
		if err != nil {
			return nil, err
		}
		if wordBegin >= 0 && !sub.isWord(first) {
			break
		}
		wordBegin = -1
		if sub.op == opWordBegin {
			wordBegin = start
			sub = assertNode(opBoundary)
		}
		if sub.op == opEmpty {
			continue
		}
		if sub.op == opConcat {
			n.subs = append(n.subs, sub.subs...)
		} else {
			n.subs = append(n.subs, sub)
		}
		if n.size += sub.size; n.size > maxSize {
			return nil, p.fault(start, "the pattern is too large", fmt.Sprintf("at most %d characters, repeats written out", maxSize))
		}
	}
	if wordBegin >= 0 {
		return nil, p.fault(wordBegin, `\< precedes what may begin with other than a letter, a digit or "_"`, `\b`)
	}
	switch len(n.subs) {
	case 0:
		return &node{op: opEmpty}, nil
	case 1:
		return n.subs[0], nil
	}
	return n, nil
}

// piece parses an atom and the repeats behind it; before is what stands in front of it.
func (p *regexParser) piece(before []*node) (*node, error) {
	start := p.at
	var n *node
	switch c := p.next(); c {
	case "*", "+", "?", "{":
		return nil, p.fault(start, fmt.Sprintf("%q repeats nothing", c), `a character or group in front of it, or \`+c)
	case "^":
		return assertNode(opLineBegin), nil
	case "$":
		return assertNode(opLineEnd), nil
	case `\`:
		assertion, err := p.assertion(before)
		if assertion != nil || err != nil {
			return assertion, err
		}
		if n, err = p.escape(start); err != nil {
			return nil, err
		}
	case ".":
		n = anyNode()
	case "[":
		var err error
		if n, err = p.bracket(); err != nil {
			return nil, err
		}
	case "(":
		var err error
		if n, err = p.group(start); err != nil {
			return nil, err
		}
	default:
		n = charNode(c)
	}
	return p.repeats(n)
}

// group parses what follows a "(" at start, up to and with the ")".
func (p *regexParser) group(start int) (*node, error) {
	p.depth++
	n, err := p.alternatives()
	p.depth--
	if err == nil && !p.take(')') {
		return nil, p.fault(start, `"(" is not closed`, `")", or \( for the character`)
	}
	return n, err
}

// assertion parses GNU's assertions, which follow a backslash; nil without an error is none of them.
// They and "^" and "$" take no repeats.
func (p *regexParser) assertion(before []*node) (*node, error) {
	start := p.at - 1
	if p.end() {
		return nil, p.fault(start, `"\" ends the pattern`, `\\ for the character`)
	}
	switch p.next() {
	case "`":
		return assertNode(opBegin), nil
	case "'":
		return assertNode(opEnd), nil
	case "b":
		return assertNode(opBoundary), nil
	case "B":
		return assertNode(opNotBoundary), nil
	case "<":
		return assertNode(opWordBegin), nil
	case ">":
		// The boundary ends a word if what is in front of it does.
		if len(before) == 0 || !before[len(before)-1].isWord(last) {
			return nil, p.fault(start, `\> follows what may end with other than a letter, a digit or "_"`, `\b`)
		}
		return assertNode(opBoundary), nil
	}
	p.at = start + 1
	return nil, nil
}

// escape parses what follows a backslash at start. What means nothing special stands for itself:
// \d is the letter d.
func (p *regexParser) escape(start int) (*node, error) {
	c := p.next()
	if "1" <= c && c <= "9" {
		return nil, p.fault(start, `\`+c+" refers back to a group, which takes more than linear time", "a pattern without back-references")
	}
	if n := escapedClass(c); n != nil {
		return n, nil
	}
	return charNode(c), nil
}

// repeats parses any number of repeats of n, which apply one after the other.
func (p *regexParser) repeats(n *node) (*node, error) {
	for !p.end() {
		start, low, high := p.at, 0, -1
		switch p.next() {
		case "*":
		case "+":
			low = 1
		case "?":
			high = 1
		case "{":
			var err error
			if low, high, err = p.braces(start); err != nil {
				return nil, err
			}
		default:
			p.at = start
			return n, nil
		}
		if n.op == opEmpty || high == 0 {
			n = &node{op: opEmpty}
			continue
		}
		size := n.size * max(high, low+1)
		if high < 0 && low < 2 {
			size = n.size // one copy and a loop
		}
		if size > maxRepeat {
			return nil, p.fault(start, "the pattern is too large", fmt.Sprintf("repeats that make at most %d characters", maxRepeat))
		}
		n = &node{op: opRepeat, subs: []*node{n}, min: low, max: high, size: size}
	}
	return n, nil
}

// braces parses what follows a "{" at start: {n}, {n,}, {,m}, {n,m}; max is -1 for no bound.
func (p *regexParser) braces(start int) (low, high int, err error) {
	inside, _, closed := strings.Cut(p.rest(), "}")
	if !closed {
		return 0, 0, p.fault(start, `"{" is not closed`, `"}", or \{ for the character`)
	}
	p.at += len(inside) + 1
	first, second, ranged := strings.Cut(inside, ",")
	low, lowOK := repeatCount(first, 0)
	high = low
	if ranged {
		var highOK bool
		high, highOK = repeatCount(second, -1)
		lowOK = lowOK && highOK
	}
	switch {
	case !lowOK || inside == "" || high >= 0 && low > high:
		return 0, 0, p.fault(start, fmt.Sprintf("%q is no number of repeats", inside), "{n}, {n,}, {,m} or {n,m}")
	case max(low, high) > maxRepeat:
		return 0, 0, p.fault(start, fmt.Sprintf("%q are many repeats", inside), fmt.Sprintf("at most %d", maxRepeat))
	}
	return low, high, nil
}

// repeatCount reads digits, of which all beyond maxRepeat mean maxRepeat+1; no digits mean missing.
func repeatCount(digits string, missing int) (int, bool) {
	if digits == "" {
		return missing, true
	}
	n := 0
	for _, c := range []byte(digits) {
		if c < '0' || c > '9' {
			return 0, false
		}
		n = min(10*n+int(c-'0'), maxRepeat+1)
	}
	return n, true
}
