package access

import (
	"strings"
	"testing"

	"github.com/astproxy/astproxy/ami"
)

func TestVariablesThatRunProgramsOrMakeLineEndsAreForThoseWhoMaySystem(t *testing.T) {
	clerk := newUser(UserConfig{Name: "clerk", Write: []string{"call", "reporting"}})
	system := newUser(UserConfig{Name: "system", Write: []string{"system"}})
	for _, q := range []struct {
		action string // its lines, separated by "|"
		passes bool
	}{
		{"Action: Getvar|Variable: CHANNEL(state)", true},
		{"Action: Getvar|Variable: DB(family/key)", true},
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
		{"Action: Setvar|Variable: X|Value: URIDECODE(%0A)", true},
	} {
		action := ami.Parse(strings.ReplaceAll(q.action, "|", "\r\n"))
		if err := clerk.Guard(action); (err == nil) != q.passes {
			t.Errorf("%s: %v", q.action, err)
		}
		if err := system.Guard(action); err != nil {
			t.Errorf("%s by who may system: %v", q.action, err)
		}
	}
}
