package ami

import "strings"

// ChannelHeader is how a header names a channel.
type ChannelHeader int

// The ways in which a header names a channel.
const (
	NoChannelHeader ChannelHeader = iota
	ChannelName                   // its value is a channel's name: Channel, Channel1, DestChannel, ExtraChannel...
	ChannelUniqueid               // its value is a Uniqueid: Uniqueid, SrcUniqueID, LocalOneUniqueid...
	CallOrBridge                  // its value is a call's Linkedid or a bridge's BridgeUniqueid
)

// HeaderNamesChannel says how a header of an event or of an action names a channel, by its name: what Asterisk
// 1.4 to 22 call these, without case. Source and Destination are those of the Dial event up to 1.4.
func HeaderNamesChannel(header string) ChannelHeader {
	n := len(header)
	if n < 6 {
		return NoChannelHeader
	}
	base := header
	if last := header[n-1]; last == '1' || last == '2' {
		base = header[:n-1]
	}
	switch base[len(base)-1] | 0x20 { // in lower case
	case 'l', 'g':
		if endsInFold(base, "channel") || strings.EqualFold(header, "ChannelCalling") {
			return ChannelName
		}
	case 'd':
		switch {
		case endsInFold(base, "bridgeuniqueid"), endsInFold(base, "linkedid"):
			return CallOrBridge
		case endsInFold(base, "uniqueid"):
			return ChannelUniqueid
		}
	case 'e', 'n':
		if strings.EqualFold(header, "Source") || strings.EqualFold(header, "Destination") {
			return ChannelName
		}
	}
	return NoChannelHeader
}

func endsInFold(name, end string) bool {
	return len(name) >= len(end) && strings.EqualFold(name[len(name)-len(end):], end)
}
