package access

import (
	"strings"

	"github.com/astproxy/astproxy/ami"
)

// tenantAction is an action that a tenant's user may send, and what must be his in it.
type tenantAction struct {
	names  *nameSet       // of headers
	listed []actionHeader // as names has them
	any    bool           // it may have other headers, too
	// check is what is to be judged besides; "" is nothing.
	check func(*Tenants, owner, ami.Message, Channels) (header, why string)
}

// actionHeader is a header that an action may have.
type actionHeader struct {
	name     string
	thing    thing // that must be the tenant's; nothing: it may be whatever it is
	required bool
	twice    bool // it may be there several times
}

// tenantActions are the actions of Asterisk 11 to 22 that a tenant's user may send, with all headers they may have.
// An action, or a header, that is not here is refused; * is any header. header!thing must be there and be the tenant's, header?thing must
// be his if it is there. An action that names nothing answers with a list, of which he sees what is his, or with
// nothing of anybody's.
//
// Those that are not here, though Asterisk has them: what reads or changes the server (Command, GetConfig,
// ModuleLoad, DBGet...), what counts or lists things of which it cannot be told whose they are (CoreStatus, FAXStats, Parkinglots,
// Queues, QueueRule, IAXnetstats, registrations...), what writes files of any name (MixMonitor, Monitor), what runs anything (AGI),
// and what goes to any address (PJSIPNotify, MessageSend). A rule of the user's that names one opens it.
var tenantActions = parseActions(`
	Login * | Logoff * | Challenge * | Events * | Filter * | WaitEvent * | ListCommands * | Ping * | UserEvent *

	AbsoluteTimeout Channel!channel Timeout
	AOCMessage Channel!channel MsgType ChargeType CurrencyName CurrencyAmount CurrencyMultiplier TotalType AOCBillingId ChargingAssociationId ChargingAssociationNumber ChargingAssociationPlan
	Atxfer Channel!channel Exten Context?context Priority
	BlindTransfer Channel!channel Exten Context?context
	CancelAtxfer Channel!channel
	Bridge Channel1!channel Channel2!channel Tone
	BridgeDestroy BridgeUniqueid!bridge
	BridgeInfo BridgeUniqueid!bridge
	BridgeKick BridgeUniqueid?bridge Channel!channel
	BridgeList BridgeType | BridgeTechnologyList
	ControlPlayback Channel!channel Control
	CoreShowChannels | CoreShowChannelMap Channel!channel
	CoreSettings
	Getvar Channel!channel Variable
	Setvar Channel!channel Variable Value
	Status Channel?channel Variables AllVariables
	Hangup Channel!channel Cause
	PJSIPHangup Channel!channel Cause
	LocalOptimizeAway Channel!channel
	MixMonitorMute Channel!channel Direction State MixMonitorID
	StopMixMonitor Channel!channel MixMonitorID
	StopMonitor Channel!channel
	PauseMonitor Channel!channel
	UnpauseMonitor Channel!channel
	MuteAudio Channel!channel Direction State
	PlayDTMF Channel!channel Digit Duration Receive
	PlayMF Channel!channel Digit Duration
	SendFlash Channel!channel Receive
	SendText Channel!channel Message Content-Type
	Originate Channel Exten Context Priority Application Data Timeout CallerID Variable... Account EarlyMedia Async Codecs ChannelId OtherChannelId
	Park Channel!channel Channel2?channel TimeoutChannel?channel AnnounceChannel?channel Timeout
	ParkedCalls
	Redirect Channel!channel ExtraChannel?channel Exten ExtraExten Context!context ExtraContext?context Priority ExtraPriority

	ConfbridgeList Conference!conference
	ConfbridgeListRooms
	ConfbridgeKick Conference!conference Channel
	ConfbridgeMute Conference!conference Channel
	ConfbridgeUnmute Conference!conference Channel
	ConfbridgeSetSingleVideoSrc Conference!conference Channel
	ConfbridgeLock Conference!conference
	ConfbridgeUnlock Conference!conference
	ConfbridgeStopRecord Conference!conference
	MeetmeList Conference?conference
	MeetmeListRooms
	MeetmeMute Meetme!conference Usernum
	MeetmeUnmute Meetme!conference Usernum

	QueueAdd Queue!queue Interface!dialled Penalty Paused MemberName StateInterface?devices
	QueueRemove Queue!queue Interface!dialled
	QueuePause Queue!queue Interface!dialled Paused Reason
	QueuePenalty Queue!queue Interface!dialled Penalty
	QueueMemberRingInUse Queue!queue Interface!dialled RingInUse
	QueueLog Queue!queue Event Uniqueid?channel Interface?dialled Message
	QueueReset Queue!queue
	QueueChangePriorityCaller Queue!queue Caller!channel Priority
	QueueWithdrawCaller Queue!queue Caller!channel WithdrawInfo
	QueueStatus Queue?queue Member
	QueueSummary Queue?queue
	Agents
	AgentLogoff Agent!agent Soft

	DeviceStateList | ExtensionStateList | PresenceStateList
	ExtensionState Exten Context!context
	PresenceState Provider!device
	MailboxCount Mailbox!mailboxes
	MailboxStatus Mailbox!mailboxes
	VoicemailUsersList

	PJSIPShowEndpoints | PJSIPShowAors | PJSIPShowContacts | PJSIPShowMaintenance | PJSIPShowSubscriptionsInbound
	PJSIPShowRegistrationsInbound | PJSIPShowRegistrationInboundContactStatuses
	PJSIPShowEndpoint Endpoint!endpoint
	PJSIPQualify Endpoint!endpoint
	SIPshowpeer Peer!sip
	SIPqualifypeer Peer!sip
	SIPpeerstatus Peer!sip
	FAXSessions
`)

