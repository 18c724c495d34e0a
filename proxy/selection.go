package proxy

import (
	"fmt"

	"github.com/astproxy/astproxy/access"
	"github.com/astproxy/astproxy/ami"
	"github.com/astproxy/astproxy/filters"
	"github.com/astproxy/astproxy/proxy/feed"
)

// selection is the events of a user who asked for mask, and added filters to those he has, in an
// encoding. An event is sent if all its classes are in both his rights and mask (manager.c,
// process_events). nil is no events at all.
func (p *Proxy) selection(user *access.User, mask ami.Class, added filters.Set, e Encoding) *feed.Selection {
	seen := user.Read() & mask
	if seen == 0 {
		return nil
	}
	set, redaction := user.Filters().Plus(added), user.Redaction()
	sees := newSight(user)
	return &feed.Selection{
		Hints:  hints(user, set),
		Tags:   sees.since(),
		Key:    fmt.Sprintf("%s %x %q %q %s %s", e.key(), uint32(seen), redaction.Key(), user.OnlyKey(), sees.key(), set.Key()),
		Format: events{e, p.epoch, redaction},
		Match: func(e *feed.Event) bool {
			if e.Class&^seen != 0 || !user.SeesEventsNamed(e.Message.Event()) {
				return false
			}
			if !sees.event(e) {
				return false
			}
			if set.Len() == 0 {
				return true
			}
			// By what he sees: or a filter of his own would tell him what he does not.
			return set.Passes(redaction.Apply(e.Message))
		},
	}
}

// hints are what the feed finds a selection by. A redaction changes what the filters see, so with one
// they give none. Whose events are told by their tags is found by these: his filters may be about something that comes
// before an event.
func hints(user *access.User, set filters.Set) (all []feed.Hint) {
	sees := newSight(user)
	if all := sees.hints(); all != nil {
		return all
	}
	narrow, ok := set.Hints()
	if !ok || user.Redaction() != nil {
		for _, name := range user.OnlyEvents() {
			all = append(all, feed.Hint{Event: name})
		}
		return all
	}
	for _, h := range narrow {
		all = append(all, feed.Hint{Event: h.Event, Header: h.Header, Value: h.Value, Prefix: h.Prefix})
	}
	return all
}
