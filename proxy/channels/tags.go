package channels

import "github.com/astproxy/astproxy/proxy/feed"

// ChannelTags are the tags of a channel that is there, by its name, without case, or else by its Uniqueid, or of one that
// was, by its Uniqueid. Any goroutine.
func (t *Tracker) ChannelTags(nameOrUniqueid string) feed.Tags {
	t.mu.Lock()
	defer t.mu.Unlock()
	if c := t.find(nameOrUniqueid); c != nil {
		return c.Tags
	}
	tags, _ := t.ended.Peek(nameOrUniqueid)
	return tags
}

// BridgeTags are the tags of all channels that ever were in a bridge that is there. Any goroutine.
func (t *Tracker) BridgeTags(bridgeUniqueid string) feed.Tags {
	t.mu.Lock()
	defer t.mu.Unlock()
	if b, known := t.bridges.Peek(bridgeUniqueid); known {
		return b.tags
	}
	return nil
}
