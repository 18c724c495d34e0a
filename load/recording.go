package load

import (
	"bytes"
	_ "embed"
	"fmt"
)

//go:embed events.txt
var recorded []byte

// The mark is the last header of every event sent; doc.go shows it whole.
const (
	markName = "LoadMark: "
	digits   = 16 // of either number: enough for 115 days of nanoseconds
	blockEnd = "\r\n\r\n"

	numbersBytes = digits + 1 + digits
	markBytes    = len(markName) + numbersBytes
)

// A recording is the events to send, in order, each without its mark and final blank line. It
// is immutable and shared by the feed, which writes it round and round, and the clients, who
// know from it how far apart two marks stand.
type recording struct {
	heads [][]byte // an event's lines, CRLF after each
	steps []int    // bytes from the end of the mark before heads[i] to its own mark

	// Of a narrow recording, whose events are of as many channels as there are clients: how many those are,
	// and where in heads[i] its channel's number stands.
	narrow   int
	channels []int
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

// channelName is the name of client n's channel, or how it begins.
func channelName(n int) string { return fmt.Sprintf("%s%0*d-", channelStart, channelDigits, n) }

const (
	channelStart  = "PJSIP/"
	channelDigits = 6
)

// narrowed makes a recording of the events that have a Channel, each of one of so many clients' channels in turn.
func (r *recording) narrowed(clients int) *recording {
	narrow := &recording{narrow: clients}
	for _, head := range r.heads {
		before, rest, found := bytes.Cut(head, []byte("\r\nChannel: "))
		_, after, ended := bytes.Cut(rest, []byte("\r\n"))
		if !found || !ended {
			continue
		}
		changed := append(bytes.Clone(before), "\r\nChannel: "...)
		narrow.channels = append(narrow.channels, len(changed)+len(channelStart))
		changed = append(append(changed, channelName(0)+"00000001\r\n"...), after...)
		narrow.heads = append(narrow.heads, changed)
		narrow.steps = append(narrow.steps, len(blockEnd)+len(changed))
	}
	return narrow
}

// index says which recorded event goes out under a sequence number.
func (r *recording) index(sequence uint64) int {
	return int(sequence % uint64(len(r.heads)))
}

// appendEvent appends event number sequence, due at the given nanosecond, with its mark.
func (r *recording) appendEvent(b []byte, sequence uint64, due int64) []byte {
	i, start := r.index(sequence), len(b)
	b = append(b, r.heads[i]...)
	if r.narrow > 0 {
		putDigits(b[start+r.channels[i]:][:channelDigits], sequence%uint64(r.narrow))
	}
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
	putDigits(d[:], v)
	return append(b, d[:]...)
}

// putDigits fills d with the last digits of v.
func putDigits(d []byte, v uint64) {
	for i := len(d) - 1; i >= 0; i-- {
		d[i] = byte('0' + v%10)
		v /= 10
	}
}
