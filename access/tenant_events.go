package access

import (
	"slices"
	"strings"
)

// maxSnapshots is how many channels one event can tell of.
const maxSnapshots = 16

// snapshotPrefixes are what stands in front of the headers that tell of a channel (stasis_channels.c,
// ast_manager_build_channel_state_string_prefix).
var snapshotPrefixes = [maxSnapshots]string{
	"", "Dest", "LocalOne", "LocalTwo", "Source", "Target", "Transferer", "Transferee", "OrigTransferer", "SecondTransferer", //nolint:misspell // as Asterisk has it
	"TransferTarget", "Parkee", "Parker", "Retriever", "Spyer", "Spyee",
}

// snapshotNeutral are the headers of a channel that name nothing of anybody's.
const snapshotNeutral = `ChannelState ChannelStateDesc State CallerIDNum CallerIDName CallerID ConnectedLineNum ConnectedLineName
	Language Exten Priority`

// bridgePrefixes are what stands in front of the headers that tell of a bridge (stasis_bridges.c,
// ast_manager_build_bridge_state_string_prefix).
var bridgePrefixes = []string{"", "Orig", "Second", "To", "From"}

// tenantEvent is an event or an item of a list of which it can be told whose it is.
type tenantEvent struct {
	special   map[string]naming // what headers mean in this one
	bridge    bool              // it may tell of a bridge and nothing else
	userEvent bool
}

// naming is what a header means.
func (e *tenantEvent) naming(header string) naming {
	if n, is := e.special[header]; is {
		return n
	}
	if n, is := eventHeaders[header]; is {
		return n
	}
	return naming{thing: anything}
}

// eventHeaders are what headers mean in every event that does not say otherwise. One that is not here, or is spelled in
// another way, names anything.
var eventHeaders = makeEventHeaders()

func makeEventHeaders() map[string]naming {
	all := map[string]naming{}
	for i, prefix := range snapshotPrefixes {
		of := uint8(i)
		for header := range strings.FieldsSeq(snapshotNeutral) {
			all[prefix+header] = naming{}
		}
		all[prefix+"Channel"] = naming{thing: snapshotChannel, of: of}
		for _, header := range []string{"Uniqueid", "UniqueID", "UniqueId"} {
			all[prefix+header] = naming{thing: snapshotUniqueid, of: of}
		}
		all[prefix+"Context"] = naming{thing: snapshotContext, of: of}
		all[prefix+"AccountCode"] = naming{thing: snapshotAccount, of: of}
		all[prefix+"Linkedid"] = naming{thing: snapshotLinkedid, of: of}
		all[prefix+"LinkedID"] = naming{thing: snapshotLinkedid, of: of}
	}
	for _, prefix := range bridgePrefixes {
		all[prefix+"BridgeUniqueid"] = naming{thing: aBridge}
		for _, header := range []string{"BridgeType", "BridgeTechnology", "BridgeCreator", "BridgeNumChannels", "BridgeVideoSourceMode"} {
			all[prefix+header] = naming{}
		}
		all[prefix+"BridgeName"] = naming{thing: aConference} // of a ConfBridge's; others have none
		all[prefix+"BridgeVideoSource"] = naming{thing: aChannel}
	}
	for header := range strings.FieldsSeq(neutralHeaders) {
		all[header] = naming{}
	}
	for header, what := range namingHeaders {
		all[header] = what
	}
	return all
}

// namingHeaders are those of events that name things.
var namingHeaders = map[string]naming{
	"Queue":          {thing: aQueue, required: true},
	"Conference":     {thing: aConference, required: true},
	"Meetme":         {thing: aConference, required: true},
	"Interface":      {thing: aDevice},
	"StateInterface": {thing: aDevice},
	"MemberName":     {thing: aDevice}, // the interface, where the member has no other
	"Mailbox":        {thing: aMailbox},
	"BridgeId":       {thing: aBridge},
	"BridgeID":       {thing: aBridge},
	"SwapUniqueid":   {thing: aChannel},
	"DestUniqueId":   {thing: aChannel},
	"Value":          {thing: text},
	"AppData":        {thing: appData},
	"Application":    {},
}

