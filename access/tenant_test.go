package access

import (
	"strings"
	"testing"

	"github.com/astproxy/astproxy/ami"
)

// Two tenants on one Asterisk: acme and globex, and a trunk that both use.
var twoTenants = []TenantConfig{
	{
		Name: "acme", Contexts: []string{"acme", "acme-*"}, Queues: []string{"acme-*"}, Endpoints: []string{"PJSIP/1*", "Agent/7", "Custom:acme-*"},
		Conferences: []string{"1000"}, Accounts: []string{"acme"}, Channels: []string{"DAHDI/i1/*", "*/acme-line*"},
	},
	{
		Name: "globex", Contexts: []string{"globex", "acme-not"}, Queues: []string{"globex-*"}, Endpoints: []string{"PJSIP/2*", "PJSIP/globex-*"},
		Conferences: []string{"2000"}, Accounts: []string{"globex"},
	},
}

func tenantUsers(t *testing.T, change ...func(*UserConfig)) *Users {
	t.Helper()
	tenants, err := NewTenants(twoTenants)
	if err != nil {
		t.Fatal(err)
	}
	anna := UserConfig{Name: "anna", Secret: "x", Read: []string{"all"}, Write: []string{"all"}, Tenant: "acme"}
	for _, c := range change {
		c(&anna)
	}
	users, err := NewUsersOf(tenants, []UserConfig{anna, {Name: "free", Secret: "x", Read: []string{"all"}, Write: []string{"all"}}})
	if err != nil {
		t.Fatal(err)
	}
	return users
}

func named(t *testing.T, users *Users, name string) *User {
	t.Helper()
	user, known := users.Named(name)
	if !known {
		t.Fatalf("no user %s", name)
	}
	return user
}

// knownChannels is a server whose trunk is in a call of acme's, and another trunk in one of globex's.
type knownChannels struct{}

func (knownChannels) ChannelTags(name string) []string {
	switch strings.ToLower(name) {
	case "pjsip/trunk-00000001", "17.1":
		return []string{"tenant acme"}
	case "pjsip/trunk-00000002", "17.2":
		return []string{"tenant globex"}
	case "pjsip/trunk-00000003", "17.3":
		return []string{"tenant acme", "tenant globex"}
	}
	return nil
}

func (knownChannels) CallTags(linkedid string) []string {
	switch linkedid {
	case "18.1":
		return []string{"tenant acme"}
	case "18.3":
		return []string{"tenant acme", "tenant globex"}
	}
	return nil
}

func (knownChannels) BridgeTags(id string) []string {
	switch id {
	case "b-acme":
		return []string{"tenant acme"}
	case "b-globex":
		return []string{"tenant globex"}
	}
	return nil
}

// lines makes a message of "Action: Hangup|Channel: x".
func lines(text string) ami.Message { return ami.Parse(strings.ReplaceAll(text, "|", "\r\n") + "\r\n") }

//astproxy:attack
func TestATenantsUserTouchesNothingOfAnother(t *testing.T) {
	anna := named(t, tenantUsers(t), "anna")
	for _, text := range strings.Split(strings.TrimSpace(foreignActions), "\n") {
		m := lines(text)
		if d := anna.JudgeKnowing(knownChannels{}, m.Action(), ami.ClassCall, m); d.Allowed {
			t.Errorf("%s\n\tis allowed by %s: %s", text, d.By, d.Why)
		} else if d.By != "tenant" {
			t.Errorf("%s\n\tis refused by %s: %s", text, d.By, d.Why)
		}
	}
}

