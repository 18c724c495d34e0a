package access

import (
	"strings"
	"testing"

	"github.com/astproxy/astproxy/ami"
)

// act makes an action of its headers, separated by "|".
func act(text string) ami.Message {
	b := new(ami.Builder)
	for header := range strings.SplitSeq("Action: "+text, "|") {
		name, value, _ := strings.Cut(header, ":")
		b.Add(name, strings.TrimLeft(value, " "))
	}
	return b.Message()
}

// classes are some actions', as Asterisk 22 has them.
var classes = map[string]string{
	"originate": "originate,all", "command": "command,all", "setvar": "call,all", "getvar": "call,reporting,all",
	"status": "system,call,reporting,all", "redirect": "call,all", "agi": "agi,all", "atxfer": "call,all", "monitor": "call,all", "changemonitor": "call,all",
	"dbput": "system,all", "userevent": "user,all", "blindtransfer": "call,all", "messagesend": "message,all",
}

func judge(user *User, action ami.Message) Decision {
	return user.Judge(action.Action(), ami.ParsePrivilege(classes[strings.ToLower(action.Action())]), action)
}

func userWith(t *testing.T, c UserConfig) *User {
	t.Helper()
	c.Name, c.Secret = "anna", "x"
	users := newUsers(t, c)
	user, _ := users.Authenticate("anna", "x")
	return user
}

func TestActionsByName(t *testing.T) {
	user := userWith(t, UserConfig{
		Write: []string{"call", "agent"}, AllowActions: []string{"DBPut", "queuereset"}, DenyActions: []string{"set*", "Ping", "DBDel"},
	})
	for _, test := range []struct {
		name, class string
		by          string // "" for a refusal by nothing but write
		allowed     bool
	}{
		{"Redirect", "call,all", "write", true},
		{"Setvar", "call,all", "deny_actions", false},
		{"DBPut", "system,all", "allow_actions", true},
		{"dbput", "system,all", "allow_actions", true},
		{"DBDel", "system,all", "deny_actions", false},
		{"DBDelTree", "system,all", "write", false},
		{"QueueReset", "<none>", "allow_actions", true},
		{"QueueReload", "<none>", "write", false},
		{"QueueStatus", "<none>", "open", true},
		{"Ping", "<none>", "deny_actions", false},
		{"NoSuchAction", "<none>", "write", false},
	} {
		d := user.MayRun(test.name, ami.ParsePrivilege(test.class))
		if d.Allowed != test.allowed || d.By != test.by {
			t.Errorf("%s: %+v", test.name, d)
		}
		if d.Why == "" || (d.Answer == "") != d.Allowed {
			t.Errorf("%s: the decision is not complete: %+v", test.name, d)
		}
	}
}

// The actions that Asterisk opens to every login, as the recordings of 22 and 16 and the source of older
// ones have them.
//
//astproxy:attack
func TestOfTheActionsWithoutClassThoseThatChangeSomethingNeedSystem(t *testing.T) {
	nobody, system := userWith(t, UserConfig{}), userWith(t, UserConfig{Write: []string{"system"}})
	for name := range strings.FieldsSeq(`BridgeInfo BridgeList BridgeTechnologyList Challenge Events ListCommands Login Logoff Ping QueueRule QueueStatus
		QueueSummary WaitEvent DAHDIShowChannels DAHDIShowStatus PRIShowSpans ParkedCalls Parkinglots Queues`) {
		if !nobody.MayRun(name, ami.ClassNone).Allowed || !nobody.MayRun(strings.ToUpper(name), ami.ClassNone).Allowed {
			t.Errorf("%s is not open to everybody", name)
		}
	}
	for name := range strings.FieldsSeq(`BridgeDestroy BridgeKick BridgeTechnologySuspend BridgeTechnologyUnsuspend QueueChangePriorityCaller QueueReload
		QueueReset QueueWithdrawCaller DAHDITransfer DAHDIHangup DAHDIDialOffhook DAHDIDNDon DAHDIDNDoff DAHDIRestart PRIDebugSet
		PRIDebugFileUnset MixMonitorMute WhatTheNextAsteriskHas`) {
		if nobody.MayRun(name, ami.ClassNone).Allowed {
			t.Errorf("%s is open to everybody", name)
		}
		if !system.MayRun(name, ami.ClassNone).Allowed {
			t.Errorf("%s is closed to who has class system", name)
		}
	}
}

