package ami

import "testing"

func TestHeadersThatNameChannelsAreKnown(t *testing.T) {
	for name, want := range map[string]ChannelHeader{
		"Channel": ChannelName, "channel": ChannelName, "Channel1": ChannelName, "Channel2": ChannelName, "DestChannel": ChannelName,
		"ExtraChannel": ChannelName, "DestinationChannel": ChannelName, "ChannelCalling": ChannelName, "LocalOneChannel": ChannelName,
		"Source": ChannelName, "Destination": ChannelName,
		"Uniqueid": ChannelUniqueid, "UniqueID": ChannelUniqueid, "Uniqueid1": ChannelUniqueid, "SrcUniqueID": ChannelUniqueid, "DestUniqueid": ChannelUniqueid,
		"Linkedid": CallOrBridge, "BridgeUniqueid": CallOrBridge, "ToBridgeUniqueid": CallOrBridge,
		"ChannelState": NoChannelHeader, "ChannelId": NoChannelHeader, "Channeltype": NoChannelHeader, "AccountCode": NoChannelHeader,
		"SourceX": NoChannelHeader, "1": NoChannelHeader, "": NoChannelHeader, "ActionID": NoChannelHeader, "Value": NoChannelHeader,
	} {
		if got := HeaderNamesChannel(name); got != want {
			t.Errorf("%s: %v, not %v", name, got, want)
		}
	}
}
