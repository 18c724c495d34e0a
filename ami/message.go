package ami

import (
	"bytes"
	"iter"
	"strings"
)

// Message is one block of AMI text: its bytes as they came, and where its headers are.
//
// It is immutable. Order, duplicates and line ends are kept. The zero Message has no lines.
type Message struct {
	raw   string
	lines []line
}

// line says where one line of a block is. All are offsets into the block's text.
type line struct {
	start, colon uint32 // the name is between them; colon is 0 for a line without a header name
	value, end   uint32 // the value is between them; the line end follows
}

// Parse reads text as one block, however its lines end; a blank line in it ends nothing and is
// left out. It is meant for text of our own making: what comes from a peer goes through a Reader.
func Parse(text string) Message {
	var b strings.Builder
	for l := range strings.Lines(text) {
		if l = strings.TrimRight(l, "\r\n"); l != "" {
			b.WriteString(l)
			b.WriteString("\r\n")
		}
	}
	return parseBlock(b.String())
}

// parseBlock indexes a block that has no blank lines.
func parseBlock(raw string) Message {
	m := Message{raw: raw, lines: make([]line, 0, strings.Count(raw, "\n"))}
	for start := 0; start < len(raw); {
		next := len(raw)
		if i := strings.IndexByte(raw[start:], '\n'); i >= 0 {
			next = start + i + 1
		}
		m.lines = append(m.lines, indexLine([]byte(raw[start:next]), start))
		start = next
	}
	return m
}

// indexLine finds name and value in text, a whole line with its line end that begins at offset.
func indexLine(text []byte, offset int) line {
	end := len(text)
	if end > 0 && text[end-1] == '\n' {
		end--
		if end > 0 && text[end-1] == '\r' {
			end--
		}
	}
	l := line{start: uint32(offset), value: uint32(offset), end: uint32(offset + end)}
	colon := bytes.IndexByte(text[:end], ':')
	if colon < 0 {
		return l
	}
	value := colon + 1
	// Asterisk skips blanks, which to it are all bytes below 33 (ast_skip_blanks).
	for value < end && text[value] <= ' ' {
		value++
	}
	l.colon, l.value = uint32(offset+colon), uint32(offset+value)
	return l
}

// named tells whether the line is "Name: value" with a name of at least one byte.
func (l line) named() bool { return l.colon > l.start }

// Raw is the block's text, line ends included, without the blank line that ended it.
func (m Message) Raw() string { return m.raw }

// IsZero tells whether the message has no lines at all.
func (m Message) IsZero() bool { return len(m.lines) == 0 }

// Len is the number of lines.
func (m Message) Len() int { return len(m.lines) }

// Header is line i as name and value; a line without a name has the whole line as its value.
func (m Message) Header(i int) (name, value string) {
	l := m.lines[i]
	if l.named() {
		name = m.raw[l.start:l.colon]
	}
	return name, m.raw[l.value:l.end]
}

// All yields every line as Header gives it, in order.
func (m Message) All() iter.Seq2[string, string] {
	return func(yield func(string, string) bool) {
		for i := range m.lines {
			if !yield(m.Header(i)) {
				return
			}
		}
	}
}

// Index is the number of the first line called name, compared without case as Asterisk does, or
// -1. "Name :" and " Name:" are not "Name:".
func (m Message) Index(name string) int { return m.IndexFrom(name, 0) }

// IndexFrom is Index that begins at line from.
func (m Message) IndexFrom(name string, from int) int {
	for i := from; i < len(m.lines); i++ {
		l := &m.lines[i]
		if int(l.colon)-int(l.start) == len(name) && strings.EqualFold(m.raw[l.start:l.colon], name) {
			return i
		}
	}
	return -1
}

// Get is the value of the first header called name, or "".
func (m Message) Get(name string) string {
	if i := m.Index(name); i >= 0 {
		return m.raw[m.lines[i].value:m.lines[i].end]
	}
	return ""
}

// Has tells whether there is a header called name, even an empty one.
func (m Message) Has(name string) bool { return m.Index(name) >= 0 }

// Values yields the values of all headers called name, in order.
func (m Message) Values(name string) iter.Seq[string] {
	return func(yield func(string) bool) {
		for n, v := range m.All() {
			if strings.EqualFold(n, name) && !yield(v) {
				return
			}
		}
	}
}

// Action is the action a client asks for: the first Action header that is not empty
// (manager.c, process_message).
func (m Message) Action() string {
	for v := range m.Values("Action") {
		if v != "" {
			return v
		}
	}
	return ""
}

// ActionID is the first ActionID header's value, even when a later one says more.
func (m Message) ActionID() string { return m.Get("ActionID") }

// first tells whether the first line's name is name. What a block is, only its first line says:
// a UserEvent may carry any other line a client thought of.
func (m Message) first(name string) bool {
	if len(m.lines) == 0 {
		return false
	}
	n, _ := m.Header(0)
	return strings.EqualFold(n, name)
}

// Event is the name of the event, or "" when the block is none.
func (m Message) Event() string {
	if !m.first("Event") {
		return ""
	}
	_, v := m.Header(0)
	return v
}

// Response is Success, Error, Goodbye or Follows, or "" when the block is no response.
func (m Message) Response() string {
	if !m.first("Response") {
		return ""
	}
	_, v := m.Header(0)
	return v
}

// IsEvent tells whether the block is an event.
func (m Message) IsEvent() bool { return m.first("Event") }

// IsResponse tells whether the block is a response.
func (m Message) IsResponse() bool { return m.first("Response") }

// String is the block's text, for tests and logs at debug level.
func (m Message) String() string { return m.raw }