// ruled may originate and command in few forms.
func ruledUser(t *testing.T) *User {
	return userWith(t, UserConfig{Write: []string{"all"}, Rules: []RuleConfig{
		{Action: "Originate", Headers: map[string][]string{
			"Channel": {"PJSIP/1??"}, "Context": {"local"}, "Exten": {"1*", `\*97`}, "Priority": {"1"}, "CallerID": {"", "*"},
			"Variable": {"", "LANG=*", "DEBUG"},
		}},
		{Action: "originate", Headers: map[string][]string{"Channel": {"PJSIP/1??"}, "Application": {"Playback", "Echo"}, "Data": {"", "hello*"}}},
		{Action: "Command", Headers: map[string][]string{"Command": {"core show *", "pjsip show endpoints"}}},
		{Action: "Queue*", Headers: map[string][]string{"Queue": {"sales"}}},
	}})
}

//astproxy:attack
func TestRules(t *testing.T) {
	user := ruledUser(t)
	const call = "Originate|Channel: PJSIP/101|Context: local|Exten: 1234|Priority: 1"
	tests := []struct {
		action  string
		allowed bool
	}{
		{call, true},
		{call + "|ActionID: 1|Server: pbx|Async: true|Timeout: 1000|CallerID: Anna <1>", true},
		{"ORIGINATE|CHANNEL: PJSIP/101|context: local|exTEN: 1234|priority: 1", true},
		{"Originate|Channel: PJSIP/101|Context: local|Exten: *97|Priority: 1", true},
		{"Originate|Channel: PJSIP/101|Application: playback|Data: hello-world", true},
		{"Originate|Channel: PJSIP/101|Application: Echo|Data: ", true},
		{"Originate|Channel: PJSIP/101|Application: Echo", true},
		{call + "|Variable: LANG=de", true},
		{call + "|Variable: LANG=de,LANG=fr,DEBUG", true},
		{"Command|Command: core show channels", true},
		{"Command|Command: pjsip show endpoints", true},
		{"QueueStatus|Queue: sales", true},
		{"Ping", true},
		{"Redirect|Channel: x|Context: y", true},

		// What a rule does not have.
		{"Originate|Channel: PJSIP/1012|Context: local|Exten: 1234|Priority: 1", false},
		{"Originate|Channel: PJSIP/101|Context: world|Exten: 1234|Priority: 1", false},
		{"Originate|Channel: PJSIP/101|Context: local|Exten: 2234|Priority: 1", false},
		{"Originate|Channel: PJSIP/101|Context: local|Exten: x97|Priority: 1", false},
		{"Originate|Channel: PJSIP/101|Application: System|Data: hello", false},
		{"Command|Command: core stop now", false},
		{"Command|Command: core show", false},
		{"Command", false},
		{"QueueStatus|Queue: support", false},
		{"QueueStatus", false},
		{"QueueAdd|Queue: sales|Interface: PJSIP/101", false},
		// Case and blanks, where they are a difference to Asterisk.
		{"Originate|Channel: PJSIP/101|Context: Local|Exten: 1234|Priority: 1", false},
		{"Originate|Channel: PJSIP/101|Context: local |Exten: 1234|Priority: 1", false},
		{"Command|Command: core  show channels", false},
		{"Command|Command: core\tshow channels", false},
		// A mixture of both rules: Asterisk would run the application.
		{call + "|Application: Playback|Data: hello", false},
		{call + "|Data: hello", false},
		// What no rule names.
		{call + "|PreDialGoSub: evil,s,1", false},
		{call + "|Account: boss", false},
		{call + "|Context : world", false},
		{call + "|: x", false},
		// Twice, whichever comes first.
		{call + "|Context: world", false},
		{"Originate|Context: world" + strings.TrimPrefix(call, "Originate"), false},
		{call + "|Context: local", false},
		{call + "|CONTEXT: local", false},
		{"Originate|Channel: |Channel: PJSIP/101|Context: local|Exten: 1234|Priority: 1", false},
		{"Command|Command: core show channels|Command: core stop now", false},
		// Missing or empty.
		{"Originate|Channel: PJSIP/101|Exten: 1234|Priority: 1", false},
		{"Originate|Channel: PJSIP/101|Context: |Exten: 1234|Priority: 1", false},
		{"Originate", false},
		// Several variables in a header.
		{call + "|Variable: LANG=de,HACK=1", false},
		{call + `|Variable: "LANG=de,HACK=1"`, false},
		{call + "|Variable: HACK=1,LANG=de", false},
		{call + "|Variable: LANG=de|Variable: HACK=1", false},
	}
	for _, test := range tests {
		d := judge(user, act(test.action))
		if d.Allowed != test.allowed {
			t.Errorf("%s: %+v", test.action, d)
		}
		if !d.Allowed && (d.Answer != PermissionDenied || !strings.HasPrefix(d.By, "rule")) {
			t.Errorf("%s: %+v", test.action, d)
		}
	}
}

