package access

import (
	"strings"

	"github.com/astproxy/astproxy/ami"
)

// thing is what a header names.
type thing uint8

const (
	nothing        thing = iota
	anything             // nobody knows: it must not be another's, whatever it may be
	text                 // a text in which names may stand
	appData              // arguments of an application: besides, the first may be a queue or a context
	aChannel             // a channel, by name or Uniqueid
	aDestination         // what was to be called, or the channel that came of it
	isDialled            // what can be called, and nothing besides
	aDevice              // a device in one of its forms
	devices              // several
	names                // several channels or devices
	aPJSIPEndpoint       // its name without the technology
	anIAXPeer
	aSIPPeer
	anAgent
	aQueue
	aConference
	aContext
	anAccount
	aMailbox
	mailboxes
	aBridge

	// Parts of what an event says of a channel: together they tell whose that is.
	snapshotChannel
	snapshotUniqueid
	snapshotContext
	snapshotAccount
	snapshotLinkedid // besides, it is the Uniqueid of a channel
)

// naming is what a header of an event means for whose the event is.
type naming struct {
	thing    thing
	required bool  // it must be the tenant's; else it must not be another's
	of       uint8 // which of the event's channels it tells of
}

// thingOwner is whose that is which a header names.
func (t *Tenants) thingOwner(what thing, value string, known Channels) (o owner) {
	switch what {
	case aChannel, snapshotLinkedid:
		return t.channel(value, known)
	case aDestination:
		return t.destination(value, known)
	case isDialled:
		return t.dialled(value)
	case aDevice:
		return t.device(value)
	case devices:
		return t.devices(value)
	case names:
		for name := range strings.FieldsFuncSeq(value, isSeparator) {
			o = o.and(t.destination(name, known))
		}
	case aPJSIPEndpoint:
		return t.endpoints.owner("PJSIP/" + value)
	case anIAXPeer:
		return t.endpoints.owner("IAX2/" + value)
	case aSIPPeer:
		return t.endpoints.owner("SIP/" + value)
	case anAgent:
		return t.endpoints.owner("Agent/" + value)
	case aQueue:
		return t.queues.owner(value)
	case aConference:
		return t.conferences.owner(value)
	case aContext:
		return t.contexts.owner(value)
	case anAccount:
		return t.accounts.owner(value)
	case aMailbox:
		return t.mailbox(value)
	case mailboxes:
		for name := range strings.FieldsFuncSeq(value, isSeparator) {
			o = o.and(t.mailbox(name))
		}
	case aBridge:
		if known != nil {
			return t.tagged(known.BridgeTags(value))
		}
	case text:
		return t.within(value, known)
	case appData:
		first, _, _ := strings.Cut(value, ",")
		return t.within(value, known).and(t.place(first))
	case anything:
		return t.whatever(value, known)
	}
	return o
}

// channel is whose a channel is: by its name, and by what it is known to have to do with.
func (t *Tenants) channel(nameOrUniqueid string, known Channels) owner {
	o := t.channelNamed(nameOrUniqueid)
	if known != nil {
		o = o.and(t.tagged(known.ChannelTags(nameOrUniqueid)))
	}
	return o
}

// destination is whose that is which was to be called, or the channel that has come of it. A Local channel ends in the
// number of its half, without which what stands behind the - is a part of its context.
func (t *Tenants) destination(value string, known Channels) owner {
	if len(value) > 6 && strings.EqualFold(value[:6], "Local/") && !strings.HasSuffix(value, ";1") && !strings.HasSuffix(value, ";2") {
		return t.device(value)
	}
	return t.channel(value, known).and(t.device(value))
}

// within is whose the channels and devices are that a text names: words with a / in them.
func (t *Tenants) within(value string, known Channels) (o owner) {
	if !strings.ContainsRune(value, '/') {
		return nobody
	}
	for word := range strings.FieldsFuncSeq(value, func(r rune) bool {
		return strings.ContainsRune(" \t,&|^()[]{}\"'=", r)
	}) {
		if strings.ContainsRune(word, '/') {
			o = o.and(t.destination(word, known))
		}
	}
	return o
}

