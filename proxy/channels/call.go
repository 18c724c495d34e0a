package channels

import (
	"cmp"
	"slices"

	"github.com/astproxy/astproxy/proxy/feed"
)

// enter puts a channel into a bridge, and out of any other.
func (t *Tracker) enter(c *channel, id string) {
	if c.bridge != nil && c.bridge.id == id {
		return
	}
	c.leave()
	b, known := t.bridges.Get(id)
	if !known {
		b = &bridge{}
		set(&b.id, id)
		t.bridges.Add(b.id, b)
	}
	b.members = append(b.members, c)
	c.bridge = b
	b.tags = b.tags.With(c.Tags)
	t.join(c)
}

func (c *channel) leave() {
	if c.bridge == nil {
		return
	}
	c.bridge.members = without(c.bridge.members, c)
	c.bridge = nil
}

// dissolve lets go of a bridge that is not known any more.
func dissolve(b *bridge) {
	for _, c := range b.members {
		c.bridge = nil
	}
	b.members = nil
}

// dial says that two channels are being dialled with each other.
func (t *Tracker) dial(c, other *channel) {
	if c == other || slices.Contains(c.dials, other) {
		return
	}
	c.dials, other.dials = append(c.dials, other), append(other.dials, c)
	t.join(c)
}

// endDial says that they are not any more; all of its dials, where other is nil.
func (c *channel) endDial(other *channel) {
	if other != nil {
		c.dials, other.dials = without(c.dials, other), without(other.dials, c)
		return
	}
	for _, other := range c.dials {
		other.dials = without(other.dials, c)
	}
	c.dials = nil
}

func without(all []*channel, c *channel) []*channel {
	return slices.DeleteFunc(all, func(other *channel) bool { return other == c })
}

// walk finds everybody who is in one call with a channel at the moment, itself first: by bridges, dials and the
// two halves of Local channels. What it returns is good until the next walk.
func (t *Tracker) walk(from *channel) []*channel {
	t.walks++
	t.call = t.call[:0]
	reach := func(c *channel) {
		if c != nil && c.walked != t.walks {
			c.walked = t.walks
			t.call = append(t.call, c)
		}
	}
	reach(from)
	for i := 0; i < len(t.call); i++ {
		c := t.call[i]
		if c.bridge != nil {
			for _, member := range c.bridge.members {
				reach(member)
			}
		}
		for _, other := range c.dials {
			reach(other)
		}
		if other, local := otherHalf(c.Name); local {
			reach(t.named(other))
		}
	}
	return t.call
}

// join gives those who are in one call with a channel what tags they hand on to each other.
func (t *Tracker) join(c *channel) {
	call := t.walk(c)
	if len(call) < 2 {
		return
	}
	var handed []string
	for _, c := range call {
		handed = append(handed, c.own...)
	}
	if len(handed) == 0 {
		return
	}
	own := feed.NewTags(handed...)
	var last, missing, grown feed.Tags // most of a conference have the same ones: reckoned once
	for i, c := range call {
		if i == 0 || !slices.Equal(c.Tags, last) {
			last, missing, grown = c.Tags, own.Without(c.Tags), nil
		}
		if len(missing) == 0 {
			continue
		}
		gained, handsOn := t.joining(c, missing)
		if len(gained) == len(missing) && grown != nil {
			t.gain(c, grown)
		} else {
			before := c.Tags
			t.gain(c, before.With(gained))
			if len(gained) == len(missing) {
				grown = c.Tags
			}
		}
		if len(handsOn) > 0 {
			c.own = c.own.With(handsOn)
			call, _ := t.calls.Get(c.Linkedid)
			t.noteCall(c, call)
		}
	}
}

// joining are those of the tags that a channel comes to have, and of them those it hands on.
func (t *Tracker) joining(c *channel, tags feed.Tags) (gained, handsOn feed.Tags) {
	for _, tag := range tags {
		switch t.rule.Join(tag, &c.Channel) {
		case Apart:
		case Joined:
			handsOn = append(handsOn, tag)
			gained = append(gained, tag)
		case Shown:
			gained = append(gained, tag)
		}
	}
	return gained, handsOn
}

// gain is a channel whose tags have grown by the event at hand.
type gain struct {
	channel *channel
	before  feed.Tags
}

// gain gives a channel more tags.
func (t *Tracker) gain(c *channel, tags feed.Tags) {
	if len(tags) == len(c.Tags) {
		return // none are ever lost
	}
	if c.gained != t.events {
		c.gained = t.events
		t.gains = append(t.gains, gain{c, c.Tags})
	}
	c.Tags = tags
	if c.bridge != nil {
		c.bridge.tags = c.bridge.tags.With(tags)
	}
}

// inOrder are channels in the order they were made in.
func inOrder(all []*channel) []*channel {
	return slices.SortedFunc(slices.Values(all), func(a, b *channel) int { return cmp.Compare(a.born, b.born) })
}
