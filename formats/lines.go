package formats

import (
	"math"
	"strings"

	"github.com/astproxy/astproxy/ami"
)

// outputName is what a line without a name is called: what Command's lines are called from
// Asterisk 14 on.
const outputName = "Output"

// endCommand ends the raw output of Command up to Asterisk 13.
const endCommand = "--END COMMAND--"

// lines walks a message as its reader is to see it: its headers, those that are added, then from
// the first line without a name on all the rest.
type lines struct {
	message  ami.Message
	options  Options
	at       int    // the message's line that comes next
	actionID int    // the line whose value is replaced, or -1
	output   int    // the first line of raw Command output, all of which is raw whatever it looks like
	rest     string // the text from line at on, once in raw output
	server   string // name of the server header, "" once it is given
	sequence bool   // the sequence is still to be given
}

// line is one of them. A raw one is no header: its text is the value, its name Output.
type line struct {
	name, value string
	raw         bool
}

func (o Options) lines(m ami.Message) lines {
	l := lines{message: m, options: o, actionID: -1, output: outputStart(m), sequence: o.Sequence != ""}
	if o.Reply {
		l.actionID = m.Index("ActionID")
	}
	if o.Server != "" {
		l.server = serverHeader
		if i := m.Index(serverHeader); i >= 0 && i < l.output {
			l.server = proxyServerHeader
		}
	}
	return l
}

// outputStart is where the raw lines of an old Command's answer begin: behind Response: Follows,
// Privilege and ActionID (Asterisk up to 13).
func outputStart(m ami.Message) int {
	if !strings.EqualFold(m.Response(), "Follows") {
		return math.MaxInt
	}
	i := 1
	for ; i < m.Len() && i < 3; i++ {
		name, _ := m.Header(i)
		if !strings.EqualFold(name, "Privilege") && !strings.EqualFold(name, "ActionID") {
			break
		}
	}
	return i
}

// next is the next line; false: there is none.
func (l *lines) next() (line, bool) {
	for l.at < l.message.Len() {
		name, value := l.message.Header(l.at)
		if l.at >= l.output || name == "" {
			if own, ok := l.own(); ok {
				return own, true
			}
			if raw, ok := l.nextRaw(value); ok {
				return raw, true
			}
			continue
		}
		l.at++
		if l.at-1 == l.actionID {
			if value = l.options.ActionID; value == "" {
				continue
			}
		}
		if l.options.Sequence != "" && strings.EqualFold(name, sequenceHeader) {
			continue
		}
		return line{name: name, value: value}, true
	}
	return l.own()
}

// own is the next of the headers that are added.
func (l *lines) own() (line, bool) {
	switch {
	case l.server != "":
		name := l.server
		l.server = ""
		return line{name: name, value: l.options.Server}, true
	case l.sequence:
		l.sequence = false
		return line{name: sequenceHeader, value: l.options.Sequence}, true
	}
	return line{}, false
}

// nextRaw takes a line without a name, whose value is its text, or one of raw Command output. The
// end mark is left out; it may stand behind text that does not end in a line end of its own.
func (l *lines) nextRaw(text string) (line, bool) {
	i := l.at
	l.at++
	if i < l.output {
		return line{name: outputName, value: text, raw: true}, true
	}
	if i == l.output {
		l.rest = l.message.Raw()
		for range i {
			_, l.rest, _ = strings.Cut(l.rest, "\n")
		}
	}
	text, l.rest, _ = strings.Cut(l.rest, "\n")
	text = strings.TrimSuffix(text, "\r")
	if l.at == l.message.Len() && strings.HasSuffix(text, endCommand) {
		if text = strings.TrimSuffix(text, endCommand); text == "" {
			return line{}, false
		}
	}
	return line{name: outputName, value: text, raw: true}, true
}
