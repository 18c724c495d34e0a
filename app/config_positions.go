package app

import (
	"strings"

	"github.com/BurntSushi/toml"
)

// node is a key, a table or a list's item of a TOML text: where it stands, and what is in it.
type node struct {
	offset int              // of its name in the text, in bytes; of the value for a list's item
	keys   map[string]*node // of a table
	items  []*node          // of a list, or of an array of tables
	again  int              // where a "name = value" line gives what was there already, or 0
}

// key is the node of that name in a table, made if there is none.
func (n *node) key(name string, offset int) *node {
	child := n.keys[name]
	if child == nil {
		child = &node{offset: offset}
		if n.keys == nil {
			n.keys = make(map[string]*node)
		}
		n.keys[name] = child
	}
	return child
}

// last is the table that a header or a dotted key means by the name of an array of tables.
func (n *node) last() *node {
	if len(n.items) > 0 {
		return n.items[len(n.items)-1]
	}
	return n
}

// indexPositions finds where everything in a TOML text stands. The text is one that the decoder has
// accepted; of any other the index ends where it makes no sense.
//
// The decoder knows positions, but gives a caller those of its own errors alone. The index is held
// against it by a fuzz test: whatever key the decoder finds in a text, the index finds there too.
func indexPositions(text string) *node {
	root := &node{}
	s := scanner{text: text, table: root, root: root}
	for s.line() {
	}
	return root
}

// scanner walks over a TOML text. Its methods that return a bool return false where the text ends
// or makes no sense.
type scanner struct {
	text  string
	at    int
	root  *node
	table *node // that "name = value" lines belong to now
}

// line takes a header or a "name = value".
func (s *scanner) line() bool {
	s.skipBlank()
	if s.at == len(s.text) {
		return false
	}
	if s.text[s.at] == '[' {
		return s.header()
	}
	return s.assignment(s.table)
}

func (s *scanner) header() bool {
	s.at++
	list := s.take("[")
	s.skipBlank()
	table := s.root
	parts, ok := s.name()
	if !ok {
		return false
	}
	for _, part := range parts[:len(parts)-1] {
		table = table.key(part.name, part.offset).last()
	}
	final := parts[len(parts)-1]
	table = table.key(final.name, final.offset)
	if list {
		table.items = append(table.items, &node{offset: final.offset})
		table = table.last()
	} else {
		table = table.last()
		table.offset = final.offset // here, rather than where a [header.below] came first
	}
	s.table = table
	s.skipBlank()
	return s.take("]") && (!list || s.take("]"))
}

// assignment takes a "name = value" into a table.
func (s *scanner) assignment(table *node) bool {
	parts, ok := s.name()
	if !ok {
		return false
	}
	for _, part := range parts[:len(parts)-1] {
		table = table.key(part.name, part.offset).last()
	}
	final := parts[len(parts)-1]
	_, seen := table.keys[final.name]
	n := table.key(final.name, final.offset)
	if seen && n.again == 0 {
		n.again = final.offset
	}
	s.skipBlank()
	if !s.take("=") {
		return false
	}
	s.skipBlank()
	return s.takeValue(n)
}

// part is one piece of a dotted name.
type part struct {
	name   string
	offset int
}

// name takes a dotted name: one part at least.
func (s *scanner) name() ([]part, bool) {
	var parts []part
	for {
		s.skipBlank()
		begin := s.at
		name, ok := s.namePart()
		if !ok {
			return nil, false
		}
		parts = append(parts, part{name: name, offset: begin})
		s.skipBlank()
		if !s.take(".") {
			return parts, true
		}
	}
}

func (s *scanner) namePart() (string, bool) {
	begin := s.at
	if s.at < len(s.text) && (s.text[s.at] == '"' || s.text[s.at] == '\'') {
		if !s.quoted() {
			return "", false
		}
		return unquote(s.text[begin:s.at])
	}
	for s.at < len(s.text) && isBare(s.text[s.at]) {
		s.at++
	}
	return s.text[begin:s.at], s.at > begin
}

// unquote leaves the escapes to the decoder.
func unquote(quoted string) (string, bool) {
	var decoded struct{ K string }
	_, err := toml.Decode("K = "+quoted, &decoded)
	return decoded.K, err == nil
}

// takeValue takes the value that begins here, and puts what is in it into n.
func (s *scanner) takeValue(n *node) bool {
	if s.at == len(s.text) {
		return false
	}
	switch s.text[s.at] {
	case '"', '\'':
		return s.quoted()
	case '[':
		return s.list(n)
	case '{':
		return s.inlineTable(n)
	}
	// A number, a date or a truth: a blank may be part of it (1979-05-27 07:32:00).
	end := strings.IndexAny(s.text[s.at:], ",]}#\n")
	if end < 0 {
		end = len(s.text) - s.at
	}
	s.at += end
	return end > 0
}

func (s *scanner) list(n *node) bool {
	s.at++
	for {
		s.skipBlank()
		switch {
		case s.take("]"):
			return true
		case s.take(","):
		default:
			item := &node{offset: s.at}
			n.items = append(n.items, item)
			if !s.takeValue(item) {
				return false
			}
		}
	}
}

func (s *scanner) inlineTable(n *node) bool {
	s.at++
	for {
		s.skipBlank()
		switch {
		case s.take("}"):
			return true
		case s.take(","):
		case !s.assignment(n):
			return false
		}
	}
}

// quoted takes a text in quotes of any of the four kinds.
func (s *scanner) quoted() bool {
	quote := s.text[s.at : s.at+1]
	if !s.take(strings.Repeat(quote, 3)) {
		s.at++
		return s.until(quote, quote == `"`)
	}
	if !s.until(strings.Repeat(quote, 3), quote == `"`) {
		return false
	}
	// The text itself may end in two quotes more.
	for i := 0; i < 2 && s.take(quote); i++ {
	}
	return true
}

// until goes behind the next end that no backslash hides.
func (s *scanner) until(end string, escapes bool) bool {
	for s.at < len(s.text) {
		switch {
		case escapes && s.text[s.at] == '\\':
			s.at = min(s.at+2, len(s.text))
		case s.take(end):
			return true
		default:
			s.at++
		}
	}
	return false
}

// skipBlank goes over blanks, line ends and comments.
func (s *scanner) skipBlank() {
	for s.at < len(s.text) {
		switch s.text[s.at] {
		case ' ', '\t', '\r', '\n':
			s.at++
		case '#':
			end := strings.IndexByte(s.text[s.at:], '\n')
			if end < 0 {
				end = len(s.text) - s.at
			}
			s.at += end
		default:
			return
		}
	}
}

// take goes over the text, if it stands here.
func (s *scanner) take(text string) bool {
	if !strings.HasPrefix(s.text[s.at:], text) {
		return false
	}
	s.at += len(text)
	return true
}

func isBare(c byte) bool {
	return 'a' <= c && c <= 'z' || 'A' <= c && c <= 'Z' || '0' <= c && c <= '9' || c == '_' || c == '-'
}
