package channels

import "github.com/astproxy/astproxy/proxy/feed"

// Rule says whose channels are. It is replaced as a whole, never changed. Its methods are called with the
// Tracker's lock held: they must not call the Tracker, nor keep or change the Channel.
type Rule interface {
	// Own are the tags a channel has by itself: by what it is called, where it is, and whose account it has. It is
	// asked when the channel is first seen, and when one of these has changed; a tag, once given, stays.
	Own(c *Channel) feed.Tags
	// Join says what becomes of a channel that is in one call, by dial or bridge, with one that has the tag.
	Join(tag string, c *Channel) Joining
}

// Joining is what becomes of a channel that is in one call with one that has a tag.
type Joining int

// What can become of it.
const (
	Apart  Joining = iota // the channel is none of theirs
	Shown                 // the channel has the tag, too, as long as it lives, but hands it on to nobody
	Joined                // the channel has the tag as if it had it by itself
)

// Rules is the Rule that several make together; without any, all channels are nobody's. Their tags differ: one is a tag of
// the first of them that joins it to anything.
type Rules []Rule

// Own implements Rule.
func (r Rules) Own(c *Channel) (tags feed.Tags) {
	for _, each := range r {
		tags = tags.With(each.Own(c))
	}
	return tags
}

// Join implements Rule.
func (r Rules) Join(tag string, c *Channel) Joining {
	for _, each := range r {
		if j := each.Join(tag, c); j != Apart {
			return j
		}
	}
	return Apart
}
