package host

import (
	"github.com/astproxy/astproxy/plugins"
	"github.com/astproxy/astproxy/proxy"
)

// publish tells the proxy what there is.
func (h *Host) publish() {
	e := proxy.Extension{Routes: h.jobs.routes(), Figures: h.figures}
	triggering := false
	for _, s := range h.snapshot() {
		triggering = triggering || len(s.triggers) > 0
		for _, action := range s.actions {
			e.Actions = append(e.Actions, s.own(action))
		}
		for _, route := range s.routes {
			e.Routes = append(e.Routes, s.route(route))
		}
	}
	h.hub.setTriggering(triggering)
	h.proxy.Extend(e)
}

// own is an action as the proxy knows it.
func (s *slot) own(action plugins.Action) proxy.OwnAction {
	own := proxy.OwnAction{Name: action.Name, Class: action.Class, Summary: action.Summary}
	for _, header := range action.Headers {
		own.Headers = append(own.Headers, proxy.OwnHeader(header))
	}
	own.Begin = func(q proxy.Question) {
		by := plugins.Caller{User: q.User, Remote: q.Remote, Server: q.Server}
		s.ask(action.Name, by, &question{action: q.Action, gone: q.Gone, answer: q.Answer})
	}
	return own
}