// place is whose a queue, context or room of that name is. A number is too often something else.
func (t *Tenants) place(name string) owner {
	if strings.Trim(name, "0123456789") == "" {
		return nobody
	}
	return t.contexts.owner(name).and(t.queues.owner(name)).and(t.conferences.owner(name))
}

// whatever is whose a thing of an unknown kind can be. A number is not taken for a room or an account that is called so.
func (t *Tenants) whatever(value string, known Channels) owner {
	o := t.within(value, known).and(t.channel(value, known)).and(t.place(value))
	if strings.Trim(value, "0123456789") == "" {
		return o
	}
	return o.and(t.endpoints.owner(value)).and(t.accounts.owner(value))
}

// snapshot is what an event says of one of its channels.
type snapshot struct {
	there  bool
	named  owner // by the name, which decides, or what is known of it
	places owner // by what else is said of it
	call   owner // whose the call is that it is a part of
}

// owner is whose the channel is. A call of several, though, makes none of their own channels somebody else's.
func (s *snapshot) owner() owner {
	o := s.named.and(s.places)
	if s.call == contested && o != nobody {
		return o
	}
	return o.and(s.call)
}

// ownership is whose a message is, and what decides it.
type ownership struct {
	owner  owner
	header string // what is another's, or nobody's, or would make it somebody's; "": nothing is anybody's
	value  string
}

// eventOwner is whose an event or an item of a list is. It is a tenant's if it names something of his, nothing of
// another tenant's, and nothing that could be another's and is nobody's. tags are what else is known of the event's
// channels and bridges.
func (t *Tenants) eventOwner(m ami.Message, known Channels, tags []string) ownership {
	kind, is := tenantEvents[m.Event()]
	if !is {
		return ownership{header: "Event", value: m.Event()}
	}
	var (
		all       owner
		snapshots [maxSnapshots]snapshot
		end       = m.Len()
	)
	if kind.userEvent { // what stands behind is text of whoever made it
		end = max(m.Index("UserEvent"), 0)
	}
	for i := 1; i < end; i++ {
		header, value := m.Header(i)
		if isNone(value) {
			continue
		}
		n := kind.naming(header)
		switch n.thing {
		case nothing:
			continue
		case snapshotChannel, snapshotUniqueid:
			s := &snapshots[n.of]
			s.there = true
			s.named = s.named.and(t.channel(value, known))
			continue
		case snapshotLinkedid:
			if known != nil {
				snapshots[n.of].call = t.tagged(known.CallTags(value))
			}
		case snapshotContext:
			snapshots[n.of].places = snapshots[n.of].places.and(t.contexts.owner(value))
			continue
		case snapshotAccount:
			snapshots[n.of].places = snapshots[n.of].places.and(t.accounts.owner(value))
			continue
		}
		o := t.thingOwner(n.thing, value, known)
		if o == nobody && n.required {
			return ownership{header: header, value: value}
		}
		if all = all.and(o); all == contested {
			return ownership{contested, header, value}
		}
	}
	for i := range snapshots {
		s := &snapshots[i]
		o := s.owner()
		if o == nobody && s.there {
			return ownership{header: snapshotPrefixes[i] + "Channel"}
		}
		if all = all.and(o); all == contested {
			return ownership{contested, snapshotPrefixes[i] + "Channel", ""}
		}
	}
	if kind.bridge {
		all = all.and(t.tagged(tags))
	}
	return ownership{owner: all}
}

// EventTag is the tag of the tenant an event belongs to; "" is of none. tags are those of all channels that are known
// to have to do with it.
func (t *Tenants) EventTag(m ami.Message, known Channels, tags []string) string {
	if t == nil {
		return ""
	}
	return t.tag(t.eventOwner(m, known, tags).owner)
}

// isNone tells whether a value stands for nothing, as Asterisk writes it.
func isNone(value string) bool {
	switch value {
	case "", "<none>", "<null>", "(null)", "(None)", "<unknown>", "None", "none", "N/A", "n/a":
		return true
	}
	return false
}