func TestADecisionTellsTheRuleAndWhatDiffers(t *testing.T) {
	user := ruledUser(t)
	for action, want := range map[string]Decision{
		"Command|Command: core show channels": {true, "rule[2]", "it matches this rule", ""},
		"Command|Command: core stop now":      {false, "rule[2]", `no rule for it matches: rule[2]: Command is "core stop now"`, PermissionDenied},
		"QueueStatus":                         {false, "rule[3]", "no rule for it matches: rule[3]: Queue is missing", PermissionDenied},
		"Originate|Channel: PJSIP/101|Context: world": {false, "rule",
			`no rule for it matches: rule[0]: Context is "world"; rule[1]: "Context" is not in the rule`, PermissionDenied},
	} {
		if got := judge(user, act(action)); got != want {
			t.Errorf("%s:\ngot  %+v\nwant %+v", action, got, want)
		}
	}
}

func TestADecisionIsOneLine(t *testing.T) {
	user := ruledUser(t)
	d := judge(user, act("Command|Command: core\x1b[2J\u2028"+strings.Repeat("x", 500)))
	if strings.ContainsAny(d.Why, "\x1b\n\u2028") || len(d.Why) > 200 {
		t.Errorf("got %q", d.Why)
	}
}

// A rule narrows, and gives nothing.
//
//astproxy:attack
func TestARuleGivesNoRightToAnAction(t *testing.T) {
	rules := []RuleConfig{{Action: "Command", Headers: map[string][]string{"Command": {"*"}}}}
	if d := judge(userWith(t, UserConfig{Write: []string{"call"}, Rules: rules}), act("Command|Command: core show channels")); d.Allowed {
		t.Errorf("got %+v", d)
	}
	if d := judge(userWith(t, UserConfig{AllowActions: []string{"Command"}, Rules: rules}), act("Command|Command: core show channels")); !d.Allowed {
		t.Errorf("got %+v", d)
	}
}

func TestEventsNeedAllTheirClasses(t *testing.T) {
	user := userWith(t, UserConfig{Read: []string{"call", "user"}})
	for privilege, want := range map[string]string{
		"call,all": "read has all of its classes", "call,security,all": "read has not security", "system,all": "read has not system",
		"fromthefuture,all": "it has a class that only who reads all has",
	} {
		if d := user.JudgeEvent(ami.ParsePrivilege(privilege)); d.Why != want || d.By != "read" || d.Allowed != strings.HasPrefix(want, "read has all") {
			t.Errorf("%s: %+v", privilege, d)
		}
	}
}
