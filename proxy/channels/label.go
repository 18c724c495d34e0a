package channels

import (
	"cmp"
	"slices"

	"github.com/astproxy/astproxy/ami"
	"github.com/astproxy/astproxy/proxy/feed"
)

// NoChannel is the tag of what names no channel at all: it is about a device, a queue, or the server.
const NoChannel = "no channel"

// NoTags are the Tags of such an event.
var NoTags = feed.Tags{NoChannel}

// Label learns from the server's next event and says whose it is: the tags of all channels that it names, or NoChannel.
// Where channels have come to have more tags by it, what was told of them before comes Earlier. For feed.Labeller,
// whose Label says when it is called. hidden says that the message is the proxy's own: an item of CoreShowChannels
// or its end, or ServerLost.
func (t *Tracker) Label(e *feed.Event) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.events++
	t.gains = t.gains[:0]
	m, name := e.Message, e.Message.Event()
	if e.Hidden() {
		if learn := hiddenLessons[name]; learn != nil {
			learn(t, m)
		}
		return
	}
	if learn := lessons[name]; learn != nil {
		learn(t, m)
	}
	e.Tags = t.tags(m, e.Class)
	if len(t.gains) > 0 {
		e.Earlier = t.earlier()
	}
	t.keep(name, m)
}

// keep is for what must be as it was before while an event is judged.
func (t *Tracker) keep(name string, m ami.Message) {
	switch name {
	case "Newchannel":
		if c := t.id(m, "Uniqueid"); c != nil {
			c.Newchannel = m
		}
	case "Newstate":
		if c := t.id(m, "Uniqueid"); c != nil {
			c.Newstate = m
		}
	case "Hangup":
		t.hangup(m)
	case "BridgeDestroy":
		t.bridges.Remove(m.Get("BridgeUniqueid"))
	}
}

// earlier is what was told before of the channels that have come to have more tags.
func (t *Tracker) earlier() (all []feed.Earlier) {
	slices.SortFunc(t.gains, func(a, b gain) int { return cmp.Compare(a.channel.born, b.channel.born) })
	for _, g := range t.gains {
		if g.channel.Newchannel.IsZero() {
			continue // the event at hand is its first
		}
		before := feed.Earlier{Tags: g.channel.Tags, Before: g.before, Class: ami.ClassCall, Messages: []ami.Message{g.channel.Newchannel}}
		if !g.channel.Newstate.IsZero() {
			before.Messages = append(before.Messages, g.channel.Newstate)
		}
		all = append(all, before)
	}
	return all
}

// TagsOf says whose a message is that is for somebody alone, such as an item of a list: by the channels it
// names, and if it tells of one, by what it says of it, for that can be newer than the last event. Any goroutine.
func (t *Tracker) TagsOf(m ami.Message) feed.Tags {
	t.mu.Lock()
	defer t.mu.Unlock()
	tags := t.tags(m, ami.ClassNone)
	if m.Get("Channel") == "" {
		return tags
	}
	return tags.With(t.wouldOwn(m))
}

// wouldOwn are the tags of a channel that is as a message says.
func (t *Tracker) wouldOwn(m ami.Message) feed.Tags {
	return t.rule.Own(&Channel{
		Name: m.Get("Channel"), Uniqueid: m.Get("Uniqueid"), Context: m.Get("Context"),
		AccountCode: cmp.Or(m.Get("AccountCode"), m.Get("Account")),
	})
}

// tags are those of all channels that a message names. What a client may have written of it names none.
func (t *Tracker) tags(m ami.Message, class ami.Class) (tags feed.Tags) {
	if t.nobodys {
		return tagsOfNobody(m)
	}
	named, end := false, m.Len()
	if class&ami.ClassUser != 0 {
		end = max(0, m.Index("UserEvent")) // before it stands what Asterisk says of the channel (stasis.c, multi_user_event_to_ami)
	}
	for i := 1; i < m.Len(); i++ {
		name, value := m.Header(i)
		what := ami.HeaderNamesChannel(name)
		if what == ami.NoChannelHeader || isNone(value) {
			continue
		}
		named = true
		if i < end {
			tags = tags.With(t.tagsNamed(what, value))
		}
	}
	switch {
	case !named:
		return NoTags
	case len(tags) > 0:
		return tags
	}
	return t.tagsOfOthers(m, end)
}

// tagsOfNobody are those of a message where all channels are nobody's.
func tagsOfNobody(m ami.Message) feed.Tags {
	for i := 1; i < m.Len(); i++ {
		if name, value := m.Header(i); ami.HeaderNamesChannel(name) != ami.NoChannelHeader && !isNone(value) {
			return nil
		}
	}
	return NoTags
}

// tagsNamed are those of a channel that is named in one way or another.
func (t *Tracker) tagsNamed(by ami.ChannelHeader, value string) feed.Tags {
	var c *channel
	switch by {
	case ami.ChannelUniqueid:
		c, _ = t.byID.Get(value)
	case ami.ChannelName:
		c = t.named(value)
	default:
	}
	if c == nil {
		return nil
	}
	return c.Tags
}

// tagsOfOthers are those of an event that names no channel that is somebody's: it may be about a bridge, or about
// channels that are not there any more, or have never come to be.
func (t *Tracker) tagsOfOthers(m ami.Message, end int) feed.Tags {
	if end < m.Len() {
		return nil // a client's text
	}
	switch m.Event() {
	case "Cdr", "CEL":
		// A record can come before its channel's Newchannel, and behind its Hangup.
		tags, _ := t.ended.Get(m.Get("Uniqueid"))
		return tags.With(t.wouldOwn(m))
	case "OriginateResponse":
		if isNone(m.Get("Uniqueid")) { // its Channel is what was to be called
			return t.wouldOwn(m)
		}
		return nil
	}
	if namesChannel(m) {
		return nil
	}
	if b, known := t.bridges.Peek(m.Get("BridgeUniqueid")); known {
		return b.tags
	}
	if c := t.id(m, "Linkedid"); c != nil {
		return c.Tags
	}
	return nil
}

// namesChannel tells whether a message names a channel itself, and not only its bridge or call.
func namesChannel(m ami.Message) bool {
	for name, value := range m.All() {
		if n := ami.HeaderNamesChannel(name); (n == ami.ChannelName || n == ami.ChannelUniqueid) && !isNone(value) {
			return true
		}
	}
	return false
}

// isNone tells whether a header's value stands for no channel, as Asterisk writes it.
func isNone(value string) bool {
	switch value {
	case "", "<none>", "<null>", "(null)", "(None)", "<unknown>", "None", "N/A":
		return true
	}
	return false
}