const foreignActions = `
Action: Hangup|Channel: PJSIP/2001-00000001
Action: Hangup|Channel: pjsip/2001-00000001
Action: Hangup|Channel: 17.2
Action: Hangup|Channel: PJSIP/trunk-00000002
Action: Hangup|Channel: PJSIP/trunk-00000003
Action: Hangup|Channel: PJSIP/trunk-00000004
Action: Hangup|Channel: 17.99
Action: Hangup|Channel: /^.*/
Action: Hangup|Channel: /^PJSIP/1.*/
Action: Hangup|Channel: /.*/acme-line/acme-line
Action: Hangup
Action: Hangup|Channel:
Action: Hangup|Channel: PJSIP/1001-1|Channel: PJSIP/2001-1
Action: Hangup|Channel: Local/1@globex-00000001;1
Action: Hangup|Channel: Local/1@acme@globex-00000001;1
Action: Hangup|Channel: AsyncGoto/PJSIP/2001-00000001
Action: Hangup|Channel: PJSIP/2001-00000001<ZOMBIE>
Action: Hangup|Channel: PJSIP/globex-1-00000001
Action: Hangup|Channel: CBAnn/2000-00000001;1
Action: Hangup|Channel: PJSIP/1001-1|Foo: bar
Action: PJSIPHangup|Channel: PJSIP/2001-00000001|Cause: 404
Action: Redirect|Channel: PJSIP/2001-1|Context: acme|Exten: 1|Priority: 1
Action: Redirect|Channel: PJSIP/1001-1|Context: globex|Exten: 1|Priority: 1
Action: Redirect|Channel: PJSIP/1001-1|Context: acme-not|Exten: 1|Priority: 1
Action: Redirect|Channel: PJSIP/1001-1|Exten: 1|Priority: 1
Action: Redirect|Channel: PJSIP/1001-1|Context: public|Exten: 1|Priority: 1
Action: Redirect|Channel: PJSIP/1001-1|ExtraChannel: PJSIP/2001-1|Context: acme|Exten: 1|Priority: 1
Action: Redirect|Channel: PJSIP/1001-1|ExtraChannel: PJSIP/1002-1|Context: acme|Exten: 1|Priority: 1|ExtraContext: globex
Action: Atxfer|Channel: PJSIP/1001-1|Exten: 1|Context: globex
Action: Atxfer|Channel: PJSIP/2001-1|Exten: 1|Context: acme
Action: BlindTransfer|Channel: PJSIP/1001-1|Exten: 1|Context: globex
Action: CancelAtxfer|Channel: PJSIP/2001-1
Action: Bridge|Channel1: PJSIP/1001-1|Channel2: PJSIP/2001-1
Action: Bridge|Channel1: PJSIP/2001-1|Channel2: PJSIP/1001-1
Action: Bridge|Channel1: PJSIP/1001-1
Action: BridgeDestroy|BridgeUniqueid: b-globex
Action: BridgeDestroy|BridgeUniqueid: b-unknown
Action: BridgeInfo|BridgeUniqueid: b-globex
Action: BridgeKick|BridgeUniqueid: b-globex|Channel: PJSIP/1001-1
Action: BridgeKick|Channel: PJSIP/2001-1
Action: BridgeTechnologySuspend|BridgeTechnology: softmix
Action: Getvar|Channel: PJSIP/2001-1|Variable: X
Action: Getvar|Variable: X
Action: Getvar|Channel: PJSIP/1001-1|Variable: GLOBAL(X)
Action: Getvar|Channel: PJSIP/1001-1|Variable: SHARED(x,PJSIP/2001-1)
Action: Getvar|Channel: PJSIP/1001-1|Variable: IMPORT(PJSIP/2001-1,x)
Action: Getvar|Channel: PJSIP/1001-1|Variable: CHANNELS()
Action: Getvar|Channel: PJSIP/1001-1|Variable: QUEUE_MEMBER_LIST(globex-1)
Action: Getvar|Channel: PJSIP/1001-1|Variable: CALLERID(${SHELL(x)})
Action: Setvar|Variable: X|Value: 1
Action: Setvar|Channel: PJSIP/2001-1|Variable: X|Value: 1
Action: Setvar|Channel: PJSIP/1001-1|Variable: SHARED(x,PJSIP/2001-1)|Value: 1
Action: Setvar|Channel: PJSIP/1001-1|Variable: GLOBAL(X)|Value: 1
Action: Setvar|Channel: PJSIP/1001-1|Variable: GROUP()|Value: x
Action: Setvar|Channel: PJSIP/1001-1|Variable: CHANNEL(accountcode)|Value: globex
Action: Setvar|Channel: PJSIP/1001-1|Variable: CDR(accountcode)|Value: globex
Action: Setvar|Channel: PJSIP/1001-1|Variable: CHANNEL(hangup_handler_push)|Value: globex,1,1
Action: Setvar|Channel: PJSIP/1001-1|Variable: CHANNEL(pickupgroup)|Value: 1
Action: Setvar|Channel: PJSIP/1001-1|Variable: __TRANSFER_CONTEXT|Value: globex
Action: Status|Channel: PJSIP/2001-1
Action: Status|Variables: CHANNELS()
Action: Command|Command: core show channels
Action: AGI|Channel: PJSIP/1001-1|Command: EXEC ChanSpy all
Action: DBGet|Family: a|Key: b
Action: DBPut|Family: a|Key: b|Val: c
Action: GetConfig|Filename: pjsip.conf
Action: UpdateConfig|SrcFilename: a|DstFilename: b
Action: ModuleLoad|LoadType: reload
Action: Reload
Action: CoreStatus
Action: QueueReload
Action: QueueReset
Action: QueueRule
Action: Queues
Action: Parkinglots
Action: ShowDialPlan
Action: FAXStats
Action: NoSuchAction
Action: MixMonitor|Channel: PJSIP/1001-1|File: /tmp/x
Action: Monitor|Channel: PJSIP/1001-1|File: /tmp/x
Action: StopMixMonitor|Channel: PJSIP/2001-1
Action: MixMonitorMute|Channel: PJSIP/2001-1
Action: MuteAudio|Channel: PJSIP/2001-1
Action: PlayDTMF|Channel: PJSIP/2001-1|Digit: 1
Action: SendText|Channel: PJSIP/2001-1|Message: x
Action: Park|Channel: PJSIP/2001-1
Action: Park|Channel: PJSIP/1001-1|TimeoutChannel: PJSIP/2001-1
Action: Park|Channel: PJSIP/1001-1|Parkinglot: globex
Action: AbsoluteTimeout|Channel: PJSIP/2001-1|Timeout: 1
Action: LocalOptimizeAway|Channel: Local/1@globex-1;1
Action: ControlPlayback|Channel: PJSIP/2001-1|Control: stop
Action: AOCMessage|ChannelPrefix: PJSIP/|MsgType: d|ChargeType: NA
Action: PJSIPShowEndpoint|Endpoint: 2001
Action: PJSIPShowEndpoint
Action: PJSIPShowAuths
Action: PJSIPQualify|Endpoint: 2001
Action: PJSIPNotify|Endpoint: 1001|Option: x
Action: PJSIPShowRegistrationsOutbound
Action: MessageSend|To: pjsip:2001|From: x|Body: y
Action: ExtensionState|Exten: 1|Context: globex
Action: ExtensionState|Exten: 1
Action: PresenceState|Provider: CustomPresence:globex
Action: MailboxStatus|Mailbox: 1@globex
Action: MailboxStatus|Mailbox: 1
Action: MailboxStatus|Mailbox: 1@acme-x,2@globex
Action: MailboxCount|Mailbox: 1@acme-x&2@globex
Action: AgentLogoff|Agent: 8
Action: QueueAdd|Queue: globex-1|Interface: PJSIP/1001
Action: QueueAdd|Queue: acme-1|Interface: PJSIP/2001
Action: QueueAdd|Queue: acme-1|Interface: Local/1@globex/n
Action: QueueAdd|Queue: acme-1|Interface: PJSIP/1001&PJSIP/2001
Action: QueueAdd|Queue: acme-1|Interface: PJSIP/1@2001
Action: QueueAdd|Queue: acme-1|Interface: PJSIP/1001|StateInterface: PJSIP/2001
Action: QueueRemove|Queue: globex-1|Interface: PJSIP/1001
Action: QueuePause|Interface: PJSIP/1001|Paused: true
Action: QueuePause|Queue: globex-1|Interface: PJSIP/1001|Paused: true
Action: QueuePenalty|Interface: PJSIP/1001|Penalty: 1
Action: QueueStatus|Queue: globex-1
Action: QueueSummary|Queue: globex-1
Action: QueueLog|Queue: globex-1|Event: X
Action: QueueWithdrawCaller|Queue: globex-1|Caller: PJSIP/trunk-00000001
Action: QueueWithdrawCaller|Queue: acme-1|Caller: PJSIP/trunk-00000002
Action: QueueChangePriorityCaller|Queue: acme-1|Caller: PJSIP/trunk-00000002|Priority: 1
Action: ConfbridgeList|Conference: 2000
Action: ConfbridgeList
Action: ConfbridgeKick|Conference: 2000|Channel: all
Action: ConfbridgeKick|Conference: 1000|Channel: PJSIP/2001-1
Action: ConfbridgeMute|Conference: 1000|Channel: PJSIP/
Action: ConfbridgeLock|Conference: 2000
Action: ConfbridgeStartRecord|Conference: 1000|RecordFile: /tmp/x
Action: MeetmeMute|Meetme: 2000|Usernum: 1
Action: CoreShowChannelMap|Channel: PJSIP/2001-1
Action: Originate|Channel: PJSIP/2001|Context: acme|Exten: 1|Priority: 1
Action: Originate|Channel: PJSIP/5551234@trunk|Context: acme|Exten: 1|Priority: 1
Action: Originate|Channel: PJSIP/trunk/sip:x@y|Context: acme|Exten: 1|Priority: 1
Action: Originate|Channel: PJSIP/1001/sip:2001@127.0.0.1|Context: acme|Exten: 1|Priority: 1
Action: Originate|Channel: PJSIP/1001&PJSIP/2001|Context: acme|Exten: 1|Priority: 1
Action: Originate|Channel: PJSIP/1001&2001|Context: acme|Exten: 1|Priority: 1
Action: Originate|Channel: PJSIP/1001|Context: acme|Exten: 1|Priority: 1|Account: acme|Account: globex
Action: Originate|Channel: PJSIP/1@2001|Context: acme|Exten: 1|Priority: 1
Action: Originate|Channel: Local/1@globex|Context: acme|Exten: 1|Priority: 1
Action: Originate|Channel: Local/1@globex/n|Context: acme|Exten: 1|Priority: 1
Action: Originate|Channel: Local/1@acme-x@globex|Context: acme|Exten: 1|Priority: 1
Action: Originate|Channel: Local/1|Context: acme|Exten: 1|Priority: 1
Action: Originate|Channel: DAHDI/g1/5551234|Context: acme|Exten: 1|Priority: 1
Action: Originate|Channel: PJSIP/1001|Context: globex|Exten: 1|Priority: 1
Action: Originate|Channel: PJSIP/1001|Exten: 1|Priority: 1
Action: Originate|Channel: PJSIP/1001|Context: acme|Exten: 1|Priority: 1|Account: globex
Action: Originate|Channel: PJSIP/1001|Context: acme|Exten: 1|Priority: 1|ChannelId: PJSIP/trunk-00000002
Action: Originate|Channel: PJSIP/1001|Context: acme|Exten: 1|Priority: 1|ChannelId: 1764000000.12
Action: Originate|Channel: PJSIP/1001|Context: acme|Exten: 1|Priority: 1|ChannelId: pbx-1764000000.12
Action: Originate|Channel: PJSIP/1001|Context: acme|Exten: 1|Priority: 1|Variable: CHANNEL(accountcode)=globex
Action: Originate|Channel: PJSIP/1001|Context: acme|Exten: 1|Priority: 1|Variable: A=1|Variable: __TRANSFER_CONTEXT=globex
Action: Originate|Channel: PJSIP/1001|Context: acme|Exten: 1|Priority: 1|Variable: A=1,GLOBAL(B)=2
Action: Originate|Channel: PJSIP/1001|Application: ChanSpy|Data: all
Action: Originate|Channel: PJSIP/1001|Application: ExtenSpy|Data: 1@globex
Action: Originate|Channel: PJSIP/1001|Application: Pickup|Data: 1@globex
Action: Originate|Channel: PJSIP/1001|Application: PickupChan|Data: PJSIP/2001
Action: Originate|Channel: PJSIP/1001|Application: Goto|Data: globex,1,1
Action: Originate|Channel: PJSIP/1001|Application: ConfBridge|Data: 2000
Action: Originate|Channel: PJSIP/1001|Application: Queue|Data: globex-1
Action: Originate|Channel: PJSIP/1001|Application: Dial|Data: PJSIP/1002&PJSIP/2001
Action: Originate|Channel: PJSIP/1001|Application: Dial|Data: PJSIP/1002,30,G(globex^1^1)
Action: Originate|Channel: PJSIP/1001|Application: VoiceMail|Data: 1@acme-x&2@globex
Action: Originate|Channel: PJSIP/1001|Application: VoiceMailMain|Data: 1@globex,s
Action: Originate|Channel: PJSIP/1001|Application: ConfBridge|Data: ${X}
Action: Originate|Channel: PJSIP/1001|Context: acme|Exten: 1|Priority: 1|PreDialGoSub: globex,1,1
`

