package feed

import (
	"strconv"

	"github.com/astproxy/astproxy/ami"
)

// Why events are missing, as a GapEvent says it.
const (
	GapTooSlow   = "The client read too slowly"
	GapOverload  = "The proxy could not keep up"
	GapForgotten = "The events are not kept any more"
	GapRights    = "The user's rights have changed"
)

// GapEvent is the announcement of lost events in AMI's own shape; missed is how many, 0 if nobody
// knows.
func GapEvent(missed uint64, reason string) ami.Message {
	b := ami.NewEvent("ProxyGap")
	if missed > 0 {
		b.Add("Missed", strconv.FormatUint(missed, 10))
	}
	return b.Add("Reason", reason).Message()
}
