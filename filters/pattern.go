package filters

import (
	"bytes"
	"regexp"
	"strings"
	"sync"
	"unicode/utf8"
)

// pattern is a method together with its expression. The zero pattern matches everything.
type pattern struct {
	literal    string         // must be in the data
	begin, end bool           // it must stand there; both without regex only
	regex      *regexp.Regexp // if not nil, must match too; literal is only quicker to look for
}

// newPattern makes the pattern for expression, which begins at base in what Parse was given.
func newPattern(m method, expression string, base int) (*pattern, error) {
	if m == methodRegex {
		return compile(expression, base)
	}
	return &pattern{
		literal: expression,
		begin:   m == methodExact || m == methodStartsWith,
		end:     m == methodExact || m == methodEndsWith,
	}, nil
}

// match tells whether data is what the pattern is about.
func (p *pattern) match(data string) bool {
	if p.regex != nil {
		if !strings.Contains(data, p.literal) {
			return false
		}
		if !utf8.ValidString(data) {
			data = strings.ToValidUTF8(data, brokenByte)
		}
		return p.regex.MatchString(data)
	}
	switch {
	case p.begin && p.end:
		return data == p.literal
	case p.begin:
		return strings.HasPrefix(data, p.literal)
	case p.end:
		return strings.HasSuffix(data, p.literal)
	}
	return strings.Contains(data, p.literal)
}

// matchEvent is match for a whole event as Asterisk has it in memory: text and the blank line that
// ends it.
func (p *pattern) matchEvent(text string) bool {
	if p.regex == nil {
		// The blank line makes no difference: a literal holds no line end, text ends with one.
		return p.match(text)
	}
	if !strings.Contains(text, p.literal) {
		return false
	}
	buffer := buffers.Get().(*[]byte)
	defer buffers.Put(buffer)
	event := append(append((*buffer)[:0], text...), "\r\n"...)
	if cap(event) <= maxBuffer {
		*buffer = event
	}
	if !utf8.Valid(event) {
		event = bytes.ToValidUTF8(event, []byte(brokenByte))
	}
	return p.regex.Match(event)
}

// buffers are for matchEvent. What a rare large event needed is not kept.
var buffers = sync.Pool{New: func() any { return new([]byte) }}

const maxBuffer = 64 << 10
