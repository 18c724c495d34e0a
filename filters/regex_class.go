package filters

import (
	"fmt"
	"strings"
)

// The classes of the locale C.UTF-8, which Asterisk sets, in Go's syntax: exactly so for ASCII,
// beyond it by Unicode's categories.
const (
	classAlnum = `\pL\p{Nd}\p{Nl}`
	classBlank = `\t \x{1680}\x{2000}-\x{2006}\x{2008}-\x{200a}\x{205f}\x{3000}`
	classGraph = `\pL\pM\pN\pP\pS\p{Cf}\p{Co}`
	classSpace = `\n-\r\x{2028}\x{2029}` + classBlank
	classWord  = `_` + classAlnum
)

var classes = map[string]string{
	"alnum":  classAlnum,
	"alpha":  `\pL\p{Nl}`,
	"blank":  classBlank,
	"cntrl":  `\p{Cc}\x{2028}\x{2029}`,
	"digit":  `0-9`,
	"graph":  classGraph,
	"lower":  `\p{Ll}`,
	"print":  classGraph + `\p{Zs}`,
	"punct":  `\pP\pS`,
	"space":  classSpace,
	"upper":  `\p{Lu}`,
	"xdigit": `0-9A-Fa-f`,
}

// brokenByte stands for a byte that is no part of a UTF-8 character, which to the GNU C library is in no class
// and not in the opposite of one either. It is a code point that never is a character.
const (
	brokenByte      = "\U0010ffff"
	brokenByteClass = `\x{10ffff}`
)

// escapedClass is what \w, \W, \s and \S stand for, or nil.
func escapedClass(c string) *node {
	switch c {
	case "w":
		return classNode("["+classWord+"]", true, false)
	case "W":
		return classNode("[^"+classWord+brokenByteClass+"]", false, true)
	case "s":
		return classNode("["+classSpace+"]", false, true)
	case "S":
		return classNode("[^"+classSpace+brokenByteClass+"]", false, false)
	}
	return nil
}

// anyNode is what "." stands for.
func anyNode() *node { return classNode("[^"+brokenByteClass+"]", false, true) }

func classNode(text string, words, newline bool) *node {
	return &node{op: opSet, text: text, words: words, newline: newline, size: 1}
}

// set is a list in brackets as it is being read.
type set struct {
	class    strings.Builder // in Go's syntax, without the brackets
	notWords bool            // there is more than letters, digits and "_"
	newline  bool            // a line feed is in it
}

func (s *set) addRange(low, high rune) {
	fmt.Fprintf(&s.class, `\x{%x}-\x{%x}`, low, high)
	for r := low; r <= min(high, 127) && !s.notWords; r++ {
		s.notWords = !isWord(r)
	}
	s.notWords = s.notWords || high > 127
	s.newline = s.newline || low <= '\n' && '\n' <= high
}

func (s *set) addClass(name string) {
	s.class.WriteString(classes[name])
	switch name {
	case "alnum", "alpha", "digit", "lower", "upper", "xdigit":
	case "space", "cntrl":
		s.notWords, s.newline = true, true
	default:
		s.notWords = true
	}
}

// node is what the set means, or the opposite when the list begins with "^".
func (s *set) node(inverted bool) *node {
	if inverted {
		return classNode("[^"+s.class.String()+brokenByteClass+"]", false, !s.newline)
	}
	return classNode("["+s.class.String()+"]", !s.notWords, s.newline)
}
