package channels

import (
	"sync"

	"github.com/hashicorp/golang-lru/v2/simplelru"

	"github.com/astproxy/astproxy/proxy/feed"
)

// DefaultLimit is how many channels of a server are remembered, about 2 KiB each: a call has two or three.
const DefaultLimit = 20_000

// maxEnded is how many channels are remembered that have hung up, for the records of calls that come behind.
const maxEnded = 2_000

// Tracker knows the channels of one Asterisk.
type Tracker struct {
	mu      sync.Mutex
	rule    Rule
	nobodys bool                             // the rule gives no tags
	byID    *simplelru.LRU[string, *channel] // by Uniqueid; its eviction forgets the rest
	byName  map[string]*channel              // by the name as it is compared
	bridges *simplelru.LRU[string, *bridge]  // by BridgeUniqueid
	ended   *simplelru.LRU[string, feed.Tags]
	calls   *simplelru.LRU[string, feed.Tags] // by Linkedid: what its channels have had by themselves
	filled  bool

	born   uint64     // channels ever seen
	events uint64     // looked at
	walks  uint64     // through calls
	gains  []gain     // of the event at hand
	call   []*channel // a walk's memory, used again
}

// New makes a Tracker of at most limit channels that knows none.
func New(limit int) *Tracker {
	t := &Tracker{rule: Rules{}, nobodys: true, byName: map[string]*channel{}}
	t.byID, _ = simplelru.NewLRU(limit, func(_ string, c *channel) { t.forgotten(c) })
	t.bridges, _ = simplelru.NewLRU(limit, func(_ string, b *bridge) { dissolve(b) })
	t.ended, _ = simplelru.NewLRU[string, feed.Tags](min(limit, maxEnded), nil)
	t.calls, _ = simplelru.NewLRU[string, feed.Tags](limit, nil)
	return t
}

// Lookup finds a channel by its name, without case, or its Uniqueid. What is not known yet, though the server
// has it, is not found. Any goroutine.
func (t *Tracker) Lookup(nameOrUniqueid string) (Channel, bool) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if c := t.find(nameOrUniqueid); c != nil {
		return c.known(), true
	}
	return Channel{}, false
}

// Others are the channels that are in the same bridge as one, in the order in which they were made. Any goroutine.
func (t *Tracker) Others(nameOrUniqueid string) []Channel {
	t.mu.Lock()
	defer t.mu.Unlock()
	c := t.find(nameOrUniqueid)
	if c == nil || c.bridge == nil {
		return nil
	}
	var all []Channel
	for _, member := range inOrder(c.bridge.members) {
		if member != c {
			all = append(all, member.known())
		}
	}
	return all
}

// Filled tells whether the channels that were there when the server was connected to are known. Any goroutine.
func (t *Tracker) Filled() bool {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.filled
}

// Len is how many channels are known. Any goroutine.
func (t *Tracker) Len() int {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.byID.Len()
}

// Reset forgets everything but the Rule. Any goroutine.
func (t *Tracker) Reset() {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.reset()
}

func (t *Tracker) reset() {
	t.byID.Purge()
	t.bridges.Purge()
	t.ended.Purge()
	t.calls.Purge()
	clear(t.byName)
	t.filled = false
}

// SetRule says from now on whose the channels are. Those that are there have the tags that the rule gives them,
// and keep what they have come to have where it would give that to them, too. Any goroutine.
func (t *Tracker) SetRule(r Rule) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.rule = r
	rules, several := r.(Rules)
	t.nobodys = several && len(rules) == 0
	for _, b := range t.bridges.Values() {
		b.tags = nil
	}
	t.calls.Purge()
	all := t.byID.Values()
	for _, c := range all {
		t.judgeAgain(c)
	}
	for _, c := range all {
		t.linkCall(c)
		t.gain(c, c.Tags.With(c.own))
	}
	for _, c := range all {
		t.join(c)
	}
	t.gains = t.gains[:0] // nobody is told: this is no event
}

// judgeAgain gives a channel the tags of a new rule.
func (t *Tracker) judgeAgain(c *channel) {
	before := c.Tags
	c.Tags = nil // the old rule's
	own, kept := t.rule.Own(&c.Channel), feed.Tags(nil)
	for _, tag := range before {
		if t.rule.Join(tag, &c.Channel) == Apart {
			continue
		}
		kept = kept.With(feed.Tags{tag})
		if c.own.Has(tag) {
			own = own.With(feed.Tags{tag})
		}
	}
	c.own, c.Tags = own, own.With(kept)
	if c.bridge != nil {
		c.bridge.tags = c.bridge.tags.With(c.Tags)
	}
}

// find looks a channel up. With mu held.
func (t *Tracker) find(nameOrUniqueid string) *channel {
	if c := t.named(nameOrUniqueid); c != nil {
		return c
	}
	c, _ := t.byID.Peek(nameOrUniqueid)
	return c
}

// named finds a channel by name. With mu held.
func (t *Tracker) named(name string) *channel {
	var buffer [maxName]byte
	return t.byName[string(lowered(&buffer, name))]
}

// known is a copy for those outside.
func (c *channel) known() Channel {
	known := c.Channel
	if c.bridge != nil {
		known.Bridge = c.bridge.id
	}
	for _, other := range c.dials {
		known.Dials = append(known.Dials, other.Uniqueid)
	}
	return known
}
