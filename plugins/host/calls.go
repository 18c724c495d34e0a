package host

import (
	"maps"
	"strings"
	"sync"

	"github.com/astproxy/astproxy/ami"
	"github.com/astproxy/astproxy/plugins"
)

// calls knows the channels of all servers, and which bridges they are in, by events alone.
type calls struct {
	mu       sync.RWMutex
	channels map[followed]*plugins.Channel // by Uniqueid
	halves   map[followed]string           // the other half of a Local channel, both by Uniqueid
}

func newCalls() *calls {
	return &calls{channels: map[followed]*plugins.Channel{}, halves: map[followed]string{}}
}

// hear takes what an event tells. The hub calls it.
func (c *calls) hear(e plugins.Event) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if e.Occasion != plugins.Happened {
		if e.Occasion != plugins.Missed {
			gone := func(at followed) bool { return at.server == e.Server }
			maps.DeleteFunc(c.channels, func(at followed, _ *plugins.Channel) bool { return gone(at) })
			maps.DeleteFunc(c.halves, func(at followed, _ string) bool { return gone(at) })
		}
		return
	}
	m := e.Message
	switch m.Event() {
	case "LocalBridge":
		one, two := m.Get("LocalOneUniqueid"), m.Get("LocalTwoUniqueid")
		c.halves[followed{e.Server, one}], c.halves[followed{e.Server, two}] = two, one
	case "Hangup":
		at := followed{e.Server, m.Get("Uniqueid")}
		delete(c.channels, at)
		delete(c.halves, at)
	case "BridgeEnter":
		c.snapshot(e.Server, m).Bridge = strings.Clone(m.Get("BridgeUniqueid"))
	case "BridgeLeave":
		c.snapshot(e.Server, m).Bridge = ""
	case "Rename":
		if known := c.channels[followed{e.Server, m.Get("Uniqueid")}]; known != nil {
			known.Name = strings.Clone(m.Get("Newname"))
		}
	case "Newchannel", "Newstate", "NewExten", "Newexten", "NewCallerid", "NewAccountCode", "CoreShowChannel":
		c.snapshot(e.Server, m)
	}
}

// snapshot is the channel that an event tells of, as it tells.
func (c *calls) snapshot(server string, m ami.Message) *plugins.Channel {
	at := followed{server, strings.Clone(m.Get("Uniqueid"))}
	known := c.channels[at]
	if known == nil {
		known = &plugins.Channel{Uniqueid: at.uniqueid}
		c.channels[at] = known
	}
	known.Name, known.Linkedid = strings.Clone(m.Get("Channel")), strings.Clone(m.Get("Linkedid"))
	known.Context, known.AccountCode = strings.Clone(m.Get("Context")), strings.Clone(m.Get("AccountCode"))
	known.CallerIDNum = strings.Clone(m.Get("CallerIDNum"))
	return known
}

// of implements plugins.Channels for one server.
type callsOf struct {
	calls  *calls
	server string
}

// Channel implements plugins.Channels.
func (c callsOf) Channel(nameOrUniqueid string) (plugins.Channel, bool) {
	c.calls.mu.RLock()
	defer c.calls.mu.RUnlock()
	if found := c.find(nameOrUniqueid); found != nil {
		return *found, true
	}
	return plugins.Channel{}, false
}

// find is Channel with mu held.
func (c callsOf) find(nameOrUniqueid string) *plugins.Channel {
	if found := c.calls.channels[followed{c.server, nameOrUniqueid}]; found != nil {
		return found
	}
	for at, channel := range c.calls.channels {
		if at.server == c.server && strings.EqualFold(channel.Name, nameOrUniqueid) {
			return channel
		}
	}
	return nil
}

// Bridged implements plugins.Channels.
func (c callsOf) Bridged(nameOrUniqueid string) (others []plugins.Channel) {
	c.calls.mu.RLock()
	defer c.calls.mu.RUnlock()
	from := c.find(nameOrUniqueid)
	if from == nil {
		return nil
	}
	seen := map[string]bool{from.Uniqueid: true}
	bridges := []string{from.Bridge}
	for ; len(bridges) > 0; bridges = bridges[1:] {
		for at, channel := range c.calls.channels {
			if at.server != c.server || bridges[0] == "" || channel.Bridge != bridges[0] || seen[channel.Uniqueid] {
				continue
			}
			seen[channel.Uniqueid] = true
			half := c.calls.channels[followed{c.server, c.calls.halves[at]}]
			if half == nil {
				others = append(others, *channel)
			} else if !seen[half.Uniqueid] {
				seen[half.Uniqueid] = true
				bridges = append(bridges, half.Bridge)
			}
		}
	}
	return others
}