func parseActions(table string) map[string]*tenantAction {
	all := map[string]*tenantAction{}
	for _, entry := range strings.FieldsFunc(table, func(r rune) bool { return r == '\n' || r == '|' }) {
		words := strings.Fields(entry)
		if len(words) == 0 {
			continue
		}
		a := &tenantAction{}
		var headers []string
		for _, word := range words[1:] {
			if a.any = word == "*"; a.any {
				break
			}
			header, several := strings.CutSuffix(word, "...")
			h := actionHeader{name: header, twice: several}
			if i := strings.IndexAny(header, "!?"); i >= 0 {
				h = actionHeader{name: header[:i], thing: things[header[i+1:]], required: header[i] == '!'}
			}
			a.listed, headers = append(a.listed, h), append(headers, h.name)
		}
		a.names = newNameSet(headers...)
		all[folded(words[0])] = a
	}
	for name, check := range tenantChecks {
		all[folded(name)].check = check
	}
	return all
}

// tenantActionNamed finds an action whatever case its name has.
func tenantActionNamed(name string) *tenantAction {
	var buffer [64]byte
	return tenantActions[string(appendFolded(buffer[:0], name))]
}

// mayRunAsTenant decides on an action by its name. named tells whether a rule of his names it.
func (u *User) mayRunAsTenant(name string) (Decision, bool) {
	if tenantActionNamed(name) != nil || u.rights.named(name) {
		return Decision{}, true
	}
	return u.notHis("no user of a tenant may, unless a rule of his names the action: it cannot be told whose that is which it is about"), false
}

// named tells whether a rule names an action, without wildcards.
func (r *rights) named(name string) bool {
	for i := range r.rules {
		if p := &r.rules[i].action; p.form == literal && sameName(p.text, name) {
			return true
		}
	}
	return false
}

func (u *User) notHis(why string) Decision {
	return refused("tenant", "he is a user of tenant "+quote(u.Tenant())+": "+why)
}

// judgeTenant decides on an action that the user may as far as everything else goes.
func (u *User) judgeTenant(name string, action ami.Message, known Channels) (Decision, bool) {
	a := tenantActionNamed(name)
	if a == nil {
		return Decision{}, true // MayRun has found the rule
	}
	var seen uint64
	for header, value := range action.All() {
		i := a.names.index(header)
		switch {
		case i < 0 && (a.any || unruledHeaders.has(header)):
			continue
		case i < 0:
			return u.notHis(quote(header) + " is no header of which it is known what it names"), false
		case seen&(1<<i) != 0 && !a.listed[i].twice:
			return Decision{By: "tenant", Why: a.listed[i].name + " is there twice", Answer: "Header " + a.listed[i].name + " is given more than once"}, false
		}
		seen |= 1 << i
		h := &a.listed[i]
		if h.thing == nothing {
			continue
		}
		if value == "" && !h.required {
			continue
		}
		if why := u.foreign(u.tenants.thingOwner(h.thing, value, known), value); why != "" {
			return u.notHis(h.name + " is " + why), false
		}
	}
	for i := range a.listed {
		if h := &a.listed[i]; h.required && seen&(1<<i) == 0 {
			return u.notHis(h.name + " is missing, without which it is about everybody's, or what it is about is not known"), false
		}
	}
	if a.check != nil {
		if header, why := a.check(u.tenants, u.tenant, action, known); why != "" {
			return u.notHis(header + " " + why), false
		}
	}
	return Decision{}, true
}

// foreign says of a value whose it is, if it is not the user's.
func (u *User) foreign(o owner, value string) string {
	switch {
	case o == u.tenant && o > nobody:
		return ""
	case o == nobody:
		return quote(value) + ", which is nobody's"
	}
	return quote(value) + ", which is another's"
}