// neutralHeaders name nothing of anybody's, whatever event they are in: what there is of the sender, numbers, times,
// states, and the settings of an endpoint's own.
const neutralHeaders = `
	Privilege ActionID SequenceNumber File Line Func Timestamp SystemName EventList Event
	Cause Cause-txt TechCause Variable Extension Application Position Count HoldTime OriginalPosition Priority Wait
	RingTime TalkTime Reason Membership Penalty CallsTaken LastCall LastPause LoginTime InCall Status Paused PausedReason
	Ringinuse Wrapuptime Digit DurationMs Duration Direction MusicClass Class DialStatus DialString Admin Muted Talking TalkingStatus
	MarkedUser WaitMarked EndMarked EndMarkedAny Waiting AnsweredTime Parties Marked Locked User Usernum UserNumber
	CID-CallingPres Response ResultCode Result CommandId CommandID StatusText Subtype Message
	LocalOptimization Success Id IsExternal DestType DestApp ParkingSpace ParkingTimeout ParkingDuration Parkinglot
	URI ContactStatus RoundtripUsec ChannelType PeerStatus Address Port Time
	StartTime AnswerTime EndTime BillableSeconds Disposition AMAFlags UserField Userfield EventName EventTime
	CallerIDnum CallerIDname CallerIDani CallerIDrdnis CallerIDdnid CallerIDton
	Seconds DNID Type TimeToHangup EffectiveConnectedLineNum EffectiveConnectedLineName Nativeformats Readformat Readtrans
	Writeformat Writetrans Callgroup Pickupgroup LastUsed
	Max Strategy Calls Holdtime Completed Abandoned ServiceLevel ServicelevelPerf ServicelevelPerf2 ServiceLevelPerf ServiceLevelPerf2 Weight
	LoggedIn Available Callers LongestHoldTime New Old`

// tenantEvents are the events, and items of lists, of Asterisk 11 to 22, and lastly of plugins, that a tenant may see if they are his. One that
// is not here is shown to no tenant. Behind the name stands what its headers mean, where that is not what they
// mean everywhere: header!thing must be the tenant's, header~thing must not be another's, header= says nothing.
var tenantEvents = parseEvents(`
	Newchannel | Newstate | NewCallerid | NewConnectedLine | Hangup | HangupRequest | SoftHangupRequest
	NewAccountCode OldAccountCode~account
	Newexten | NewExten
	VarSet
	Rename Oldname~channel Newname~channel
	Hold | Unhold | MusicOnHoldStart | MusicOnHoldStop | MusicOnHold
	DTMFBegin | DTMFEnd | DTMF | Flash | Wink
	ChannelTalkingStart | ChannelTalkingStop
	HangupHandlerPush Handler~text | HangupHandlerPop Handler~text | HangupHandlerRun Handler~text
	AGIExecStart Command~text | AGIExecEnd Command~text
	AsyncAGIStart Env~text | AsyncAGIExec | AsyncAGIEnd
	MonitorStart | MonitorStop | MixMonitorStart | MixMonitorStop | MixMonitorMute State=
	FAXStatus Operation= | ReceiveFAX LocalStationID= RemoteStationID= PagesTransferred= Resolution= TransferRate= FileName~text | SendFAX LocalStationID= RemoteStationID= PagesTransferred= Resolution= TransferRate= FileName~text
	ChanSpyStart | ChanSpyStop
	Pickup
	UserEvent

	DialBegin | DialState Forward~destination | DialEnd Forward~destination
	OriginateResponse Channel!destination Uniqueid~channel Context~context Data~data
	LocalBridge Context~context | LocalOptimizationBegin | LocalOptimizationEnd
	AttendedTransfer DestBridgeUniqueid~bridge DestTransfererChannel~channel TransferBridgeUniqueid~bridge
	BlindTransfer Context~context

	BridgeCreate | BridgeDestroy | BridgeEnter | BridgeLeave | BridgeMerge | BridgeInfoChannel | BridgeInfoComplete
	BridgeVideoSourceUpdate BridgePreviousVideoSource~channel
	BridgeListItem

	ParkedCall ParkerDialString~device | ParkedCallGiveUp ParkerDialString~device | ParkedCallTimeOut ParkerDialString~device
	ParkedCallSwap ParkerDialString~device | UnParkedCall ParkerDialString~device

	ConfbridgeStart | ConfbridgeEnd | ConfbridgeJoin | ConfbridgeLeave | ConfbridgeMute | ConfbridgeUnmute
	ConfbridgeTalking | ConfbridgeRecord | ConfbridgeStopRecord
	ConfbridgeList Channel~channel Uniqueid~channel Context~context AccountCode~account
	ConfbridgeListRooms
	MeetmeJoin | MeetmeLeave | MeetmeEnd | MeetmeMute | MeetmeTalking | MeetmeTalkRequest
	MeetmeList Channel~channel Role= | MeetmeListRooms Activity= Creation=

	QueueCallerJoin | QueueCallerLeave | QueueCallerAbandon
	AgentCalled | AgentConnect | AgentComplete | AgentDump | AgentRingNoAnswer
	QueueMemberAdded | QueueMemberRemoved | QueueMemberPause | QueueMemberPaused | QueueMemberPenalty | QueueMemberRinginuse
	QueueMemberStatus
	QueueParams | QueueSummary
	QueueMember Name~device Location~device
	QueueEntry Channel~channel Uniqueid~channel
	AgentLogin Agent!agent | AgentLogoff Agent!agent Logintime=
	Agents Agent!agent Name= TalkingToChan~channel CallStarted= LoggedInTime= LoggedInChan~channel

	Cdr Source= Destination= DestinationContext~context DestinationChannel~channel LastApplication= LastData~data
	CEL Peer~names PeerAccount~account Extra~text

	ExtensionStatus Context!context Hint~devices
	PresenceStatus Context!context Hint~devices
	DeviceStateChange Device!device State=
	PresenceStateChange Presentity!device
	MessageWaiting Mailbox!mailbox
	ContactStatus EndpointName!endpoint AOR~endpoint
	PeerStatus Peer!device Cause=

	CoreShowChannel ApplicationData~data BridgedChannel~channel BridgedUniqueID~channel
	CoreShowChannelMap ConnectedChannel!channel
	Status Variable~text Data~data BridgedChannel~channel BridgedUniqueid~channel Account~account

	EndpointList ObjectName!endpoint Aor=
	EndpointDetail ObjectName!endpoint
	AorList ObjectName!endpoint
	AorDetail EndpointName!endpoint ObjectName~endpoint
	AuthDetail EndpointName!endpoint
	TransportDetail EndpointName!endpoint
	IdentifyDetail EndpointName!endpoint
	ContactStatusDetail EndpointName!endpoint AOR~endpoint
	ContactList Endpoint!endpoint
	InboundRegistrationDetail ObjectName!endpoint
	InboundSubscriptionDetail Endpoint!endpoint
	PJSIPMaintenanceStatus Endpoint!endpoint
	VoicemailUserEntry VMContext!context
	FAXSessionsEntry Channel!channel

	ConferenceListItem Called= Recording= PIN=
	ConferenceParticipant Channel~destination Uniqueid~channel Number= Name=
`)

