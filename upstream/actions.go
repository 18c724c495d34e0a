package upstream

import (
	"context"

	"github.com/astproxy/astproxy/ami"
)

// ActionInfo is what ListCommands says of an action.
type ActionInfo struct {
	Name, Description string
	Class             ami.Class
	Privilege         string // as printed: "call,all" or "<none>"
}

// Action is what Asterisk said of an action, whose name is compared without case. It is remembered
// while the server is down.
func (s *Session) Action(name string) (ActionInfo, bool) { return ActionInfo{}, false }

// Actions are all actions the session's user may run, in Asterisk's order. The caller must not
// change them.
func (s *Session) Actions() []ActionInfo { return nil }

// LearnActions asks Asterisk again which actions there are, and waits for the answer. Calls at
// the same time share one question, and within a second of the last one nothing is asked.
func (s *Session) LearnActions(ctx context.Context) error { return nil }
