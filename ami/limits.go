package ami

import (
	"errors"
	"fmt"
)

// Limits bound what a Reader takes for one block, so that no peer makes memory grow.
type Limits struct {
	Line    int // bytes of one line without its line end
	Headers int // lines of one block
	Block   int // bytes of one block
	Buffer  int // bytes the Reader begins with; it grows up to Block when it must
}

// MaxLine is how many bytes, without the line end, a line towards Asterisk may have. Its input
// buffer holds 1,024 bytes with CRLF; of a longer line the rest runs as an action of its own
// (manager.c, get_input).
const MaxLine = 1022

// MaxHeaders is how many lines an action may have (manager.h, AST_MAX_MANHEADERS).
const MaxHeaders = 128

// ActionLimits are Asterisk's own, for what clients send.
var ActionLimits = Limits{Line: MaxLine, Headers: MaxHeaders, Block: (MaxLine + 2) * MaxHeaders, Buffer: 1 << 10}

// ReplyLimits are generous, for what an Asterisk sends: a Command's output is one block.
var ReplyLimits = Limits{Line: 1 << 20, Headers: 1 << 18, Block: 16 << 20, Buffer: 64 << 10}

// What a Reader refuses. The texts of the first two are Asterisk's own (manager.c, do_message).
var (
	ErrLineTooLong    = errors.New("Failed to parse message: line too long")
	ErrTooManyHeaders = errors.New("Too many lines in message or allocation failure")
	ErrBlockTooLong   = errors.New("Failed to parse message: message too long for one block")
)

// ErrForbiddenByte is what CheckAction wraps for CR, LF or NUL inside a line.
var ErrForbiddenByte = errors.New("forbidden byte")

// CheckAction says what in a client's action must never reach Asterisk: NUL ends a message when it
// begins a line and cuts the line elsewhere, a bare CR is no line end to us but may be to others.
// What Asterisk reads must be what was judged. The error names the line, never its value.
func CheckAction(m Message) error {
	if m.Len() > MaxHeaders {
		return ErrTooManyHeaders
	}
	for i := range m.lines {
		l := m.lines[i]
		if l.end-l.start > MaxLine {
			return ErrLineTooLong
		}
		for _, c := range []byte(m.raw[l.start:l.end]) {
			if c == 0 || c == '\r' || c == '\n' {
				return fmt.Errorf("line %d holds the byte 0x%02x, which AMI cannot carry: %w", i+1, c, ErrForbiddenByte)
			}
		}
	}
	return nil
}
