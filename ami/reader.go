package ami

import (
	"bytes"
	"errors"
	"io"
	"slices"
	"strings"
)

// Reader takes blocks off a connection. It belongs to one goroutine.
//
// After an error it is used up, unless GoesOn says otherwise: the bytes behind it could be anything.
type Reader struct {
	source  io.Reader
	limits  Limits
	replies bool                       // reads what Asterisk sends, old Command output included
	raw     func(actionID string) bool // told at SetRawOutput; nil: any

	// buffer[:filled] is read; the current block began at block, its current line at line.
	buffer      []byte
	filled      int
	block, line int
	lines       []line // of the current block, relative to block
	err         error  // what the source said, once its bytes are used up

	// What the current block is refused for, at its end; what was dropped of it for that, in bytes; whether
	// the current line's begin was.
	refused error
	dropped int
	cut     bool
	goesOn  bool // the last block was refused and is over
}

// NewReader reads actions, as a client sends them.
func NewReader(source io.Reader, limits Limits) *Reader {
	return &Reader{source: source, limits: limits}
}

// NewReplyReader reads what an Asterisk sends: also the output of Command as it was up to
// Asterisk 13, raw lines, empty ones among them, up to --END COMMAND--.
func NewReplyReader(source io.Reader, limits Limits) *Reader {
	return &Reader{source: source, limits: limits, replies: true}
}

// SetRawOutput says of which Response: Follows the output is raw, by its ActionID; nil, as before the first
// call: of any. Of others a blank line is the end, as of every block: who could have such a block made up would
// else have all that follows it taken for output.
func (r *Reader) SetRawOutput(of func(actionID string) bool) { r.raw = of }

// ReadLine reads one line, without its line end: the banner, which no blank line follows.
func (r *Reader) ReadLine() (string, error) {
	for {
		if i := bytes.IndexByte(r.buffer[r.block:r.filled], '\n'); i >= 0 {
			text := strings.TrimSuffix(string(r.buffer[r.block:r.block+i]), "\r")
			r.begin(r.block + i + 1)
			return text, nil
		}
		if r.filled-r.block > r.limits.Line {
			return "", ErrLineTooLong
		}
		if err := r.fill(); err != nil {
			return "", err
		}
	}
}

// Read returns the next block. Of what an Asterisk sends empty ones are skipped; from a client one is an
// action without anything, which Asterisk answers, too. The end of the input
// is io.EOF between blocks and io.ErrUnexpectedEOF inside one. With ErrLineTooLong,
// ErrTooManyHeaders and ErrBlockTooLong comes what was read of the block, so that its ActionID can
// be answered: without the lines that were too long, or too many, as Asterisk reads it. What an Asterisk
// sends is read to the end of that block, however far that is.
func (r *Reader) Read() (Message, error) {
	r.goesOn = false
	for r.dropped <= r.limits.Block {
		i := bytes.IndexByte(r.buffer[r.line:r.filled], '\n')
		if i < 0 {
			if r.filled-r.line > r.limits.Line+1 { // a CR may be waiting for its LF
				if r.replies {
					return r.skip(ErrLineTooLong)
				}
				r.drop(r.filled, ErrLineTooLong)
				r.cut = true
			}
			if err := r.fill(); err != nil {
				return Message{}, err
			}
			continue
		}
		next := r.line + i + 1
		l := indexLine(r.buffer[r.line:next], r.line-r.block)
		length := int(l.end - l.start)
		switch {
		case r.replies && length > r.limits.Line:
			return r.skip(ErrLineTooLong)
		case r.cut || length > r.limits.Line:
			r.drop(next, ErrLineTooLong)
			r.cut = false
			continue
		case length == 0 && len(r.lines) == 0 && r.refused == nil:
			r.begin(next)
			if !r.replies {
				return Message{}, nil
			}
			continue
		case length == 0 && !r.inCommandOutput():
			m, err := r.message(r.line), r.refused
			r.begin(next)
			r.goesOn = err != nil
			return m, err
		case r.replies && len(r.lines) == r.limits.Headers:
			return r.skip(ErrTooManyHeaders)
		case r.replies && next-r.block > r.limits.Block:
			return r.skip(ErrBlockTooLong)
		case len(r.lines) == r.limits.Headers:
			r.drop(next, ErrTooManyHeaders)
			continue
		case next-r.block > r.limits.Block:
			return r.message(r.line), ErrBlockTooLong
		}
		r.lines = append(r.lines, l)
		r.line = next
	}
	return r.message(r.line), r.refused
}

