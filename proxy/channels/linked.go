package channels

import (
	"strings"

	"github.com/astproxy/astproxy/proxy/feed"
)

// Linker is a Rule by which a channel can be somebody's from its beginning, because it was made in a call of his: what
// a channel calls has the Linkedid of the caller long before Asterisk says that it is being dialled.
type Linker interface {
	// Linked are those of a call's tags that a channel of it has as if it had them by itself. The call's are those that
	// any channel with its Linkedid ever had by itself. It is called as Own is.
	Linked(call feed.Tags, c *Channel) feed.Tags
}

// Linked implements Linker.
func (r Rules) Linked(call feed.Tags, c *Channel) (tags feed.Tags) {
	for _, each := range r {
		if l, is := each.(Linker); is {
			tags = tags.With(l.Linked(call, c))
		}
	}
	return tags
}

// linkCall gives a channel what it has of its call, and the call what it has of the channel.
func (t *Tracker) linkCall(c *channel) {
	if c.Linkedid == "" {
		return
	}
	call, _ := t.calls.Get(c.Linkedid)
	if l, is := t.rule.(Linker); is && len(call) > 0 {
		c.own = c.own.With(l.Linked(call, &c.Channel))
	}
	t.noteCall(c, call)
}

// noteCall keeps whose a channel's call is.
func (t *Tracker) noteCall(c *channel, call feed.Tags) {
	if more := call.With(c.own); len(more) > len(call) {
		t.calls.Add(c.Linkedid, more)
	}
}

// NoteCall says that a channel of the call with that Linkedid has tags by itself, of which no event has told that the
// Tracker learns from. In the place of the log where Label is called.
func (t *Tracker) NoteCall(linkedid string, tags feed.Tags) {
	if linkedid == "" {
		return
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	call, _ := t.calls.Get(linkedid)
	if more := call.With(tags); len(more) > len(call) {
		t.calls.Add(strings.Clone(linkedid), more)
	}
}

// CallTags are the tags that channels with that Linkedid have had by themselves. Any goroutine.
func (t *Tracker) CallTags(linkedid string) feed.Tags {
	t.mu.Lock()
	defer t.mu.Unlock()
	tags, _ := t.calls.Peek(linkedid)
	return tags
}
