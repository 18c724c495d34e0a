package proxy

import (
	"fmt"

	"github.com/astproxy/astproxy/ami"
	"github.com/astproxy/astproxy/filters"
	"github.com/astproxy/astproxy/proxy/feed"
)

// selection is the events of who has the rights read, asked for mask, and added filters, in an
// encoding. An event is sent if all its classes are in both (manager.c, process_events). nil is no
// events at all.
func (p *Proxy) selection(read, mask ami.Class, set filters.Set, e Encoding) *feed.Selection {
	seen := read & mask
	if seen == 0 {
		return nil
	}
	return &feed.Selection{
		Key:    fmt.Sprintf("%s %x %s", e.key(), uint32(seen), set.Key()),
		Format: events{e, p.epoch},
		Match: func(e *feed.Event) bool {
			return e.Class&^seen == 0 && set.Passes(e.Message)
		},
	}
}
