package host

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"strings"

	"github.com/astproxy/astproxy/ami"
	"github.com/astproxy/astproxy/plugins"
	"github.com/astproxy/astproxy/proxy"
	"github.com/astproxy/astproxy/upstream"
)

// Log implements plugins.Host.
func (i *instance) Log() *slog.Logger { return i.log }

// Clock implements plugins.Host.
func (i *instance) Clock() plugins.Clock { return clock{i} }

// Servers implements plugins.Host.
func (i *instance) Servers() (all []plugins.Server) {
	for _, s := range i.host.proxy.Servers() {
		all = append(all, plugins.Server{Name: s.Name, Up: s.Up})
	}
	return all
}

// errSynchronous is said to a plugin that would hold everybody's actions.
var errSynchronous = errors.New("an Originate needs Async: true, or it holds everybody's actions while it rings")

// Send implements plugins.Host.
func (i *instance) Send(ctx context.Context, server string, action ami.Message) (plugins.Reply, error) {
	if strings.EqualFold(action.Action(), "Originate") && !ami.IsTrue(action.Get("Async")) {
		return plugins.Reply{}, errSynchronous
	}
	messages, err := i.sender.Send(ctx, server, action)
	if err != nil {
		return plugins.Reply{}, sendError(err)
	}
	var reply plugins.Reply
	if len(messages) > 0 {
		reply.Response, reply.Items = messages[0], messages[1:]
	}
	return reply, nil
}

// sendError says in a plugin's words why there is no answer.
func sendError(err error) error {
	for _, known := range []struct{ is, told error }{
		{upstream.ErrDown, plugins.ErrDown}, {proxy.ErrUnknownServer, plugins.ErrDown},
		{upstream.ErrNotSent, plugins.ErrNotSent}, {upstream.ErrClosed, plugins.ErrNotSent}, {proxy.ErrSenderClosed, plugins.ErrNotSent},
		{upstream.ErrOutcomeUnknown, plugins.ErrOutcomeUnknown}, {upstream.ErrTimeout, plugins.ErrTimeout},
	} {
		if errors.Is(err, known.is) {
			return fmt.Errorf("%w: %w", known.told, err)
		}
	}
	return err
}

// Follow implements plugins.Host.
func (i *instance) Follow(server, uniqueid string) plugins.Following {
	return i.host.hub.follow(i, server, uniqueid)
}

// Channels implements plugins.Host.
func (i *instance) Channels(server string) plugins.Channels {
	return channelsOf{i.host.proxy, server}
}

// Emit implements plugins.Host.
func (i *instance) Emit(server string, class ami.Class, tenant string, event *ami.Builder) {
	i.host.proxy.Emit(server, class, tenant, asEvent(class, event.Message()))
}

// asEvent has the Privilege where Asterisk has it, second.
func asEvent(class ami.Class, m ami.Message) ami.Message {
	return addingSecond(m, "Privilege", privilege(class)).Message()
}

// addingSecond is a message with a header, if its value is not empty, behind its first.
func addingSecond(m ami.Message, name, value string) *ami.Builder {
	b := new(ami.Builder)
	first := true
	for n, v := range m.All() {
		if b.Add(n, v); first {
			b.AddNonEmpty(name, value)
			first = false
		}
	}
	return b
}

// privilege is how an event tells its classes.
func privilege(class ami.Class) string {
	if class == ami.ClassNone || class == ami.ClassAll {
		return class.String()
	}
	return class.String() + ",all"
}
