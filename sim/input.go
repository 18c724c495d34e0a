package sim

import (
	"bytes"
	"strings"

	"github.com/astproxy/astproxy/ami"
)

// input is what came in up to an empty line: an action, or why it is none.
type input struct {
	message ami.Message
	refused string // Asterisk's words
}

// maxInput is how much of a line Asterisk's buffer holds, its line end included.
const maxInput = 1024

// read takes lines off the connection as Asterisk does, its mistakes included: they are what whoever sends
// must not run into. It ends with the input or the session.
func (c *session) read() {
	defer close(c.input)
	var p parser
	for {
		if !c.open() {
			return
		}
		n, err := c.conn.Read(p.room())
		for _, in := range p.parse(n) {
			select {
			case c.input <- in:
			case <-c.done:
				return
			}
		}
		if err != nil {
			return
		}
	}
}

// parser makes actions of bytes, line by line (manager.c, get_input and do_message).
type parser struct {
	buffer  [maxInput]byte
	filled  int
	text    strings.Builder
	lines   int
	lost    bool // too many lines
	tooLong bool // a line was
}

// room is where the next bytes are to be read to.
func (p *parser) room() []byte { return p.buffer[p.filled:] }

// parse takes in n more bytes.
func (p *parser) parse(n int) []input {
	p.filled += n
	var complete []input
	for {
		i := bytes.IndexByte(p.buffer[:p.filled], '\n')
		if i < 0 {
			break
		}
		line := string(p.buffer[:i])
		copy(p.buffer[:], p.buffer[i+1:p.filled])
		p.filled -= i + 1
		line = strings.TrimSuffix(line, "\r")
		// A line is a string of C.
		line, _, _ = strings.Cut(line, "\x00")
		if in, ok := p.line(line); ok {
			complete = append(complete, in)
		}
	}
	if p.filled == maxInput {
		// All but the last byte is dropped: it may be the CR of a CRLF.
		p.buffer[0] = p.buffer[maxInput-1]
		p.filled = 1
		p.tooLong = true
	}
	return complete
}

// line takes one line; an empty one completes an action.
func (p *parser) line(line string) (input, bool) {
	if line != "" {
		if p.lines == ami.MaxHeaders {
			p.lost = true
			return input{}, false
		}
		p.lines++
		p.text.WriteString(line)
		p.text.WriteString("\r\n")
		return input{}, false
	}
	in := input{message: ami.Parse(p.text.String())}
	switch {
	case p.lost:
		in.refused = ami.ErrTooManyHeaders.Error()
	case p.tooLong:
		in.refused = ami.ErrLineTooLong.Error()
		p.tooLong = false
	}
	p.text.Reset()
	p.lines, p.lost = 0, false
	return in, true
}
