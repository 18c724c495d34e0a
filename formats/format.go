package formats

import (
	"slices"
	"strings"

	"github.com/astproxy/astproxy/ami"
)

// Format writes messages.
type Format interface {
	// Append appends m as it stands in a stream of messages, with what ends it there.
	Append(dst []byte, m ami.Message, o Options) []byte
	// AppendList appends an answer (a response and what belongs to it) as one whole document.
	AppendList(dst []byte, answer []Item) []byte
	// MediaType is what a document is called in HTTP.
	MediaType() string
}

// Item is a message of an answer.
type Item struct {
	Message ami.Message
	Options Options
}

// Options are what is different about a message for the one who gets it.
type Options struct {
	// Server is the name of the server it came from, "" for what is the proxy's own. It is added
	// as header Server, or ProxyServer if the message has a Server header itself.
	Server string
	// Reply tells that the message's ActionID is not its reader's: ActionID takes its place, and
	// if that is "" there is none.
	Reply    bool
	ActionID string
	// Sequence is the message's place in the event log, as a client gives it to resume, added as
	// header ProxySequence. "" adds none. A header of that name in the message is left out: only
	// the proxy knows the place.
	Sequence string
}

// The names of the headers that are added.
const (
	serverHeader      = "Server"
	proxyServerHeader = "ProxyServer"
	sequenceHeader    = "ProxySequence"
)

// formats are all by name, in the order they are listed.
var formats = []struct {
	name   string
	format Format
}{
	{"standard", Standard{}},
	{"json", JSON{}},
	{"xml", XML{}},
	{"xml-legacy", XML{Legacy: true}},
	{"mxml", MXML{}},
	{"csv", CSV{}},
	{"csv-legacy", CSVLegacy{}},
}

// Lookup finds a format by its name, in any case.
func Lookup(name string) (Format, bool) {
	i := slices.IndexFunc(formats, func(f struct {
		name   string
		format Format
	}) bool {
		return strings.EqualFold(f.name, name)
	})
	if i < 0 {
		return nil, false
	}
	return formats[i].format, true
}

// Name is the name of a format, of MXML whatever its names for elements; "" for one that is not ours.
func Name(of Format) string {
	if _, ok := of.(MXML); ok {
		of = MXML{}
	}
	for _, f := range formats {
		if f.format == of {
			return f.name
		}
	}
	return ""
}

// Names are the names Lookup knows.
func Names() []string {
	names := make([]string, len(formats))
	for i, f := range formats {
		names[i] = f.name
	}
	return names
}

// appendEach appends every message of an answer as it stands in a stream.
func appendEach(f Format, dst []byte, answer []Item) []byte {
	for _, item := range answer {
		dst = f.Append(dst, item.Message, item.Options)
	}
	return dst
}
