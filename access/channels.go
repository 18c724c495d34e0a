package access

import (
	"fmt"
	"slices"
	"strings"

	"github.com/astproxy/astproxy/ami"
)

// ActionFiltered is the answer to an action that a channel filter refuses, as astmanproxy has it.
const ActionFiltered = "Action Filtered"

// What becomes of an Originate whose Channel is a Local one.
const (
	// FilterLocalOff judges it by Channels like any other.
	FilterLocalOff = "off"
	// FilterLocalAllow lets it pass whatever Channels has.
	FilterLocalAllow = "allow"
	// FilterLocalAllowWith lets it pass if it is Local/EXTENSION@CONTEXT, in OutContext if there is one, and in no other
	// case.
	FilterLocalAllowWith = "allowwith"
	// FilterLocalEnforce makes it one in OutContext, if there is one, and lets it pass.
	FilterLocalEnforce = "enforce"
)

// channelFilter is astmanproxy's filter of a user by the channels that are his.
type channelFilter struct {
	channels   []string // how the names of his begin, in lower case; none: any
	outContext string   // of his actions; "": any
	inContext  string   // where his channels are; "": anywhere
	account    string   // of his Originates; "": theirs
	moreEvents bool
	local      string // FilterLocal...
}

func newChannelFilter(c UserConfig) channelFilter {
	f := channelFilter{outContext: c.OutContext, inContext: c.InContext, account: c.Account, moreEvents: c.MoreEvents, local: c.FilterLocal}
	for _, prefix := range c.Channels {
		f.channels = append(f.channels, strings.ToLower(prefix))
	}
	slices.Sort(f.channels)
	f.channels = slices.Compact(f.channels)
	return f
}

// checkChannels finds what is wrong with the channel filter.
func (c UserConfig) checkChannels() (errs []error) {
	for i, prefix := range c.Channels {
		if key := fmt.Sprintf("channels[%d]", i); prefix == "" {
			errs = append(errs, &ConfigError{Key: key, Text: "there is no channel: every name begins with nothing"})
		} else {
			errs = append(errs, checkHeaderText(key, prefix))
		}
	}
	errs = append(errs, checkHeaderText("out_context", c.OutContext), checkHeaderText("in_context", c.InContext), checkHeaderText("account", c.Account))
	errs = append(errs, checkChoice("filterlocal", c.FilterLocal, FilterLocalOff, FilterLocalAllow, FilterLocalAllowWith, FilterLocalEnforce))
	errs = append(errs, checkChoice("autofilter", c.AutoFilter, "unique", "on", "off"))
	return errs
}

func checkHeaderText(key, text string) error {
	if strings.ContainsAny(text, "\r\n\x00") || strings.TrimSpace(text) != text {
		return &ConfigError{Key: key, Text: "no header has a value of several lines, or with blanks around it"}
	}
	return nil
}

func checkChoice(key, given string, known ...string) error {
	if given == "" || slices.Contains(known, given) {
		return nil
	}
	return &ConfigError{Key: key, Text: fmt.Sprintf("unknown %s %q", key, given), Given: given, Known: known}
}

// ChannelTag stands for the channels whose names begin with Prefix, in lower case, and that are in Context;
// "" is any.
type ChannelTag struct{ Prefix, Context string }

// Tag is what an event of such a channel is marked with: the same for the same channels.
func (t ChannelTag) Tag() string {
	if t.Context == "" {
		return fmt.Sprintf("channel %q", t.Prefix)
	}
	return fmt.Sprintf("channel %q in %q", t.Prefix, strings.ToLower(t.Context))
}

// ChannelTags are the channels that the user sees the events of, and of whom they are in a call with. ok is false
// for who sees those of all.
func (u *User) ChannelTags() (tags []ChannelTag, ok bool) {
	f := &u.channels
	if len(f.channels) == 0 && f.inContext == "" {
		return nil, false
	}
	if len(f.channels) == 0 {
		return []ChannelTag{{Context: f.inContext}}, true
	}
	for _, prefix := range f.channels {
		tags = append(tags, ChannelTag{prefix, f.inContext})
	}
	return tags, true
}

// MoreEvents tells whether a user with ChannelTags sees the events that name no channel at all.
func (u *User) MoreEvents() bool { return u.channels.moreEvents }

// SeesCallsOf tells whether the user sees the calls of the same tenant and the same channels as another, which may be
// who he was before a reload.
func (u *User) SeesCallsOf(other *User) bool {
	tags, filtered := u.ChannelTags()
	others, otherFiltered := other.ChannelTags()
	return u.Tenant() == other.Tenant() && filtered == otherFiltered && slices.Equal(tags, others) &&
		u.MoreEvents() == other.MoreEvents()
}

// Rewrite is an action as it is to be judged and sent: an Originate has the user's account, and its Local channel
// the user's context.
func (u *User) Rewrite(name string, action ami.Message) ami.Message {
	f := &u.channels
	if !strings.EqualFold(name, "Originate") {
		return action
	}
	if f.account != "" {
		action = action.Adding("Account", f.account)
	}
	if channel := action.Get("Channel"); f.local == FilterLocalEnforce && isLocal(channel) {
		action = action.Adding("Channel", f.localInContext(channel))
	}
	return action
}

