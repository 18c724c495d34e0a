package proxy

import (
	"fmt"

	"github.com/astproxy/astproxy/ami"
	"github.com/astproxy/astproxy/filters"
	"github.com/astproxy/astproxy/formats"
	"github.com/astproxy/astproxy/proxy/feed"
)

// Encoding is how a client's messages become bytes. Encodings that are equal by == make equal bytes,
// and their clients share them.
type Encoding struct {
	Format   formats.Format
	Sequence bool  // events carry their place in the log, as header ProxySequence
	Frame    Frame // what a door needs around a message; nil: nothing
}

// Frame puts around a message what the protocol of a door needs. It has no state, and is compared
// by ==. Any goroutine may call it.
type Frame interface {
	// Begin appends what stands before a message. id is its place in the log as a client gives it to
	// resume, "" for what has none.
	Begin(dst []byte, id string) []byte
	// End completes what Begin, at start, began.
	End(dst []byte, start int) []byte
	// AppendEnd appends what tells a client that nothing more comes, and why; nil: all is said.
	AppendEnd(dst []byte, reason error) []byte
}

// StandardEncoding is AMI text, as manager clients expect it.
var StandardEncoding = Encoding{Format: formats.Standard{}}

// append appends a message as a client gets it.
func (e Encoding) append(dst []byte, m ami.Message, o formats.Options, id string) []byte {
	if e.Frame == nil {
		return e.Format.Append(dst, m, o)
	}
	start := len(dst)
	dst = e.Frame.Begin(dst, id)
	dst = e.Format.Append(dst, m, o)
	return e.Frame.End(dst, start)
}

// own is a message of the proxy's own, or, with a server, one in that server's stead.
func (e Encoding) own(m ami.Message, server string) []byte {
	return e.append(nil, m, formats.Options{Server: server}, "")
}

// position tells a client that it has been sent all its events up to a place in the log, so that it
// can come back to there although none of them was the latest.
func (e Encoding) position(id EventID) []byte {
	if !e.Sequence {
		return nil
	}
	return e.append(nil, ami.NewEvent("ProxyPosition").Message(), formats.Options{Sequence: id.String()}, id.String())
}

// appendEnd appends what the door has for the end of a stream.
func (e Encoding) appendEnd(dst []byte, reason error) []byte {
	if e.Frame == nil {
		return dst
	}
	return e.Frame.AppendEnd(dst, reason)
}

// key tells encodings apart.
func (e Encoding) key() string {
	return fmt.Sprintf("%T%v %T%v %t", e.Format, e.Format, e.Frame, e.Frame, e.Sequence)
}

// events writes the events of an encoding.
type events struct {
	Encoding
	epoch     string
	redaction *filters.Redaction
}

// Append implements feed.Format.
func (f events) Append(dst []byte, e *feed.Event) []byte {
	o := formats.Options{Server: e.Server}
	m := f.redaction.Apply(e.Message)
	if f.Frame == nil && !f.Sequence {
		return f.Format.Append(dst, m, o)
	}
	id := EventID{f.epoch, e.Sequence}.String()
	if f.Sequence {
		o.Sequence = id
	}
	return f.append(dst, m, o, id)
}

// AppendGap implements feed.Format.
func (f events) AppendGap(dst []byte, gap ami.Message) []byte {
	return f.append(dst, gap, formats.Options{}, "")
}

// AppendEnd implements feed.Format.
func (f events) AppendEnd(dst []byte, reason error) []byte { return f.appendEnd(dst, reason) }
