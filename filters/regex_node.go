package filters

import "slices"

// node is a piece of a parsed expression. There are no groups: what is in parentheses is a node.
type node struct {
	op       op
	text     string  // opChar: the character; opSet: the class in Go's syntax
	words    bool    // opSet: all that is in it are letters, digits and "_"
	newline  bool    // opSet: a line feed is in it
	subs     []*node // opConcat, opAlternate; one for opRepeat
	min, max int     // opRepeat; max is -1 for any number
	size     int     // characters, once repeats are written out
}

type op uint8

const (
	opEmpty op = iota // matches the empty text
	opChar
	opSet
	opConcat
	opAlternate
	opRepeat
	opLineBegin   // ^
	opLineEnd     // $
	opBegin       // \`
	opEnd         // \'
	opBoundary    // \b, and \< and \> where they say no more
	opNotBoundary // \B
	opWordBegin   // \<, as long as what follows it is not parsed
)

func charNode(text string) *node { return &node{op: opChar, text: text, size: 1} }
func assertNode(what op) *node   { return &node{op: what, size: 1} }

// isNullable tells whether n may match the empty text.
func (n *node) isNullable() bool {
	switch n.op {
	case opChar, opSet:
		return false
	case opConcat:
		return !slices.ContainsFunc(n.subs, func(s *node) bool { return !s.isNullable() })
	case opAlternate:
		return slices.ContainsFunc(n.subs, (*node).isNullable)
	case opRepeat:
		return n.min == 0 || n.subs[0].isNullable()
	}
	return true
}

// edge is one of the two ends of what a node matches.
type edge int

const (
	first edge = iota
	last
)

// of is the edge of a row, and what is left of the row without it.
func (e edge) of(row []*node) (*node, []*node) {
	if e == first {
		return row[0], row[1:]
	}
	return row[len(row)-1], row[:len(row)-1]
}

// mayBeNewline tells whether the character at the edge of what n matches may be a line feed.
func (n *node) mayBeNewline(e edge) bool {
	switch n.op {
	case opSet:
		return n.newline
	case opConcat:
		for sub, rest := e.of(n.subs); ; sub, rest = e.of(rest) {
			if sub.mayBeNewline(e) {
				return true
			}
			if len(rest) == 0 || !sub.isNullable() {
				return false
			}
		}
	case opAlternate, opRepeat:
		return slices.ContainsFunc(n.subs, func(s *node) bool { return s.mayBeNewline(e) })
	}
	return false
}

// isWord tells whether the character at the edge of what n matches must be there, and must be a
// letter, a digit or "_".
func (n *node) isWord(e edge) bool {
	switch n.op {
	case opChar:
		return len(n.text) == 1 && isWord(rune(n.text[0]))
	case opSet:
		return n.words
	case opConcat:
		sub, _ := e.of(n.subs)
		return sub.isWord(e)
	case opAlternate:
		return !slices.ContainsFunc(n.subs, func(s *node) bool { return !s.isWord(e) })
	case opRepeat:
		return n.min > 0 && n.subs[0].isWord(e)
	}
	return false
}

// isWord tells whether r is an ASCII letter, a digit or "_".
func isWord(r rune) bool {
	return 'a' <= r && r <= 'z' || 'A' <= r && r <= 'Z' || '0' <= r && r <= '9' || r == '_'
}
