package access

import (
	"strings"
	"testing"

	"github.com/astproxy/astproxy/ami"
)

// What Getvar and Status print is not escaped, and all clients share the session it is printed on: a
// value with line ends would be an event to everybody, or the answer to somebody else's action.
//
//astproxy:attack
func TestFunctionsThatMakeLineEndsNeedClassSystem(t *testing.T) {
	users := newUsers(t,
		UserConfig{Name: "caller", Secret: "x", Write: []string{"call", "reporting"}},
		UserConfig{Name: "system", Secret: "x", Write: []string{"system"}},
	)
	caller, _ := users.Authenticate("caller", "x")
	system, _ := users.Authenticate("system", "x")
	for _, test := range []struct {
		variable string
		refused  bool
	}{
		{"URIDECODE(a%0D%0A%0D%0AEvent: Newchannel)", true},
		{"IMPORT(Local/1@a-1;1,BASE64_DECODE(DQoNCg==))", true},
		{"STRFTIME(,,%n%nEvent: Newchannel)", true},
		{"SPRINTF(%c,10)", true},
		{"STRREPLACE(X,a,b)", true},
		{"SHELL(id)", true},
		{"URIDECODE", false},
		{"CHANNEL(state)", false},
		{"MY_REPLACEMENT", false},
	} {
		for _, action := range []ami.Message{
			ami.NewAction("Getvar").Add("Variable", test.variable).Message(),
			ami.NewAction("Status").Add("Variables", "X,"+test.variable).Message(),
		} {
			if d := caller.Judge(action.Action(), ami.ClassReporting, action); d.Allowed == test.refused {
				t.Errorf("%s: %+v", action, d)
			}
			if d := system.Judge(action.Action(), ami.ClassSystem, action); !d.Allowed {
				t.Errorf("who may everything: %s: %+v", action, d)
			}
		}
	}
}

//astproxy:attack
func TestVariablesThatRunProgramsOrMakeLineEndsAreForThoseWhoMaySystem(t *testing.T) {
	clerk := newUser(UserConfig{Name: "clerk", Write: []string{"call", "reporting"}})
	system := newUser(UserConfig{Name: "system", Write: []string{"system", "call"}})
	for _, q := range []struct {
		action string // its lines, separated by "|"
		passes bool
	}{
		{"Action: Getvar|Variable: CHANNEL(state)", true},
		{"Action: Getvar|Variable: DB(family/key)", false},
		{"Action: Getvar|Variable: ASTPROXY_TOKEN", false},
		{"Action: Getvar|Variable: GLOBAL(astproxy_token)", false},
		{"Action: Status|Variables: CHANNEL(state),ASTPROXY_TOKEN", false},
		{"Action: Getvar|Variable: SHELL(id)", false},
		{"Action: Getvar|Variable: EVAL(${SHELL(id)})", false},
		{"Action: getvar|variable: URIDECODE(%0A%0AEvent: Hangup)", false},
		{"Action: Getvar|Variable: BASE64_DECODE(DQoNCg==)", false},
		{"Action: Getvar|Variable: STRFTIME(0,UTC,%n%nEvent: Hangup)", false},
		{"Action: Getvar|Variable: SPRINTF(%c,10)", false},
		{"Action: Getvar|Variable: AES_DECRYPT(key,text)", false},
		{"Action: Getvar|Variable: JSON_DECODE(x,y)", false},
		{"Action: Getvar|Variable: CURL(http://x)", false},
		{"Action: Status|Variables: CHANNEL(state),URIDECODE(%0A)", false},
		{"Action: Status|Variables: X,Y", true},
		{"Action: Setvar|Variable: X|Value: MY(%0A)", true},
	} {
		action := ami.Parse(strings.ReplaceAll(q.action, "|", "\r\n"))
		if d := judge(clerk, action); d.Allowed != q.passes {
			t.Errorf("%s: %+v", q.action, d)
		}
		if d := judge(system, action); !d.Allowed {
			t.Errorf("%s by who may system: %+v", q.action, d)
		}
	}
}
