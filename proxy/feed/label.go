package feed

import "github.com/astproxy/astproxy/ami"

// Labeller says to whom events belong, which only who has seen all events before can know.
type Labeller interface {
	// Label is shown every event in the order of the log, hidden ones too, before anybody gets it, and may set its
	// Tags and Earlier. It is called by the matcher, with Feed.mu held: it must not wait, nor call the Feed.
	Label(e *Event)
	// Lost is called in the same way where the log has lost events because there was no room: whatever the
	// Labeller knows may not be so any more.
	Lost()
}

// LabelBy has a Labeller look at all events. Before Run.
func (f *Feed) LabelBy(l Labeller) { f.labeller = l }

// Earlier is what must have been seen before an event makes sense: messages from before it, of something that
// some know since then, and others do since this event.
type Earlier struct {
	Tags     Tags // who know it now
	Before   Tags // who did already
	Class    ami.Class
	Messages []ami.Message
}

// append appends an event as a selection has it, with what must come before; nothing if it does not want any
// of it. encode is the event itself in the selection's format.
func (s *Selection) append(dst []byte, e *Event, encode func() []byte) []byte {
	for i := range e.Earlier {
		dst = s.appendEarlier(dst, e, &e.Earlier[i])
	}
	if s.Match(e) {
		dst = append(dst, encode()...)
	}
	return dst
}

// appendEarlier appends messages that belong before e to those who know of what they tell since e alone. Their place
// in the log is the one before: whoever comes back to it gets e.
func (s *Selection) appendEarlier(dst []byte, e *Event, earlier *Earlier) []byte {
	if !earlier.Tags.Meet(s.Tags) || earlier.Before.Meet(s.Tags) {
		return dst
	}
	for _, m := range earlier.Messages {
		before := Event{Sequence: e.Sequence - 1, Server: e.Server, Class: earlier.Class, Message: m, Tags: earlier.Tags}
		if s.Match(&before) {
			dst = s.Format.Append(dst, &before)
		}
	}
	return dst
}

// label has the Labeller look at an event.
func (f *Feed) label(e *Event) {
	if f.labeller == nil {
		return
	}
	if e.afterLoss {
		f.labeller.Lost()
	}
	f.labeller.Label(e)
}
