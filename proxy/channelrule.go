package proxy

import (
	"cmp"
	"slices"
	"strings"

	"github.com/astproxy/astproxy/access"
	"github.com/astproxy/astproxy/ami"
	"github.com/astproxy/astproxy/proxy/channels"
	"github.com/astproxy/astproxy/proxy/feed"
)

// channelRule makes channels those of users who have a channel filter: by how they are called and in which context
// they are. Whom they are in a call with is shown to these users as well. A channel is looked up once for each length that
// a beginning of a name has, however many users there are.
type channelRule struct {
	known    map[string]struct{} // all tags
	prefixes map[string][]contextTag
	lengths  []int // of prefixes, the shortest first
}

// contextTag is the tag of the channels in a context; "" is any.
type contextTag struct {
	context string
	tags    feed.Tags
}

func newChannelRule(users *access.Users) *channelRule {
	r := &channelRule{known: map[string]struct{}{}, prefixes: map[string][]contextTag{}}
	for user := range users.All() {
		tags, _ := user.ChannelTags()
		for _, t := range tags {
			r.add(t)
		}
	}
	slices.Sort(r.lengths)
	return r
}

func (r *channelRule) add(t access.ChannelTag) {
	if _, again := r.known[t.Tag()]; again {
		return
	}
	r.known[t.Tag()] = struct{}{}
	r.prefixes[t.Prefix] = append(r.prefixes[t.Prefix], contextTag{t.Context, feed.Tags{t.Tag()}})
	if !slices.Contains(r.lengths, len(t.Prefix)) {
		r.lengths = append(r.lengths, len(t.Prefix))
	}
}

// Own implements channels.Rule.
func (r *channelRule) Own(c *channels.Channel) (tags feed.Tags) {
	if len(r.known) == 0 {
		return nil
	}
	name := strings.ToLower(c.Name)
	for _, length := range r.lengths {
		if length > len(name) {
			break
		}
		for _, t := range r.prefixes[name[:length]] {
			if t.context == "" || strings.EqualFold(t.context, c.Context) {
				tags = tags.With(t.tags)
			}
		}
	}
	return tags
}

// Join implements channels.Rule.
func (r *channelRule) Join(tag string, _ *channels.Channel) channels.Joining {
	if _, known := r.known[tag]; known {
		return channels.Shown
	}
	return channels.Apart
}

// setAutoFilter answers as astmanproxy does. Whatever a client sets, answers go to who has asked, as with unique
// there: off would show everybody what others ask for, and on would keep from a client what it asks for.
func (a *asker) setAutoFilter(m ami.Message) {
	number := cmp.Or(map[string]string{"on": "1", "unique": "2"}[strings.ToLower(m.Get("AutoFilter"))], "0")
	a.send(proxyResponse("Success", m).Add("AutoFilter", number).Message(), "")
}
