package host

import "github.com/astproxy/astproxy/plugins"

// interest is which events anybody in here wants to hear. It never changes; most events interest nobody, and are not
// even queued: to wake goroutines for them would cost more than all else that becomes of an event.
type interest struct {
	all   bool
	names map[string]struct{}
}

// interestOf is what a plugin that hears is interested in.
func interestOf(h plugins.Hearer) *interest {
	c, chooses := h.(plugins.Chooser)
	if !chooses {
		return &interest{all: true}
	}
	i := &interest{names: map[string]struct{}{}}
	for _, name := range c.Hears() {
		i.names[name] = struct{}{}
	}
	return i
}

// has tells whether an event of that name is of interest.
func (i *interest) has(event string) bool {
	if i.all {
		return true
	}
	_, has := i.names[event]
	return has
}

// renewInterest puts together what all want, with mu held.
func (h *hub) renewInterest() {
	sum := &interest{all: len(h.followings) > 0, names: map[string]struct{}{}}
	if h.triggering {
		sum.names["UserEvent"] = struct{}{}
	}
	for _, i := range h.hearers {
		sum.all = sum.all || i.all
		for name := range i.names {
			sum.names[name] = struct{}{}
		}
	}
	h.interest.Store(sum)
}
