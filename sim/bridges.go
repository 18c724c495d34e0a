package sim

import (
	"github.com/astproxy/astproxy/ami"
)

func init() {
	simulates(map[string]func(*session, ami.Message) bool{
		"BridgeList":         (*session).bridgeList,
		"BridgeInfo":         (*session).bridgeInfo,
		"CoreShowChannelMap": (*session).coreShowChannelMap,
	})
}

func (c *session) bridgeList(m ami.Message) bool {
	var items []*ami.Builder
	p := c.server.pbx
	p.do(func() {
		for _, b := range p.bridges {
			items = append(items, b.describe(item(m, "BridgeListItem"), b.count()))
		}
	})
	return c.list(m, "Bridge listing will follow", "BridgeListComplete", items)
}

func (c *session) bridgeInfo(m ami.Message) bool {
	id := m.Get("BridgeUniqueid")
	if id == "" {
		return c.fail(m, "BridgeUniqueid must be provided")
	}
	var items []*ami.Builder
	var end *ami.Builder
	p := c.server.pbx
	p.do(func() {
		for _, b := range p.bridges {
			if b.id != id {
				continue
			}
			for _, ch := range b.channels {
				items = append(items, ch.describe(item(m, "BridgeInfoChannel"), ""))
			}
			end = b.describe(c.listEnd(m, "BridgeInfoComplete", len(items)), b.count())
		}
	})
	if end == nil {
		return c.fail(m, "Specified BridgeUniqueid not found")
	}
	if !c.beginList(m, "Bridge channel listing will follow") {
		return false
	}
	for _, b := range append(items, end) {
		if !c.send(b) {
			return false
		}
	}
	return true
}

func (c *session) coreShowChannelMap(m ami.Message) bool {
	name := m.Get("Channel")
	if name == "" {
		return c.fail(m, "CoreShowChannelMap requires a channel.")
	}
	var items []*ami.Builder
	found := false
	p := c.server.pbx
	p.do(func() {
		ch := p.find(name)
		if found = ch != nil; !found || ch.bridge == nil {
			return
		}
		for _, other := range ch.bridge.channels {
			if other != ch {
				items = append(items, item(m, "CoreShowChannelMap").Add("Channel", ch.name).Add("ConnectedChannel", other.name))
			}
		}
	})
	if !found {
		return c.fail(m, "Could not get channel snapshot")
	}
	return c.list(m, "Channel map will follow", "CoreShowChannelMapComplete", items)
}