func TestATenantsUserDoesWhatIsHis(t *testing.T) {
	anna := named(t, tenantUsers(t), "anna")
	for _, text := range strings.Split(strings.TrimSpace(ownActions), "\n") {
		m := lines(text)
		if d := anna.JudgeKnowing(knownChannels{}, m.Action(), ami.ClassCall, m); !d.Allowed {
			t.Errorf("%s\n\tis refused by %s: %s", text, d.By, d.Why)
		}
	}
}

const ownActions = `
Action: Ping
Action: Events|EventMask: on
Action: Filter|Operation: Add|Filter: x
Action: ListCommands
Action: UserEvent|UserEvent: x|Channel: anything|Foo: bar
Action: Hangup|ActionID: 1|Server: pbx|Channel: PJSIP/1001-00000001|Cause: 16
action: hangup|channel: pjsip/1001-00000001
Action: Hangup|Channel: PJSIP/trunk-00000001
Action: Hangup|Channel: 17.1
Action: Hangup|Channel: DAHDI/i1/5551234-1
Action: Hangup|Channel: Local/1@acme-out-00000001;2
Action: Redirect|Channel: PJSIP/trunk-00000001|ExtraChannel: PJSIP/1001-1|Context: acme|Exten: 1|Priority: 1
Action: Bridge|Channel1: PJSIP/1001-1|Channel2: PJSIP/trunk-00000001|Tone: both
Action: BridgeDestroy|BridgeUniqueid: b-acme
Action: Getvar|Channel: PJSIP/1001-1|Variable: CALLERID(num)
Action: Getvar|Channel: PJSIP/1001-1|Variable: X
Action: Setvar|Channel: PJSIP/1001-1|Variable: X|Value: anything
Action: Setvar|Channel: PJSIP/1001-1|Variable: CHANNEL(accountcode)|Value: acme
Action: Setvar|Channel: PJSIP/1001-1|Variable: __TRANSFER_CONTEXT|Value: acme-out
Action: Status
Action: Status|Channel: PJSIP/1001-1|Variables: X,CALLERID(num)
Action: CoreShowChannels
Action: QueueStatus
Action: QueueStatus|Queue:
Action: QueueStatus|Queue: ACME-1
Action: QueueAdd|Queue: acme-1|Interface: Local/7@acme-agents/n|StateInterface: PJSIP/1001|MemberName: Anna
Action: QueuePause|Queue: acme-1|Interface: PJSIP/1001|Paused: true
Action: QueueWithdrawCaller|Queue: acme-1|Caller: PJSIP/trunk-00000001
Action: ConfbridgeKick|Conference: 1000|Channel: all
Action: ConfbridgeMute|Conference: 1000|Channel: PJSIP/1001-00000001
Action: ExtensionState|Exten: 1|Context: acme
Action: MailboxStatus|Mailbox: 1@acme
Action: PJSIPShowEndpoint|Endpoint: 1001
Action: PJSIPShowEndpoints
Action: DeviceStateList
Action: AgentLogoff|Agent: 7
Action: Originate|Channel: PJSIP/1001|Context: acme|Exten: 1|Priority: 1|CallerID: x|Async: true|Account: acme|Variable: A=1,B=2|Variable: C=3|ChannelId: acme-call-1
Action: Originate|Channel: Local/5551234@acme-out/n|Application: ConfBridge|Data: 1000,user
Action: Originate|Channel: Local/5551234@acme-out|Application: Queue|Data: acme-1,tT,,,30
Action: Originate|Channel: PJSIP/1001|Application: Playback|Data: tt-monkeys
Action: Originate|Channel: PJSIP/1001|Application: Dial|Data: PJSIP/1002&Local/3@acme-out/n,30
`

