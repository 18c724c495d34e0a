package live

import (
	"bytes"
	"encoding/binary"
	"math"
	"slices"
	"unicode/utf8"
)

// frame puts each message into a WebSocket text frame (RFC 6455, 5.2), not masked, as servers send them.
type frame struct {
	// bare messages end without the line ends that part them in a stream.
	bare bool
}

// The bytes of a frame's header.
const (
	final    = 0x80
	opText   = 0x1
	opClose  = 0x8
	opPing   = 0x9
	opMask   = 0x0f
	short    = 125 // the longest payload whose length is in the second byte
	length16 = 126 // that byte, when two follow with the length
	length64 = 127 // or eight
)

// headerRoom is what Begin leaves for the header of a frame as most are: of 126 to 65,535 bytes.
const headerRoom = 4

// ping is a ping frame.
var ping = []byte{final | opPing, 0}

// Begin implements proxy.Frame. The place in the log is in the message itself, if anywhere.
func (frame) Begin(dst []byte, _ string) []byte { return append(dst, make([]byte, headerRoom)...) }

// End implements proxy.Frame.
func (f frame) End(dst []byte, start int) []byte {
	begin := start + headerRoom
	if f.bare {
		dst = dst[:begin+len(bytes.TrimRight(dst[begin:], "\r\n"))]
	}
	if !utf8.Valid(dst[begin:]) { // a client must not go on behind a text that is none (RFC 6455, 8.1)
		dst = append(dst[:begin], bytes.ToValidUTF8(dst[begin:], []byte("\uFFFD"))...)
	}
	switch length := len(dst) - begin; {
	case length <= short:
		dst = slices.Delete(dst, start+2, begin)
		dst[start+1] = byte(length)
	case length <= math.MaxUint16:
		dst[start+1] = length16
		binary.BigEndian.PutUint16(dst[start+2:], uint16(length))
	default:
		dst = slices.Insert(dst, begin, make([]byte, 6)...)
		dst[start+1] = length64
		binary.BigEndian.PutUint64(dst[start+2:], uint64(length))
	}
	dst[start] = final | opText
	return dst
}

// AppendEnd implements proxy.Frame: a close frame that says why.
func (frame) AppendEnd(dst []byte, reason error) []byte { return endOf(reason).append(dst) }
