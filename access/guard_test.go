package access

import (
	"testing"

	"github.com/astproxy/astproxy/ami"
)

// What Getvar and Status print is not escaped, and all clients share the session it is printed on: a
// value with line ends would be an event to everybody, or the answer to somebody else's action.
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
			if err := caller.Guard(action); (err != nil) != test.refused {
				t.Errorf("%s: %v", action, err)
			}
			if err := system.Guard(action); err != nil {
				t.Errorf("who may everything: %s: %v", action, err)
			}
		}
	}
}
