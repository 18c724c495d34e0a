package formats

import (
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/astproxy/astproxy/ami"
)

// JSON is one flat object a message; schema.json says what it looks like. In a stream each
// object is a line of its own; a list is an array.
type JSON struct{}

// Append implements Format.
func (JSON) Append(dst []byte, m ami.Message, o Options) []byte {
	return append(AppendJSON(dst, m, o), '\n')
}

// AppendList implements Format.
func (JSON) AppendList(dst []byte, answer []Item) []byte {
	dst = append(dst, '[')
	for i, item := range answer {
		if i > 0 {
			dst = append(dst, ",\n"...)
		}
		dst = AppendJSON(dst, item.Message, item.Options)
	}
	return append(dst, "]\n"...)
}

// MediaType implements Format.
func (JSON) MediaType() string { return "application/json" }

// AppendJSON appends m as an object without a line end.
//
// Headers keep their order and spelling and are strings. One that occurs twice, in whatever case,
// is an array where it occurs first, under that spelling; one that can occur twice by its nature
// always is. Bytes that are no UTF-8 become U+FFFD.
func AppendJSON(dst []byte, m ami.Message, o Options) []byte {
	start := len(dst)
	// A header costs up to three bytes more than as text, and there is room for a few escapes. What
	// needs more makes dst grow again.
	dst = slices.Grow(dst, len(m.Raw())+3*m.Len()+len(o.Server)+len(o.ActionID)+len(o.Sequence)+96)
	dst = append(dst, '{')
	var seen nameSet
	for l := o.lines(m); ; {
		header, ok := l.next()
		if !ok {
			break
		}
		hash, plain := hashName(header.name)
		if header.raw || !plain || seen.add(hash) && repeated(m, o) {
			return appendGrouped(dst[:start], m, o)
		}
		if len(dst) > start+1 {
			dst = append(dst, ',')
		}
		dst = append(dst, '"')
		dst = append(dst, header.name...)
		if listed(header.name) {
			dst = append(dst, `":["`...)
			dst = appendEscaped(dst, header.value)
			dst = append(dst, `"]`...)
		} else {
			dst = append(dst, `":"`...)
			dst = appendEscaped(dst, header.value)
			dst = append(dst, '"')
		}
	}
	return append(dst, '}')
}

// nameSet remembers hashes of header names; it may take two for one.
type nameSet [16]uint64

// add tells whether the hash, or one that looks the same, was there before.
func (s *nameSet) add(hash uint32) bool {
	word, bit := &s[hash>>6&15], uint64(1)<<(hash&63)
	was := *word&bit != 0
	*word |= bit
	return was
}

// hashName is the same for names that differ only in case; plain tells that the name is JSON as it
// is.
func hashName[T string | []byte](name T) (hash uint32, plain bool) {
	plain = true
	for i := range len(name) {
		plain = plain && jsonPlain[name[i]]
		hash = hash*31 + uint32(name[i]|0x20)
	}
	return hash ^ hash>>10, plain
}

// repeated tells whether any header of a message occurs twice.
func repeated(m ami.Message, o Options) bool {
	var room [64]string // more than almost any message has
	names := room[:0]
	for l := o.lines(m); ; {
		header, ok := l.next()
		if !ok {
			return false
		}
		for _, name := range names {
			if len(name) == len(header.name) && strings.EqualFold(name, header.name) {
				return true
			}
		}
		names = append(names, header.name)
	}
}

// group is all the values of one name.
type group struct {
	name   string
	values []string
}

// appendGrouped is AppendJSON for messages in which a name may occur twice.
func appendGrouped(dst []byte, m ami.Message, o Options) []byte {
	dst = append(dst, '{')
	for i, g := range grouped(m, o) {
		if i > 0 {
			dst = append(dst, ',')
		}
		dst = append(dst, '"')
		dst = appendEscaped(dst, g.name)
		dst = append(dst, `":`...)
		if len(g.values) == 1 && !listed(g.name) {
			dst = appendString(dst, g.values[0])
			continue
		}
		for i, value := range g.values {
			dst = append(dst, "[,"[min(i, 1)])
			dst = appendString(dst, value)
		}
		dst = append(dst, ']')
	}
	return append(dst, '}')
}

