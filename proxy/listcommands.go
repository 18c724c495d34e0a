package proxy

import (
	"fmt"

	"github.com/astproxy/astproxy/ami"
)

// listCommands tells what this user may do on his server, as Asterisk tells its own users.
func (a *asker) listCommands(m ami.Message) {
	s, ok := a.serverFor(m)
	if !ok {
		return
	}
	user := a.user.Load()
	b := ami.NewResponse("Success", m.ActionID())
	for _, action := range s.session.Actions() {
		if user.MayRun(action.Name, action.Class).Allowed {
			b.Add(action.Name, fmt.Sprintf("%s (Priv: %s)", action.Description, action.Privilege))
		}
	}
	for _, action := range a.proxy.Extension().Actions {
		if user.MayRun(action.Name, action.Class).Allowed {
			b.Add(action.Name, fmt.Sprintf("%s  (Priv: %s)", action.Summary, action.privilege()))
		}
	}
	a.send(b.Message(), s.name)
}