// GoesOn tells whether there may be more to read though Read has just refused a block: it was read to
// its end.
func (r *Reader) GoesOn() bool { return r.goesOn }

// drop takes what is between the current line's begin and end out of the block, and refuses it. Each time
// moves what is behind, so a tiny line counts for more than it has: what may be dropped is as much as a
// block may have, in a thousand lines at most.
func (r *Reader) drop(end int, reason error) {
	r.dropped += max(end-r.line, r.limits.Block/1000)
	r.filled = r.line + copy(r.buffer[r.line:], r.buffer[end:r.filled])
	if r.refused == nil {
		r.refused = reason
	}
}

// begin starts a new block at offset.
func (r *Reader) begin(offset int) {
	r.block, r.line = offset, offset
	r.lines = r.lines[:0]
	r.refused, r.dropped = nil, 0
	if r.block == r.filled {
		r.block, r.line, r.filled = 0, 0, 0
		// A rare large block must not cost its memory for ever after.
		if len(r.buffer) > 4*r.limits.Buffer {
			r.buffer = nil
		}
	}
}

// message copies the block read so far, which ends at end: two allocations, none a header.
func (r *Reader) message(end int) Message {
	return Message{raw: string(r.buffer[r.block:end]), lines: slices.Clone(r.lines)}
}

const endCommand = "--END COMMAND--"

// inCommandOutput tells whether a blank line belongs to a Command's raw output. Up to Asterisk 13
// (read) that is: Response: Follows, Privilege, ActionID, raw lines, the end mark.
func (r *Reader) inCommandOutput() bool {
	if !r.replies || len(r.lines) == 0 {
		return false
	}
	first, last := r.lines[0], r.lines[len(r.lines)-1]
	if !isHeader(r.text(first), "Response", "Follows") || bytes.HasSuffix(r.text(last), []byte(endCommand)) {
		return false
	}
	return r.raw == nil || r.raw(r.rawActionID())
}

// rawActionID is the ActionID of a Response: Follows, which stands in front of the output.
func (r *Reader) rawActionID() string {
	for _, l := range r.lines[1:min(len(r.lines), 3)] {
		if name, value, found := bytes.Cut(r.text(l), []byte(": ")); found && strings.EqualFold(string(name), "ActionID") {
			return string(value)
		}
	}
	return ""
}

func (r *Reader) text(l line) []byte {
	return r.buffer[r.block+int(l.start) : r.block+int(l.end)]
}

func isHeader(text []byte, name, value string) bool {
	n, v, found := bytes.Cut(text, []byte(":"))
	return found && strings.EqualFold(string(n), name) && strings.EqualFold(string(bytes.TrimSpace(v)), value)
}

// fill reads more bytes behind those there are.
func (r *Reader) fill() error {
	if r.err != nil {
		return r.end()
	}
	if r.filled == len(r.buffer) {
		r.makeRoom()
	}
	n, err := r.source.Read(r.buffer[r.filled:])
	r.filled += n
	r.err = err
	if n == 0 && err != nil {
		return r.end()
	}
	return nil
}

// end is the source's error as seen from where the reader stands.
func (r *Reader) end() error {
	if errors.Is(r.err, io.EOF) && (len(r.lines) > 0 || r.filled > r.line || r.refused != nil) {
		return io.ErrUnexpectedEOF
	}
	return r.err
}

// makeRoom moves the current block to the buffer's begin, or doubles the buffer.
func (r *Reader) makeRoom() {
	if r.block > 0 {
		copy(r.buffer, r.buffer[r.block:r.filled])
		r.filled -= r.block
		r.line -= r.block
		r.block = 0
		return
	}
	grown := make([]byte, max(2*len(r.buffer), r.limits.Buffer))
	copy(grown, r.buffer[:r.filled])
	r.buffer = grown
}
