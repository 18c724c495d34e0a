package conference

import (
	"cmp"
	"strconv"
	"strings"
	"time"

	"github.com/astproxy/astproxy/ami"
	"github.com/astproxy/astproxy/plugins"
)

// channel is the one that an action is about: that of the header, or the dialplan's own. The dialplan names no
// other than its own and those it is in a call with.
func (p *Plugin) channel(by plugins.Caller, name string) (plugins.Channel, error) {
	mine := own(by)
	if name = cmp.Or(name, mine); name == "" {
		return plugins.Channel{}, plugins.Refuse(plugins.CodeMissing, "Channel is missing")
	}
	channels := p.host.Channels(by.Server)
	c, known := channels.Channel(name)
	if !known && (name == mine || strings.EqualFold(name, by.Channel.Get("Channel"))) {
		// Its UserEvent may have been the first that was heard of it.
		c, known = ofEvent(by.Channel), true
	}
	if !known {
		return plugins.Channel{}, plugins.Refuse(CodeNoChannel, "There is no channel %s", name)
	}
	if c.Uniqueid == mine {
		c.CallerIDNum = by.Channel.Get("CallerIDNum") // the latest
	}
	if mine == "" || c.Uniqueid == mine {
		return c, nil
	}
	for _, other := range channels.Bridged(mine) {
		if other.Uniqueid == c.Uniqueid {
			return c, nil
		}
	}
	return plugins.Channel{}, plugins.Refuse(plugins.CodeDenied, "The dialplan may act upon its own call only")
}

// ofEvent is the channel an event is about.
func ofEvent(m ami.Message) plugins.Channel {
	return plugins.Channel{
		Name: m.Get("Channel"), Uniqueid: m.Get("Uniqueid"), Linkedid: m.Get("Linkedid"), Context: m.Get("Context"),
		AccountCode: m.Get("AccountCode"), CallerIDNum: known(m.Get("CallerIDNum")),
	}
}

// conference is the name of the one that an action is about: that of the header, or where the dialplan's channel
// is. The dialplan names no other.
func (p *Plugin) conference(by plugins.Caller, name string) (string, error) {
	mine := own(by)
	if mine == "" {
		if name == "" {
			return "", plugins.Refuse(plugins.CodeMissing, "Conference is missing")
		}
		return name, nil
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	room, _ := p.of(by.Server).Of(mine)
	switch {
	case room == nil:
		return "", plugins.Refuse(CodeNotInside, "The channel is in no conference")
	case name != "" && name != room.Name:
		return "", plugins.Refuse(plugins.CodeDenied, "The dialplan may act upon its own conference only")
	}
	return room.Name, nil
}

// outside refuses somebody who is in a conference.
func (p *Plugin) outside(server string, who plugins.Channel) error {
	p.mu.Lock()
	defer p.mu.Unlock()
	if room, _ := p.of(server).Of(who.Uniqueid); room != nil {
		return plugins.Refuse(CodeInside, "%s is in conference %s", who.Name, room.Name)
	}
	return nil
}

// entry are the options of who enters a room, as an action's headers say.
func entry(m ami.Message) Options {
	is := func(name string) bool { return ami.IsTrue(m.Get(name)) }
	return Options{Admin: is("Admin"), Marked: is("Marked"), StartMuted: is("StartMuted")}
}

// timeout is the header Timeout, in milliseconds, or otherwise.
func timeout(m ami.Message, otherwise time.Duration) (time.Duration, error) {
	text := m.Get("Timeout")
	if text == "" {
		return otherwise, nil
	}
	milliseconds, err := strconv.Atoi(text)
	d := time.Duration(milliseconds) * time.Millisecond
	if err != nil || d < time.Second || d > time.Hour {
		return 0, plugins.Refuse(plugins.CodeInvalid, "Timeout is between 1000 and 3600000")
	}
	return d, nil
}

// clean refuses a text that a header of Asterisk's cannot have, or that means more to it than its letters.
func clean(header, value string) error {
	if strings.ContainsAny(value, "\r\n\x00${}") {
		return plugins.Refuse(plugins.CodeInvalid, "%s has a character that it may not have", header)
	}
	return nil
}
