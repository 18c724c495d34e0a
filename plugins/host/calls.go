package host

import (
	"github.com/astproxy/astproxy/plugins"
	"github.com/astproxy/astproxy/proxy"
	"github.com/astproxy/astproxy/proxy/channels"
)

// channelsOf implements plugins.Channels, by what the proxy's tracker knows of a server.
type channelsOf struct {
	proxy  *proxy.Proxy
	server string
}

// Channel implements plugins.Channels.
func (c channelsOf) Channel(nameOrUniqueid string) (plugins.Channel, bool) {
	tracker := c.proxy.Tracker(c.server)
	if tracker == nil {
		return plugins.Channel{}, false
	}
	known, found := tracker.Lookup(nameOrUniqueid)
	return asChannel(known), found
}

// Bridged implements plugins.Channels.
func (c channelsOf) Bridged(nameOrUniqueid string) (others []plugins.Channel) {
	tracker := c.proxy.Tracker(c.server)
	if tracker == nil {
		return nil
	}
	for _, other := range tracker.Bridged(nameOrUniqueid) {
		others = append(others, asChannel(other))
	}
	return others
}

// asChannel is what a plugin is told of a channel.
func asChannel(c channels.Channel) plugins.Channel {
	told := c.Newstate
	if told.IsZero() {
		told = c.Newchannel
	}
	return plugins.Channel{
		Name: c.Name, Uniqueid: c.Uniqueid, Linkedid: c.Linkedid, Context: c.Context, AccountCode: c.AccountCode,
		CallerIDNum: told.Get("CallerIDNum"), Bridge: c.Bridge,
	}
}
