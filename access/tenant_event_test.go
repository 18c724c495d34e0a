package access

import (
	"strings"
	"testing"

	"github.com/astproxy/astproxy/ami"
)

// An event is acme's, globex's, or nobody's to see.
//
//astproxy:attack
func TestWhoseEventsAre(t *testing.T) {
	tenants, err := NewTenants(twoTenants)
	if err != nil {
		t.Fatal(err)
	}
	for _, line := range strings.Split(strings.TrimSpace(ownedEvents), "\n") {
		want, text, _ := strings.Cut(line, " ")
		got := strings.TrimPrefix(tenants.EventTag(lines("Event: "+text), knownChannels{}, nil), "tenant ")
		if got != strings.Trim(want, "-") {
			t.Errorf("%s\n\tis %q's", line, got)
		}
	}
}

const ownedEvents = `
acme Newchannel|Privilege: call,all|Channel: PJSIP/1001-00000001|ChannelState: 0|AccountCode: |Context: from-internal|Exten: 1|Uniqueid: 9.1|Linkedid: 9.1
globex Newchannel|Channel: PJSIP/2001-00000001|Context: from-internal|Uniqueid: 9.2|Linkedid: 9.2
- Newchannel|Channel: PJSIP/trunk-00000009|Context: from-trunk|Uniqueid: 9.3|Linkedid: 9.3
acme Newchannel|Channel: PJSIP/trunk-00000009|Context: acme|Uniqueid: 9.3|Linkedid: 9.3
acme Newchannel|Channel: PJSIP/trunk-00000009|AccountCode: acme|Context: from-trunk|Uniqueid: 9.3|Linkedid: 9.3
- Newchannel|Channel: PJSIP/trunk-00000009|AccountCode: acme|Context: globex|Uniqueid: 9.3|Linkedid: 9.3
- Newchannel|Channel: PJSIP/1001-00000001|Context: globex|Uniqueid: 9.1|Linkedid: 9.1
- Newchannel|Channel: PJSIP/1001-00000001|Context: x|Uniqueid: 9.1|Linkedid: 17.2
- Newchannel|Channel: PJSIP/1001-00000001|Context: x|Uniqueid: 17.2|Linkedid: 9.1
acme Newchannel|Channel: PJSIP/trunk-00000009|Context: from-trunk|Uniqueid: 9.3|Linkedid: 18.1
- Newchannel|Channel: PJSIP/trunk-00000009|Context: from-trunk|Uniqueid: 9.3|Linkedid: 18.3
- Newchannel|Channel: PJSIP/trunk-00000009|Context: globex|Uniqueid: 9.3|Linkedid: 18.1
- Newchannel|Channel: PJSIP/2001-00000009|Context: x|Uniqueid: 9.3|Linkedid: 18.1
acme Newstate|Channel: PJSIP/trunk-00000001|Context: from-trunk|Uniqueid: 17.1|Linkedid: 17.1
- Newstate|Channel: PJSIP/trunk-00000003|Context: from-trunk|Uniqueid: 17.3|Linkedid: 17.3
acme Newexten|Channel: Local/1@acme-out-00000001;2|Context: macro-dial|Uniqueid: 9.4|Linkedid: 9.4|Extension: s|AppData: PJSIP/5551234@trunk,30
- Newexten|Channel: PJSIP/1001-00000001|Uniqueid: 9.4|Linkedid: 9.4|AppData: PJSIP/2001,30
- Newexten|Channel: PJSIP/1001-00000001|Uniqueid: 9.4|Linkedid: 9.4|AppData: Local/1@globex/n&PJSIP/1002,30
- Newexten|Channel: PJSIP/1001-00000001|Uniqueid: 9.4|Linkedid: 9.4|Application: Queue|AppData: globex-1,tT
acme Newexten|Channel: PJSIP/1001-00000001|Uniqueid: 9.4|Linkedid: 9.4|Application: Queue|AppData: acme-1,tT
- Newexten|Channel: PJSIP/1001-00000001|Uniqueid: 9.4|Linkedid: 9.4|Application: Goto|AppData: globex,1,1
acme VarSet|Channel: PJSIP/1001-00000001|Uniqueid: 9.4|Linkedid: 9.4|Variable: BRIDGEPEER|Value: PJSIP/1002-00000001
- VarSet|Channel: PJSIP/1001-00000001|Uniqueid: 9.4|Linkedid: 9.4|Variable: BRIDGEPEER|Value: PJSIP/2001-00000001
- VarSet|Channel: PJSIP/1001-00000001|Uniqueid: 9.4|Linkedid: 9.4|Variable: BRIDGEPEER|Value: PJSIP/trunk-00000002
- VarSet|Channel: none|Uniqueid: none|Variable: SECRET|Value: acme
- Newchannel|Channel: PJSIP/1001-00000001|Uniqueid: 9.1|NewHeader: PJSIP/2001-00000001
- Newchannel|Channel: PJSIP/1001-00000001|Uniqueid: 9.1|NewHeader: globex-1
- Newchannel|Channel: PJSIP/1001-00000001|Uniqueid: 9.1|NewHeader: 17.2
acme Newchannel|Channel: PJSIP/1001-00000001|Uniqueid: 9.1|NewHeader: 2000
- Newchannel|Channel: PJSIP/1001-00000001|Uniqueid: 9.1|ChanVariable(X): PJSIP/2001-00000001
acme DialBegin|Channel: PJSIP/1001-1|Uniqueid: 9.1|DestChannel: PJSIP/trunk-00000001|DestUniqueid: 17.1|DestContext: from-trunk|DialString: 5551234@trunk
acme DialBegin|DestChannel: PJSIP/1001-1|DestUniqueid: 9.1|DialString: 1001
- DialBegin|Channel: PJSIP/1001-1|Uniqueid: 9.1|DestChannel: PJSIP/trunk-00000009|DestUniqueid: 9.9
- DialBegin|Channel: PJSIP/1001-1|Uniqueid: 9.1|DestChannel: PJSIP/2001-1|DestUniqueid: 9.9
- LocalBridge|LocalOneChannel: Local/1@acme-1;1|LocalOneUniqueid: 1|LocalTwoChannel: Local/1@acme-1;2|LocalTwoUniqueid: 2|Context: globex|Exten: 1
acme LocalBridge|LocalOneChannel: Local/1@acme-1;1|LocalOneUniqueid: 1|LocalTwoChannel: Local/1@acme-1;2|LocalTwoUniqueid: 2|Context: acme|Exten: 1
acme BridgeEnter|BridgeUniqueid: b-acme|BridgeName: <unknown>|Channel: PJSIP/1001-1|Uniqueid: 9.1|Linkedid: 9.1
- BridgeEnter|BridgeUniqueid: b-globex|Channel: PJSIP/1001-1|Uniqueid: 9.1|Linkedid: 9.1
- BridgeEnter|BridgeUniqueid: b-new|BridgeName: 2000|Channel: PJSIP/1001-1|Uniqueid: 9.1|Linkedid: 9.1
- BridgeCreate|BridgeUniqueid: b-new|BridgeNumChannels: 0
acme BridgeDestroy|BridgeUniqueid: b-acme|BridgeNumChannels: 0
- AttendedTransfer|OrigTransfererChannel: PJSIP/1001-1|OrigTransfererUniqueid: 9.1|SecondTransfererChannel: PJSIP/2001-1|SecondTransfererUniqueid: 9.2
- ChanSpyStart|SpyerChannel: PJSIP/1001-1|SpyerUniqueid: 9.1|SpyeeChannel: PJSIP/2001-1|SpyeeUniqueid: 9.2
acme QueueCallerJoin|Channel: PJSIP/trunk-00000001|Uniqueid: 17.1|Queue: acme-1|Position: 1|Count: 1
- QueueCallerJoin|Channel: PJSIP/1001-1|Uniqueid: 9.1|Queue: globex-1|Position: 1|Count: 1
- QueueCallerJoin|Channel: PJSIP/1001-1|Uniqueid: 9.1|Queue: shared|Position: 1|Count: 1
acme QueueMemberStatus|Queue: acme-1|MemberName: Anna|Interface: PJSIP/1001|StateInterface: PJSIP/1001
- QueueMemberStatus|Queue: acme-1|MemberName: PJSIP/2001|Interface: PJSIP/2001|StateInterface: PJSIP/2001
- QueueMemberStatus|Queue: globex-1|MemberName: PJSIP/1001|Interface: PJSIP/1001
acme DeviceStateChange|Device: PJSIP/1001|State: INUSE
globex DeviceStateChange|Device: PJSIP/2001|State: INUSE
- DeviceStateChange|Device: PJSIP/trunk|State: INUSE
acme DeviceStateChange|Device: Queue:acme-1_avail|State: INUSE
acme DeviceStateChange|Device: Queue:acme-1_pause_PJSIP/1001|State: INUSE
- DeviceStateChange|Device: Queue:acme-1_pause_PJSIP/2001|State: INUSE
globex DeviceStateChange|Device: confbridge:2000|State: INUSE
acme DeviceStateChange|Device: MWI:7@acme|State: INUSE
acme DeviceStateChange|Device: Local/7@acme-agents|State: INUSE
acme DeviceStateChange|Device: Custom:acme-lamp|State: INUSE
acme DeviceStateChange|Device: Agent:7|State: INUSE
acme ExtensionStatus|Exten: 1|Context: acme|Hint: PJSIP/1001&Custom:acme-lamp|Status: 0
- ExtensionStatus|Exten: 1|Context: acme|Hint: PJSIP/2001|Status: 0
- ExtensionStatus|Exten: 1|Context: shared|Hint: PJSIP/1001|Status: 0
acme ContactStatus|URI: sip:1001@192.0.2.1|ContactStatus: Reachable|AOR: 1001|EndpointName: 1001|RoundtripUsec: 1
- ContactStatus|URI: sip:1001@192.0.2.1|ContactStatus: Reachable|AOR: 2001|EndpointName: 1001|RoundtripUsec: 1
acme PeerStatus|ChannelType: PJSIP|Peer: PJSIP/1001|PeerStatus: Reachable
- Registry|ChannelType: PJSIP|Username: 1001|Domain: acme|Status: Registered
acme ConfbridgeStart|Conference: 1000|BridgeUniqueid: b-x|BridgeName: 1000
- ConfbridgeJoin|Conference: 2000|BridgeUniqueid: b-x|BridgeName: 2000|Channel: PJSIP/1001-1|Uniqueid: 9.1
- ConfbridgeJoin|Conference: 1000|BridgeName: 1000|Channel: PJSIP/2001-1|Uniqueid: 9.2
acme OriginateResponse|Response: Failure|Channel: Local/1@acme-out|Context: acme|Exten: 1|Reason: 0|Uniqueid: <null>
acme OriginateResponse|Response: Success|Channel: Local/1@acme-out-00000001;1|Context: acme|Exten: 1|Reason: 4|Uniqueid: 9.9
- OriginateResponse|Response: Failure|Channel: PJSIP/5551234@trunk|Context: acme|Exten: 1|Reason: 0|Uniqueid: <null>
acme Cdr|AccountCode: |Source: 1|Destination: 5551234|DestinationContext: acme-out|CallerID: x|Channel: PJSIP/1001-1|DestinationChannel: PJSIP/trunk-00000009|LastData: PJSIP/5551234@trunk|UniqueID: 9.1
- Cdr|Channel: PJSIP/1001-1|DestinationChannel: PJSIP/trunk-00000002|DestinationContext: x|UniqueID: 9.1
- Cdr|Channel: PJSIP/1001-1|DestinationChannel: PJSIP/2001-1|DestinationContext: x|UniqueID: 9.1
- CEL|EventName: BRIDGE_ENTER|Channel: PJSIP/1001-1|UniqueID: 9.1|LinkedID: 9.1|Peer: PJSIP/1002-1,PJSIP/2001-1
- CEL|EventName: X|Channel: PJSIP/1001-1|UniqueID: 9.1|LinkedID: 9.1|Extra: {"transferee_channel_name":"PJSIP/2001-1"}
- CEL|EventName: X|Channel: PJSIP/1001-1|UniqueID: 9.1|LinkedID: 17.2
acme UserEvent|Privilege: user,all|Channel: PJSIP/1001-1|Uniqueid: 9.1|Linkedid: 9.1|UserEvent: Hello|Whatever: PJSIP/2001-1
globex UserEvent|Privilege: user,all|Channel: PJSIP/2001-1|Uniqueid: 9.1|UserEvent: Hello|Channel: PJSIP/1001-1
- UserEvent|Privilege: user,all|UserEvent: Hello|Channel: PJSIP/1001-1|Uniqueid: 9.1
- UserEvent|Privilege: user,all|UserEvent: Hello|Channel: PJSIP/1001-1|Uniqueid: 9.1|UserEvent: again
acme MessageWaiting|Mailbox: 7@acme|Waiting: 1|New: 1|Old: 0
- MessageWaiting|Mailbox: 7@default|Waiting: 1
acme ParkedCall|ParkeeChannel: PJSIP/trunk-00000001|ParkeeUniqueid: 17.1|ParkerDialString: PJSIP/1001|Parkinglot: default
- ParkedCall|ParkeeChannel: PJSIP/trunk-00000001|ParkeeUniqueid: 17.1|ParkerDialString: PJSIP/2001|Parkinglot: default
- SuccessfulAuth|AccountID: acme|Service: AMI
- TestEvent|Channel: PJSIP/1001-1
- NoSuchEvent|Channel: PJSIP/1001-1|Uniqueid: 9.1
- MemoryLimit
`

