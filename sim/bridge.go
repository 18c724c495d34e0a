package sim

import "strings"

// bridge joins channels.
type bridge struct {
	id       string
	channels []*channel
}

// other names the channels of a bridge but one.
func (b *bridge) other(c *channel) string {
	var names []string
	for _, o := range b.channels {
		if o != c {
			names = append(names, o.name)
		}
	}
	return strings.Join(names, ",")
}

func (c *channel) bridgeID() string {
	if c.bridge == nil {
		return ""
	}
	return c.bridge.id
}
