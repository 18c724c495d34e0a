package ami

import (
	"slices"
	"strings"
)

// AppendReplacing appends the block to dst with line i replaced by replacement (a whole line with
// its line end, or "" to leave it out); i below zero replaces nothing. The blank line that ends a
// block is the caller's to add.
func (m Message) AppendReplacing(dst []byte, i int, replacement string) []byte {
	if i < 0 {
		return append(dst, m.raw...)
	}
	dst = append(dst, m.raw[:m.lines[i].start]...)
	dst = append(dst, replacement...)
	if i+1 < len(m.lines) {
		dst = append(dst, m.raw[m.lines[i+1].start:]...)
	}
	return dst
}

// Replacing is the message with line i replaced as AppendReplacing does.
func (m Message) Replacing(i int, replacement string) Message {
	return parseBlock(string(m.AppendReplacing(make([]byte, 0, len(m.raw)+len(replacement)), i, replacement)))
}

// AppendAction appends m to dst as Asterisk is to read it: exactly one Action and one ActionID,
// spelled canonically and first, CRLF at every line, and the blank line at the end. Every header
// named in without is left out. The caller has run CheckAction on m.
//
// A UserEvent's ActionID keeps its place and its spelling, since Asterisk shows them to everybody (manager.c,
// action_userevent).
func (m Message) AppendAction(dst []byte, actionID string, without ...string) []byte {
	action := m.Action()
	place := -1
	if strings.EqualFold(action, "UserEvent") {
		place = m.Index("ActionID")
	}
	dst = AppendHeader(dst, "Action", action)
	if place < 0 {
		dst = AppendHeader(dst, "ActionID", actionID)
	}
	for i := range m.lines {
		l := m.lines[i]
		if i == place {
			dst = appendClean(m.appendName(dst, l, len(actionID)), actionID, "\r\n\x00")
			dst = append(dst, "\r\n"...)
			continue
		}
		if l.named() {
			name := m.raw[l.start:l.colon]
			if strings.EqualFold(name, "Action") || strings.EqualFold(name, "ActionID") || containsFold(without, name) {
				continue
			}
		}
		dst = append(dst, m.raw[l.start:l.end]...)
		dst = append(dst, "\r\n"...)
	}
	return append(dst, "\r\n"...)
}

// appendName appends what stands in front of a header's value: as it is, if a value of length bytes fits behind it
// into the line and blanks alone are between them.
func (m Message) appendName(dst []byte, l line, length int) []byte {
	name, blanks := m.raw[l.start:l.colon], m.raw[l.colon+1:l.value]
	if int(l.value-l.start)+length > MaxLine || strings.Trim(blanks, " ") != "" {
		blanks = " "
	}
	return append(append(append(dst, name...), ':'), blanks...)
}

// AppendHeader appends "name: value" and CRLF, with every byte that would break the line replaced.
func AppendHeader(dst []byte, name, value string) []byte {
	dst = appendClean(dst, name, ":\r\n\x00")
	dst = append(dst, ": "...)
	dst = appendClean(dst, value, "\r\n\x00")
	return append(dst, "\r\n"...)
}

// appendClean appends s with each byte of forbidden as a blank.
func appendClean(dst []byte, s, forbidden string) []byte {
	if !strings.ContainsAny(s, forbidden) {
		return append(dst, s...)
	}
	for _, c := range []byte(s) {
		if strings.IndexByte(forbidden, c) >= 0 {
			c = ' '
		}
		dst = append(dst, c)
	}
	return dst
}

// containsFold compares without case as Asterisk does, in ASCII: a letter that is an s or a k to Unicode
// alone takes more bytes.
func containsFold(names []string, name string) bool {
	for _, n := range names {
		if len(n) == len(name) && strings.EqualFold(n, name) {
			return true
		}
	}
	return false
}

// Builder makes a Message of headers. The zero Builder is empty and ready.
type Builder struct{ buf []byte }

// NewEvent begins an event.
func NewEvent(name string) *Builder { return new(Builder).Add("Event", name) }

// NewAction begins an action.
func NewAction(name string) *Builder { return new(Builder).Add("Action", name) }

// NewResponse begins a response as Asterisk does: the ActionID second, and left out when empty
// (manager.c, astman_start_ack).
func NewResponse(kind, actionID string) *Builder {
	return new(Builder).Add("Response", kind).AddNonEmpty("ActionID", actionID)
}

// NewError is the whole of an error response.
func NewError(actionID, message string) Message {
	return NewResponse("Error", actionID).Add("Message", message).Message()
}

// Add appends a header. Bytes that would break the line become blanks.
func (b *Builder) Add(name, value string) *Builder {
	b.buf = AppendHeader(b.buf, name, value)
	return b
}

// AddNonEmpty appends a header unless its value is empty.
func (b *Builder) AddNonEmpty(name, value string) *Builder {
	if value == "" {
		return b
	}
	return b.Add(name, value)
}

// Message is what was added so far.
func (b *Builder) Message() Message { return parseBlock(string(b.buf)) }

// ReplacingValue is the message with the value of line i replaced, its name and the blanks behind it as they are.
func (m Message) ReplacingValue(i int, value string) Message {
	l := m.lines[i]
	text := appendClean([]byte(m.raw[l.start:l.value]), value, "\r\n\x00")
	return m.Replacing(i, string(append(text, "\r\n"...)))
}

// Adding is the message with one header, which replaces all of that name.
func (m Message) Adding(name, value string) Message {
	var raw []byte
	for i := range m.lines {
		if n, _ := m.Header(i); !strings.EqualFold(n, name) {
			raw = m.appendLine(raw, i)
		}
	}
	return parseBlock(string(AppendHeader(raw, name, value)))
}

// Without is the message without the headers whose names are to be left out.
func (m Message) Without(leaveOut func(name string) bool) Message {
	first := slices.IndexFunc(m.lines, func(l line) bool { return l.named() && leaveOut(m.raw[l.start:l.colon]) })
	if first < 0 {
		return m
	}
	raw := make([]byte, 0, len(m.raw))
	for i, l := range m.lines {
		if i < first || i > first && !(l.named() && leaveOut(m.raw[l.start:l.colon])) {
			raw = m.appendLine(raw, i)
		}
	}
	return parseBlock(string(raw))
}

// Rewriting is the message with other values, or without lines: change is given line i as Header gives it
// and returns its value, and whether the line stays. Lines whose value it leaves stay byte by byte, and m
// itself is returned when all do.
func (m Message) Rewriting(change func(i int, name, value string) (shown string, stays bool)) Message {
	var raw []byte
	changed := false
	for i := range m.lines {
		name, value := m.Header(i)
		shown, stays := change(i, name, value)
		same := stays && shown == value
		if !changed && !same {
			changed = true
			raw = append(make([]byte, 0, len(m.raw)), m.raw[:m.lines[i].start]...)
		}
		switch {
		case !changed || !stays:
		case same:
			raw = m.appendLine(raw, i)
		default:
			raw = AppendHeader(raw, name, shown)
		}
	}
	if !changed {
		return m
	}
	return parseBlock(string(raw))
}

func (m Message) appendLine(dst []byte, i int) []byte {
	end := len(m.raw)
	if i+1 < len(m.lines) {
		end = int(m.lines[i+1].start)
	}
	return append(dst, m.raw[m.lines[i].start:end]...)
}
