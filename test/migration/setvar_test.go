package migration_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/astproxy/astproxy/proxy/proxytest"
)

func TestSetvarOfManagerConfIsSetByAnOriginateUnlessItSetsItItself(t *testing.T) {
	forEachAsterisk(t, func(t *testing.T, address, username, secret string) {
		text := imported(t, []string{"manager.conf"}, []string{`
[general]
enabled = yes
bindaddr = 127.0.0.1
[north]
secret = hunter2
read = all
write = all
setvar = ACCOUNT=north
setvar = OFFICE=1
`})
		door := run(t, strings.NewReplacer(`"127.0.0.1:5039"`, fmt.Sprintf("%q", address), "127.0.0.1:5038", "127.0.0.1:0",
			"username = \"astproxy\"", fmt.Sprintf("username = %q", username), `"a-new-secret"`, fmt.Sprintf("%q", secret)).Replace(text))
		c := proxytest.Dial(t, door)
		c.Login("north", "hunter2")
		answer := c.Ask("Originate", "Channel: Local/1001@default", "Context: default", "Exten: 1002", "Priority: 1", "Async: true", "Variable: OFFICE=2", "ActionID: 1")
		if answer.Response() != "Success" {
			t.Fatalf("answered with %s", answer)
		}
		c.Event("VarSet", "Variable: ACCOUNT", "Value: north")
		c.Event("VarSet", "Variable: OFFICE", "Value: 2")
	})
}