// things are what the table calls what headers name.
var things = map[string]thing{
	"text": text, "data": appData, "channel": aChannel, "destination": aDestination, "dialled": isDialled, "device": aDevice, "devices": devices, "names": names,
	"endpoint": aPJSIPEndpoint, "iax": anIAXPeer, "sip": aSIPPeer, "agent": anAgent, "queue": aQueue, "conference": aConference, "context": aContext,
	"account": anAccount, "mailbox": aMailbox, "mailboxes": mailboxes, "bridge": aBridge,
}

// parseEvents reads the table.
func parseEvents(table string) map[string]*tenantEvent {
	all := map[string]*tenantEvent{}
	for _, entry := range strings.FieldsFunc(table, func(r rune) bool { return r == '\n' || r == '|' }) {
		words := strings.Fields(entry)
		if len(words) == 0 {
			continue
		}
		name := words[0]
		e := &tenantEvent{
			special:   map[string]naming{},
			userEvent: name == "UserEvent",
			bridge:    slices.Contains([]string{"BridgeCreate", "BridgeDestroy", "BridgeMerge", "BridgeVideoSourceUpdate"}, name),
		}
		for _, word := range words[1:] {
			switch i := strings.IndexAny(word, "!~="); word[i] {
			case '=':
				e.special[word[:i]] = naming{}
			default:
				e.special[word[:i]] = naming{thing: things[word[i+1:]], required: word[i] == '!'}
			}
		}
		all[name] = e
	}
	return all
}

// commonEvents are about the server that tenants share, and name nothing of anybody's: that it is there, or has gone.
var commonEvents = newNameSet("FullyBooted", "Shutdown", "ProxyServerStatus")
