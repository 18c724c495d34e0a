package proxy

import (
	"fmt"

	"github.com/astproxy/astproxy/access"
	"github.com/astproxy/astproxy/ami"
	"github.com/astproxy/astproxy/proxy/channels"
	"github.com/astproxy/astproxy/proxy/feed"
)

// sight is whose events a user sees, by their Tags: those of his tenant, and those of his channel filter; who has
// both, what both let him see. The zero sight is of all.
type sight struct {
	tenant   feed.Tags // of a tenant's user
	channels feed.Tags // of a user with a channel filter: of the channels that are his
	beside   feed.Tags // and of what else he sees
}

func newSight(user *access.User) (s sight) {
	if tag := user.TenantTag(); tag != "" {
		s.tenant = feed.Tags{tag}
	}
	own, filters := user.ChannelTags()
	if !filters {
		return s
	}
	for _, t := range own {
		s.channels = append(s.channels, t.Tag())
	}
	s.channels = feed.NewTags(s.channels...)
	s.beside = proxysTags
	if user.MoreEvents() {
		s.beside = s.beside.With(channels.NoTags)
	}
	return s
}

// event tells whether an event is one of those.
func (s *sight) event(e *feed.Event) bool {
	if s.tenant != nil && !e.Tags.Meet(s.tenant) && !access.SeesCommon(e.Message.Event()) {
		return false
	}
	return s.channels == nil || e.Tags.Meet(s.channels) || e.Tags.Meet(s.beside)
}

// item tells whether a message of an answer is, that has no place in the log: who has asked for a list is told what
// names no channel.
func (s *sight) item(tracker *channels.Tracker, m ami.Message) bool {
	if s.channels == nil || access.EndsList(m) {
		return true
	}
	tags := tracker.TagsOf(m)
	return tags.Meet(s.channels) || tags.Meet(channels.NoTags)
}

// since are the tags by which he comes to know channels that were there before.
func (s *sight) since() feed.Tags {
	if s.channels != nil {
		return s.channels
	}
	return s.tenant
}

// hints are what his selection is found by; nil: this tells nothing.
func (s *sight) hints() (all []feed.Hint) {
	switch {
	case s.channels != nil:
		for _, tag := range s.channels.With(s.beside) {
			all = append(all, feed.Hint{Tag: tag})
		}
	case s.tenant != nil:
		for _, tag := range s.tenant {
			all = append(all, feed.Hint{Tag: tag})
		}
		for _, name := range access.CommonEvents() {
			all = append(all, feed.Hint{Event: name})
		}
	}
	return all
}

// key is the same for those who see the same.
func (s *sight) key() string { return fmt.Sprintf("%q %q %q", s.tenant, s.channels, s.beside) }

// proxysTags are the tags of what the proxy has to say of its servers and of itself: that one is lost is for everybody
// whose rights have class system.
var proxysTags = feed.Tags{"proxy"}

// tagsOfOwn are those of an event of the proxy's own.
func tagsOfOwn(e *feed.Event) feed.Tags {
	if e.Class == ami.ClassSystem {
		return proxysTags
	}
	return channels.NoTags
}

// rule says whose channels are, by the users of now.
func (p *Proxy) rule() channels.Rule {
	users, rules := p.Users(), channels.Rules{}
	if tenants := users.Tenants(); tenants != nil {
		rules = append(rules, tenantRule{tenants})
	}
	if r := newChannelRule(users); len(r.known) > 0 {
		rules = append(rules, r)
	}
	return rules
}

// useRule has the trackers judge by the users of now.
func (p *Proxy) useRule() {
	p.trackers.tenants.Store(p.Users().Tenants())
	rule := p.rule()
	for _, s := range p.inUse() {
		s.tracker.SetRule(rule)
	}
}
