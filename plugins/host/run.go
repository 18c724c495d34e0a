package host

import (
	"context"
	"strings"

	"github.com/astproxy/astproxy/access"
	"github.com/astproxy/astproxy/ami"
	"github.com/astproxy/astproxy/plugins"
)

// Judge implements plugins.Host.
func (i *instance) Judge(by plugins.Caller, class ami.Class, action ami.Message) access.Decision {
	if by.User == nil {
		return access.Decision{Allowed: true, By: "open", Why: "the dialplan may do everything"}
	}
	return i.host.proxy.Judge(by.User, by.Server, action.Action(), class, action)
}

// Run implements plugins.Host.
func (i *instance) Run(ctx context.Context, by plugins.Caller, m ami.Message) (plugins.Answer, error) {
	other, action, is := i.host.findAction(m.Action())
	if !is {
		return plugins.Answer{}, plugins.Refuse(CodeStopped, "There is no plugin with an action %s", m.Action())
	}
	if d := i.Judge(by, action.Class, m); !d.Allowed {
		i.log.Info("action refused", "user", by.User, "action", action.Name, "by", d.By, "why", d.Why)
		return plugins.Answer{}, plugins.Refuse(plugins.CodeDenied, "%s", d.Answer)
	}
	if err := checkHeaders(action, m); err != nil {
		return plugins.Answer{}, err
	}
	if !other.begin() {
		return plugins.Answer{}, errStopped
	}
	type outcome struct {
		answer plugins.Answer
		err    error
	}
	ended := make(chan outcome, 1)
	go func() {
		defer other.work.Done()
		var o outcome
		o.err = other.safely("action "+action.Name, func() (err error) {
			o.answer, err = action.Run(other.ctx, by, m)
			return err
		})
		ended <- o
	}()
	select {
	case o := <-ended:
		if o.err != nil {
			return plugins.Answer{}, other.told(action.Name, by, o.err)
		}
		return o.answer, nil
	case <-ctx.Done():
		return plugins.Answer{}, context.Cause(ctx)
	}
}

// findAction is the action of that name and the instance that runs it.
func (h *Host) findAction(name string) (*instance, plugins.Action, bool) {
	for _, s := range h.snapshot() {
		i := s.current.Load()
		if i == nil {
			continue
		}
		for _, action := range i.actions {
			if strings.EqualFold(action.Name, name) {
				return i, action, true
			}
		}
	}
	return nil, plugins.Action{}, false
}
