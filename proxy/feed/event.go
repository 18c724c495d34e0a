package feed

import "github.com/astproxy/astproxy/ami"

// Event is a broadcast in the log: what an Asterisk sent to everybody, or the proxy itself.
type Event struct {
	Sequence uint64      // its place in the log over all servers, from 1
	Server   string      // the server it came from, "" for none
	Class    ami.Class   // the classes one must have the right to, all of them
	Message  ami.Message // as it came

	// set by the Labeller, if there is one
	Tags    Tags      // to whom it belongs
	Earlier []Earlier // what must be seen before it, by those who have not

	own       bool // it is the proxy's own, although it has a Server
	given     Tags // by who has appended it
	hidden    bool // it is for the Labeller alone
	afterLoss bool // events before it found no room

	dropped uint64 // it is none, but the announcement that so many found no room; 0: it is one
}

// Hidden tells whether the event is for the Labeller alone.
func (e *Event) Hidden() bool { return e.hidden }

// Given are the Tags that who has appended it says it has, whatever it names.
func (e *Event) Given() Tags { return e.given }

// Own tells whether the event is the proxy's own and no Asterisk's.
func (e *Event) Own() bool { return e.own || e.Server == "" }

// size is about what an event costs while it is kept: the text, where its lines are, and all around it.
func (e *Event) size() int64 {
	size := 320 + messageSize(e.Message)
	for i := range e.Earlier {
		for _, m := range e.Earlier[i].Messages {
			size += messageSize(m)
		}
	}
	return int64(size)
}

func messageSize(m ami.Message) int { return len(m.Raw()) + 16*m.Len() }

// Format writes an event as a client sees it, with whatever frames or ends it. Formats are
// compared by ==, and each is asked once an event however many views use it.
type Format interface {
	Append(dst []byte, e *Event) []byte
	// AppendGap writes a GapEvent, which has no place in the log.
	AppendGap(dst []byte, gap ami.Message) []byte
	// AppendEnd writes what tells a client that its stream ends, and why; often nothing.
	AppendEnd(dst []byte, reason error) []byte
}

// Selection is everything that decides which events somebody gets, and their bytes. All who
// have a Selection with the same Key share one view, so whatever Match depends on must be in Key.
type Selection struct {
	Key    string
	Match  func(*Event) bool // must not block; any goroutine
	Format Format
	// Tags, where there are any, are those by which Match knows whose an event is: an event's Earlier is for
	// selections that have come to know something by it.
	Tags Tags
	// Hints, where there are any, are for finding the Selection: Match is asked only about events of which
	// one of them is so.
	Hints []Hint
}

// Equal tells whether two selections are of the same events, in the same bytes; nil is no events.
func (s *Selection) Equal(other *Selection) bool {
	if s == nil || other == nil {
		return s == other
	}
	return s.Key == other.Key
}
