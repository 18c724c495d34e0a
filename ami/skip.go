package ami

import (
	"bytes"
	"strings"
)

// What is kept of a block that is skipped: its first lines, and whose it is.
const (
	keptLines     = 64
	keptBytes     = 64 << 10
	keptActionIDs = 64
)

// skip reads what an Asterisk sends to the end of a block that is too large, keeping none of it, and refuses
// it for reason. The peer is trusted to end it some time: the alternative is to lose the session.
func (r *Reader) skip(reason error) (Message, error) {
	raw := r.inCommandOutput()
	text, actionIDs := r.head()
	r.refused, r.lines = reason, r.lines[:0]
	inside := false // the begin of the current line is dropped already
	for {
		r.block = r.line
		i := bytes.IndexByte(r.buffer[r.line:r.filled], '\n')
		if i < 0 {
			// A line's end is needed to know an end mark.
			if length := r.filled - r.line; length > MaxLine {
				r.line, inside = r.filled-len(endCommand)-1, true
				r.block = r.line
			}
			if err := r.fill(); err != nil {
				return Message{}, err
			}
			continue
		}
		next := r.line + i + 1
		line := bytes.TrimSuffix(r.buffer[r.line:next-1], []byte("\r"))
		switch {
		case len(line) == 0 && !inside && !raw:
			r.begin(next)
			r.goesOn = true
			return parseBlock(text), reason
		case bytes.HasSuffix(line, []byte(endCommand)):
			raw = false
		case !inside && len(line) <= MaxLine && actionIDs < keptActionIDs && isActionID(line):
			text += string(line) + "\r\n"
			actionIDs++
		}
		r.line, inside = next, false
	}
}

// head is what is kept of the lines read so far.
func (r *Reader) head() (text string, actionIDs int) {
	var b strings.Builder
	for i, l := range r.lines {
		line := r.text(l)
		switch {
		case len(line) <= MaxLine && isActionID(line) && actionIDs < keptActionIDs:
			actionIDs++
		case i >= keptLines || b.Len()+len(line) > keptBytes:
			continue
		}
		b.Write(line)
		b.WriteString("\r\n")
	}
	return b.String(), actionIDs
}

func isActionID(line []byte) bool {
	const name = "ActionID:"
	return len(line) >= len(name) && strings.EqualFold(string(line[:len(name)]), name)
}