// grouped is the message's values by name, in the order of the names' first appearance.
func grouped(m ami.Message, o Options) []group {
	var groups []group
	byName := map[string]int{} // index in groups, by the name in lower case
	at := -1                   // the latest line's
	for l := o.lines(m); ; {
		header, ok := l.next()
		if !ok {
			return groups
		}
		if at < 0 || groups[at].name != header.name {
			key := strings.ToLower(strings.ToValidUTF8(header.name, "\uFFFD"))
			known := false
			if at, known = byName[key]; !known {
				at = len(groups)
				byName[key] = at
				groups = append(groups, group{name: header.name})
			}
		}
		groups[at].values = append(groups[at].values, header.value)
	}
}

// listed tells whether a header can occur more than once in a message by its nature, so that its
// reader wants an array even when it occurs once: Command's Output; the Variable of Originate,
// Status and others; the ChanVariable of channels (of one among several as DestChanVariable or
// ChanVariable(NAME), manager_channels.c and manager.c); the Rule and RuleList of QueueRule
// (app_queue.c); and what the proxy lists about itself.
func listed(name string) bool {
	switch len(name) {
	case len("Rule"):
		return strings.EqualFold(name, "Rule")
	case len("Output"):
		return strings.EqualFold(name, outputName)
	case len("Variable"):
		return strings.EqualFold(name, "Variable") || strings.EqualFold(name, "RuleList")
	}
	const variable = "ChanVariable"
	if len(name) < len(variable) {
		return false
	}
	switch name[0] | 0x20 {
	case 'i', 'o':
		if strings.EqualFold(name, "InputHandler") || strings.EqualFold(name, "OutputHandler") {
			return true
		}
	case 'p':
		if len(name) > 6 && (name[5] == 'C' || name[5] == 'L' || name[5] == 'S') && listedByProxy(name) {
			return true
		}
	}
	return strings.EqualFold(name[len(name)-len(variable):], variable) ||
		name[len(name)-1] == ')' && strings.EqualFold(name[:len(variable)], variable)
}

func listedByProxy(name string) bool {
	switch name {
	case "ProxyListServer I", "ProxyServerSession", "ProxyServerReason":
		return true
	}
	return strings.HasPrefix(name, "ProxyClient")
}

func appendString(dst []byte, s string) []byte {
	return append(appendEscaped(append(dst, '"'), s), '"')
}

// jsonPlain are the bytes that stand in a JSON string as they are, but for those of UTF-8.
var jsonPlain = func() (plain [256]bool) {
	for c := ' '; c < utf8.RuneSelf; c++ {
		plain[c] = c != '"' && c != '\\'
	}
	return plain
}()

const hexDigits = "0123456789abcdef"

// appendEscaped appends s as it stands between the quotes of a JSON string (RFC 8259).
func appendEscaped(dst []byte, s string) []byte {
	done := 0 // s[:done] is appended
	for i := 0; i < len(s); {
		c := s[i]
		if jsonPlain[c] {
			i++
			continue
		}
		if c >= utf8.RuneSelf {
			if r, size := utf8.DecodeRuneInString(s[i:]); r != utf8.RuneError || size > 1 {
				i += size
				continue
			}
		}
		dst = append(dst, s[done:i]...)
		switch {
		case c >= utf8.RuneSelf:
			dst = append(dst, "\uFFFD"...)
		case c == '"' || c == '\\':
			dst = append(dst, '\\', c)
		case c == '\t':
			dst = append(dst, `\t`...)
		case c == '\r':
			dst = append(dst, `\r`...)
		default:
			dst = append(dst, '\\', 'u', '0', '0', hexDigits[c>>4], hexDigits[c&15])
		}
		i++
		done = i
	}
	return append(dst, s[done:]...)
}
