package proxy

import (
	"fmt"

	"github.com/astproxy/astproxy/ami"
	"github.com/astproxy/astproxy/filters"
	"github.com/astproxy/astproxy/formats"
	"github.com/astproxy/astproxy/proxy/feed"
)

// standardEvents writes events as AMI text.
type standardEvents struct{}

// Append implements feed.Format.
func (standardEvents) Append(dst []byte, e *feed.Event) []byte {
	return formats.AppendStandard(dst, e.Message, e.Server)
}

// AppendGap implements feed.Format.
func (standardEvents) AppendGap(dst []byte, gap ami.Message) []byte {
	return formats.AppendStandard(dst, gap, "")
}

// selection is the events of who has the rights read, asked for mask, and added filters. An event
// is sent if all its classes are in both (manager.c, process_events). nil is no events at all.
func selection(read, mask ami.Class, set filters.Set) *feed.Selection {
	seen := read & mask
	if seen == 0 {
		return nil
	}
	return &feed.Selection{
		Key:    fmt.Sprintf("standard %x %s", uint32(seen), set.Key()),
		Format: standardEvents{},
		Match: func(e *feed.Event) bool {
			return e.Class&^seen == 0 && set.Passes(e.Message)
		},
	}
}
