package load

import (
	"bytes"
	_ "embed"
)

//go:embed events.txt
var recorded []byte

// The mark is the last header of every event sent; doc.go shows it whole.
const (
	markName  = "LoadMark: "
	digits    = 16 // of either number: enough for 115 days of nanoseconds
	markBytes = len(markName) + digits + 1 + digits
	blockEnd  = "\r\n\r\n"
)

// A recording is the events to send, in order, each without its mark and final blank line. It
// is immutable and shared by the feed, which writes it round and round, and the clients, who
// know from it how far apart two marks stand.
type recording struct {
	heads [][]byte // an event's lines, CRLF after each
	steps []int    // bytes from the end of the mark before heads[i] to its own mark
}

// newRecording parses blocks separated by an empty line, with bare LF line ends as in events.txt.
func newRecording(text []byte) *recording {
	r := &recording{}
	for block := range bytes.SplitSeq(bytes.TrimSpace(text), []byte("\n\n")) {
		head := append(bytes.ReplaceAll(block, []byte("\n"), []byte("\r\n")), "\r\n"...)
		r.heads = append(r.heads, head)
		r.steps = append(r.steps, len(blockEnd)+len(head))
	}
	return r
}

// index says which recorded event goes out under a sequence number.
func (r *recording) index(sequence uint64) int {
	return int(sequence % uint64(len(r.heads)))
}

// appendEvent appends event number sequence, due at the given nanosecond, with its mark.
func (r *recording) appendEvent(b []byte, sequence uint64, due int64) []byte {
	b = append(b, r.heads[r.index(sequence)]...)
	b = append(b, markName...)
	b = appendDigits(b, sequence)
	b = append(b, ' ')
	b = appendDigits(b, uint64(due))
	return append(b, blockEnd...)
}

// meanBytes is the average size of an event as sent, in bytes.
func (r *recording) meanBytes() float64 {
	total := 0
	for _, head := range r.heads {
		total += len(head) + markBytes + len(blockEnd)
	}
	return float64(total) / float64(len(r.heads))
}

func appendDigits(b []byte, v uint64) []byte {
	var d [digits]byte
	for i := digits - 1; i >= 0; i-- {
		d[i] = byte('0' + v%10)
		v /= 10
	}
	return append(b, d[:]...)
}
