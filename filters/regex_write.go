package filters

import (
	"fmt"
	"regexp"
	"strings"
)

// write appends n in Go's syntax. before and after tell whether the character that the pattern
// matches next to what n matches may be a line feed.
//
// On that depends what "^" and "$" are. Without REG_NEWLINE they should be the begin and the end of
// the whole. But in the GNU C library they are also met next to a line feed that the pattern itself
// matches, as in ".*^Channel".
func (n *node) write(b *strings.Builder, before, after bool) {
	switch n.op {
	case opChar:
		b.WriteString(regexp.QuoteMeta(n.text))
	case opSet:
		b.WriteString(n.text)
	case opConcat:
		n.writeConcat(b, before, after)
	case opAlternate:
		b.WriteString("(?:")
		for i, s := range n.subs {
			if i > 0 {
				b.WriteByte('|')
			}
			s.write(b, before, after)
		}
		b.WriteByte(')')
	case opRepeat:
		n.writeRepeat(b, before, after)
	case opLineBegin:
		b.WriteString(choose(before, "(?m:^)", `\A`))
	case opLineEnd:
		b.WriteString(choose(after, "(?m:$)", `\z`))
	case opBegin:
		b.WriteString(`\A`)
	case opEnd:
		b.WriteString(`\z`)
	case opBoundary:
		b.WriteString(`\b`)
	case opNotBoundary:
		b.WriteString(`\B`)
	}
}

func choose(condition bool, yes, no string) string {
	if condition {
		return yes
	}
	return no
}

func (n *node) writeConcat(b *strings.Builder, before, after bool) {
	afters := make([]bool, len(n.subs))
	for i := len(n.subs) - 1; i >= 0; i-- {
		afters[i] = after
		after = n.subs[i].mayBeNewline(first) || after && n.subs[i].isNullable()
	}
	for i, s := range n.subs {
		s.write(b, before, afters[i])
		before = s.mayBeNewline(last) || before && s.isNullable()
	}
}

func (n *node) writeRepeat(b *strings.Builder, before, after bool) {
	sub := n.subs[0]
	if n.max != 1 {
		before = before || sub.mayBeNewline(last)
		after = after || sub.mayBeNewline(first)
	}
	b.WriteString("(?:")
	sub.write(b, before, after)
	b.WriteByte(')')
	if n.max < 0 {
		fmt.Fprintf(b, "{%d,}", n.min)
	} else {
		fmt.Fprintf(b, "{%d,%d}", n.min, n.max)
	}
}
