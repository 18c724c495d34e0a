package ami

import "strings"

// OpensList tells whether a response says that list items follow: EventList: start, in any
// case. The word "follow" in Message says nothing, Command has it too.
func (m Message) OpensList() bool {
	return strings.EqualFold(m.Get("EventList"), "start")
}

// ClosesList tells whether an event is the last of its list. Versions before EventList end a
// list by an event whose name ends in Complete.
func (m Message) ClosesList() bool {
	if i := m.Index("EventList"); i >= 0 {
		_, v := m.Header(i)
		return strings.EqualFold(v, "Complete")
	}
	const suffix = "Complete"
	name := m.Event()
	return len(name) >= len(suffix) && strings.EqualFold(name[len(name)-len(suffix):], suffix)
}
