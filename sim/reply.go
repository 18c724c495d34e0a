package sim

import (
	"strconv"

	"github.com/astproxy/astproxy/ami"
)

// What an action answers goes out through these, in Asterisk's shapes (manager.c, astman_send_*). They
// return false when the session is over.

// send writes one block.
func (c *session) send(b *ami.Builder) bool {
	return c.write(appendBlock(nil, event{message: b.Message()}))
}

// success begins a successful response.
func success(m ami.Message) *ami.Builder { return ami.NewResponse("Success", m.ActionID()) }

func (c *session) ack(m ami.Message, text string) bool {
	return c.send(success(m).Add("Message", text))
}

func (c *session) fail(m ami.Message, text string) bool {
	return c.send(ami.NewResponse("Error", m.ActionID()).Add("Message", text))
}

// beginList says that list items follow.
func (c *session) beginList(m ami.Message, text string) bool {
	b := success(m)
	if !c.server.faults.noEventList.Load() {
		b.Add("EventList", "start")
	}
	return c.send(b.Add("Message", text))
}

// item begins a list item, its ActionID second as most have it.
func item(m ami.Message, name string) *ami.Builder {
	return ami.NewEvent(name).AddNonEmpty("ActionID", m.ActionID())
}

// endList ends a list of n items.
func (c *session) endList(m ami.Message, name string, n int) bool {
	return c.send(c.listEnd(m, name, n))
}

func (c *session) listEnd(m ami.Message, name string, n int) *ami.Builder {
	b := item(m, name)
	if !c.server.faults.noEventList.Load() {
		b.Add("EventList", "Complete").Add("ListItems", strconv.Itoa(n))
	}
	return b
}

// list answers with a whole list.
func (c *session) list(m ami.Message, text, complete string, items []*ami.Builder) bool {
	if !c.beginList(m, text) {
		return false
	}
	for _, b := range items {
		if !c.send(b) {
			return false
		}
	}
	return c.endList(m, complete, len(items))
}