//astproxy:attack
func TestWhatAnEventIsCalledDecidesByItsFirstLine(t *testing.T) {
	anna := named(t, tenantUsers(t), "anna")
	m := lines("Event: DBGetTreeResponse|Key: /a|Event: Newchannel|Channel: PJSIP/1001-1|Uniqueid: 9.1")
	if anna.JudgeItem(knownChannels{}, m).Allowed {
		t.Error("a second Event makes it another event")
	}
}

// A permission check may cost 1 µs.
func BenchmarkJudgeOfTenant(b *testing.B) {
	tenants, _ := NewTenants(twoTenants)
	users, err := NewUsersOf(tenants, []UserConfig{{Name: "anna", Secret: "x", Read: []string{"all"}, Write: []string{"call", "originate"}, Tenant: "acme"}})
	if err != nil {
		b.Fatal(err)
	}
	anna, _ := users.Named("anna")
	for _, text := range []string{
		"Action: Hangup|ActionID: 1|Channel: PJSIP/1001-00000001",
		"Action: Redirect|ActionID: 1|Channel: PJSIP/1001-00000001|ExtraChannel: Local/1@acme-out-00000001;1|Context: acme|Exten: 1|Priority: 1",
		"Action: Originate|ActionID: 1|Channel: PJSIP/1001|Context: acme|Exten: 1|Priority: 1|CallerID: x|Async: true|Variable: A=1",
	} {
		m := lines(text)
		b.Run(m.Action(), func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				if d := anna.Judge(m.Action(), ami.ClassCall|ami.ClassOriginate, m); !d.Allowed {
					b.Fatal(d.Why)
				}
			}
		})
	}
	m := lines("Event: Newexten|Privilege: dialplan,all|Channel: PJSIP/1001-00000001|ChannelState: 6|ChannelStateDesc: Up|CallerIDNum: 1001|CallerIDName: Anna|ConnectedLineNum: <unknown>|ConnectedLineName: <unknown>|Language: en|AccountCode: acme|Context: acme|Exten: 1|Priority: 1|Uniqueid: 1764000000.12|Linkedid: 1764000000.12|Extension: 1|Application: Dial|AppData: PJSIP/1002,30")
	b.Run("event", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			if tenants.EventTag(m, knownChannels{}, nil) == "" {
				b.Fatal()
			}
		}
	})
}

func TestExplainingAnEventSaysWhoseItIs(t *testing.T) {
	users := tenantUsers(t)
	anna, free := named(t, users, "anna"), named(t, users, "free")
	for text, want := range map[string]string{
		"FullyBooted|Privilege: system,all|Status: Fully Booted": "every tenant may know how the server is",
		"Newstate|Channel: PJSIP/1001-1|Uniqueid: 9.1":           "it names what is his, and nothing that is not",
		"Newstate|Channel: PJSIP/2001-1|Uniqueid: 9.1":           "",
		"Newstate|Channel: PJSIP/trunk-9|Uniqueid: 9.1":          "",
		"SuccessfulAuth|AccountID: acme":                         "",
		"QueueMemberStatus|Queue: other":                         "",
	} {
		m := lines("Event: " + text)
		if d := anna.JudgeEventOf(knownChannels{}, m, nil); d.Allowed != (want != "") || d.By != "tenant" || want != "" && d.Why != want || d.Why == "" {
			t.Errorf("%s: %+v", text, d)
		}
		if !free.JudgeEventOf(knownChannels{}, m, nil).Allowed {
			t.Errorf("%s is not for who is of no tenant", text)
		}
	}
}
