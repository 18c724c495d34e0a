package proxy

import (
	"slices"

	"github.com/astproxy/astproxy/access"
	"github.com/astproxy/astproxy/ami"
	"github.com/astproxy/astproxy/proxy/channels"
	"github.com/astproxy/astproxy/proxy/feed"
)

// tenantRule makes channels those of tenants. One whose own name says whose it is stays that; any other, a trunk's
// above all, is also of whom it is in a call with.
type tenantRule struct{ tenants *access.Tenants }

// Own implements channels.Rule.
func (r tenantRule) Own(c *channels.Channel) feed.Tags {
	if tag, _ := r.tenants.ChannelTag(c.Name, c.Context, c.AccountCode); tag != "" {
		return feed.Tags{tag}
	}
	return nil
}

// Join implements channels.Rule.
func (r tenantRule) Join(tag string, c *channels.Channel) channels.Joining {
	if !access.IsTenantTag(tag) {
		return channels.Apart
	}
	if own, byName := r.tenants.ChannelTag(c.Name, c.Context, c.AccountCode); byName && own != tag {
		return channels.Apart
	}
	return channels.Joined
}

// Linked implements channels.Linker: a channel in a call of one tenant's is his, unless its name says otherwise.
func (r tenantRule) Linked(call feed.Tags, c *channels.Channel) feed.Tags {
	tag := ""
	for _, each := range call {
		switch {
		case !access.IsTenantTag(each):
		case tag != "":
			return nil // of two
		default:
			tag = each
		}
	}
	if tag == "" || r.Join(tag, c) == channels.Apart {
		return nil
	}
	return feed.Tags{tag}
}

// serverChannels is what is known of a server's channels, for who judges by it.
type serverChannels struct{ tracker *channels.Tracker }

// ChannelTags implements access.Channels.
func (c serverChannels) ChannelTags(nameOrUniqueid string) []string {
	return c.tracker.ChannelTags(nameOrUniqueid)
}

// BridgeTags implements access.Channels.
func (c serverChannels) BridgeTags(bridgeUniqueid string) []string {
	return c.tracker.BridgeTags(bridgeUniqueid)
}

// CallTags implements access.Channels.
func (c serverChannels) CallTags(linkedid string) []string { return c.tracker.CallTags(linkedid) }

// Judge decides on an action that a user would send to a server, by what is known of that server's channels. Any
// goroutine.
func (p *Proxy) Judge(user *access.User, server, name string, class ami.Class, action ami.Message) access.Decision {
	s := p.server(server)
	if s == nil {
		return user.Judge(name, class, action)
	}
	return user.JudgeKnowing(serverChannels{s.tracker}, name, class, action)
}

// labelForTenant leaves an event that its tracker has labelled the tag of the tenant whose it is, by everything it
// names, or of none: its channels alone do not say.
func labelForTenant(tenants *access.Tenants, s *server, e *feed.Event) {
	if tenants == nil || e.Hidden() {
		return
	}
	known := serverChannels{s.tracker}
	tag := tenants.EventTag(e.Message, known, e.Tags)
	e.Tags = ofTenant(e.Tags, tag)
	if tag != "" && e.Message.Event() == "CEL" {
		// These have an order of their own, and may come before the first event of their channel.
		s.tracker.NoteCall(e.Message.Get("LinkedID"), feed.Tags{tag})
	}
	for i := range e.Earlier {
		earlier := &e.Earlier[i]
		earlier.Tags = ofTenant(earlier.Tags, earlierTag(tenants, known, earlier.Messages))
	}
}

// earlierTag is the tag of the tenant whose all of the messages are.
func earlierTag(tenants *access.Tenants, known access.Channels, messages []ami.Message) (tag string) {
	for i, m := range messages {
		switch its := tenants.EventTag(m, known, nil); {
		case i == 0:
			tag = its
		case its != tag:
			return ""
		}
	}
	return tag
}

// ofTenant are the tags with that of one tenant, or of none where it is "".
func ofTenant(tags feed.Tags, tenant string) feed.Tags {
	same := tenant == "" || tags.Has(tenant)
	for _, tag := range tags {
		if access.IsTenantTag(tag) && tag != tenant {
			same = false
		}
	}
	if same {
		return tags
	}
	others := slices.DeleteFunc(slices.Clone(tags), access.IsTenantTag)
	if tenant == "" {
		return others
	}
	return feed.NewTags(append(others, tenant)...)
}