// isLocal tells whether an Originate's Channel is a Local one. Asterisk finds the technology without case
// (channel.c, ast_get_channel_tech).
func isLocal(channel string) bool {
	technology, _, found := strings.Cut(channel, "/")
	return found && strings.EqualFold(technology, "Local")
}

// localInContext is a Local channel in the user's context, or if he may name any, as it is. What it has behind a slash
// are options (core_local.c, local_alloc), and an extension has neither @ nor slash.
func (f *channelFilter) localInContext(channel string) string {
	if f.outContext == "" {
		return channel
	}
	_, address, _ := strings.Cut(channel, "/")
	address, options, with := strings.Cut(address, "/")
	extension, _, _ := strings.Cut(address, "@")
	channel = "Local/" + extension + "@" + f.outContext
	if with {
		channel += "/" + options
	}
	return channel
}

// judgeChannels decides on an action by the channels and contexts it names: a channel must be called as those of the
// user's are, or known to be one of them, or to have been in a call with one.
func (u *User) judgeChannels(known Channels, name string, action ami.Message) Decision {
	f := &u.channels
	if len(f.channels) == 0 && f.outContext == "" {
		return Decision{Allowed: true}
	}
	for header, value := range action.All() {
		if value == "" {
			continue
		}
		switch {
		case namesContext(header):
			if f.outContext != "" && !strings.EqualFold(value, f.outContext) {
				return filtered("out_context", "its "+quote(header)+" is "+quote(value))
			}
		case namesChannel(header):
			if d := u.judgeChannel(known, name, header, value); !d.Allowed {
				return d
			}
		}
	}
	return Decision{Allowed: true}
}

func (u *User) judgeChannel(known Channels, name, header, value string) Decision {
	f := &u.channels
	if strings.EqualFold(name, "Originate") && strings.EqualFold(header, "Channel") && isLocal(value) {
		switch f.local {
		case FilterLocalAllow:
			return allowed("filterlocal", "it is a Local channel")
		case FilterLocalAllowWith, FilterLocalEnforce:
			if strings.Contains(value, "@") && strings.EqualFold(value, f.localInContext(value)) {
				return allowed("filterlocal", "it is a Local channel in a context of his")
			}
			return filtered("filterlocal", "its "+quote(header)+" is "+quote(value)+", which is in no context of his")
		}
	}
	if len(f.channels) == 0 || f.begins(value) || u.knows(known, value) {
		return Decision{Allowed: true}
	}
	return filtered("channels", "its "+quote(header)+" is "+quote(value)+", which is none of the user's")
}

// begins tells whether a name is one of the user's channels', by its beginning.
func (f *channelFilter) begins(name string) bool {
	return slices.ContainsFunc(f.channels, func(prefix string) bool {
		return len(name) >= len(prefix) && strings.EqualFold(name[:len(prefix)], prefix)
	})
}

// knows tells whether a channel is one that the user sees the events of.
func (u *User) knows(known Channels, nameOrUniqueid string) bool {
	if known == nil {
		return false
	}
	own, _ := u.ChannelTags()
	tags := known.ChannelTags(nameOrUniqueid)
	return slices.ContainsFunc(own, func(t ChannelTag) bool { return slices.Contains(tags, t.Tag()) })
}

func filtered(by, why string) Decision { return Decision{By: by, Why: why, Answer: ActionFiltered} }

// namesContext tells whether a header of an action is a context of the dialplan.
func namesContext(header string) bool {
	return strings.EqualFold(header, "Context") || strings.EqualFold(header, "ExtraContext")
}

// namesChannel tells whether a header of an action names a channel. Destination and Source name one in events
// alone, and that of MessageSend is an address.
func namesChannel(header string) bool {
	switch ami.HeaderNamesChannel(header) {
	case ami.ChannelUniqueid:
		return true
	case ami.ChannelName:
		return !sameName(header, "Source") && !sameName(header, "Destination")
	default:
		// The one who waits in a queue (app_queue.c, QueueWithdrawCaller), and what his channels begin with (AOCMessage).
		return sameName(header, "Caller") || sameName(header, "ChannelPrefix")
	}
}

// JudgeEventChannels decides on an event that JudgeEvent lets the user see, as far as the event itself tells: it
// is his too if a channel that it names has been in a call with one of his, which only the proxy knows.
func (u *User) JudgeEventChannels(event ami.Message) Decision {
	tags, filters := u.ChannelTags()
	if !filters {
		return allowed("read", "read has all of its classes, and the user sees those of all channels")
	}
	f, named := &u.channels, false
	why := "it names one of the user's channels"
	if tags[0].Context != "" {
		why += ", if that has been in context " + quote(tags[0].Context)
	}
	for header, value := range event.All() {
		naming := ami.HeaderNamesChannel(header)
		named = named || naming != ami.NoChannelHeader && value != ""
		if naming == ami.ChannelName && (len(f.channels) == 0 || f.begins(value)) && event.Event() != "UserEvent" {
			return allowed("channels", why)
		}
	}
	switch {
	case !named && f.moreEvents:
		return allowed("more_events", "it names no channel")
	case !named:
		return Decision{By: "more_events", Why: "it names no channel, and more_events is not set"}
	}
	return Decision{By: "channels", Why: "it names none of the user's channels: he sees it only if one that it names has been in a call with one of his"}
}