func TestWhoIsOfNoTenantDoesWhatHeDid(t *testing.T) {
	free := named(t, tenantUsers(t), "free")
	for _, text := range []string{"Action: Hangup|Channel: /^.*/", "Action: Command|Command: core show channels", "Action: NoSuchAction"} {
		m := lines(text)
		if d := free.Judge(m.Action(), ami.ClassCall, m); !d.Allowed {
			t.Errorf("%s is refused by %s: %s", text, d.By, d.Why)
		}
	}
}

//astproxy:attack
func TestARuleOpensAnActionToATenantsUser(t *testing.T) {
	with := func(action string) *User {
		return named(t, tenantUsers(t, func(c *UserConfig) {
			c.Rules = []RuleConfig{{Action: action, Headers: map[string][]string{"Command": {"queue show acme-1"}}}}
		}), "anna")
	}
	m, other := lines("Action: Command|Command: queue show acme-1"), lines("Action: Command|Command: queue show globex-1")
	if d := with("Command").Judge("Command", ami.ClassCommand, m); !d.Allowed {
		t.Errorf("refused by %s: %s", d.By, d.Why)
	}
	if d := with("Command").Judge("Command", ami.ClassCommand, other); d.Allowed {
		t.Error("another command passes")
	}
	if d := with("Com*").Judge("Command", ami.ClassCommand, m); d.Allowed {
		t.Error("a rule with a wildcard opens it")
	}
	allowed := named(t, tenantUsers(t, func(c *UserConfig) { c.AllowActions = []string{"Command"} }), "anna")
	if d := allowed.Judge("Command", ami.ClassCommand, m); d.Allowed {
		t.Error("allow_actions alone opens it, with every command there is")
	}
}
