package host

import (
	"context"
	"errors"

	"github.com/astproxy/astproxy/agi"
)

// Scripts are those of the plugins, as an agi.Server runs them. They are others after Apply.
func (h *Host) Scripts() (all []agi.Script) {
	for _, s := range h.snapshot() {
		for _, script := range s.scripts {
			all = append(all, agi.Script{Path: script.Path, Summary: script.Summary, Run: func(ctx context.Context, call *agi.Call) error {
				return s.talk(ctx, script.Path, call)
			}})
		}
	}
	return all
}

// talk runs a script of the instance that runs. It ends with the plugin.
func (s *slot) talk(ctx context.Context, path string, call *agi.Call) error {
	i := s.current.Load()
	if i == nil || !i.begin() {
		return errors.New(errStopped.Text)
	}
	defer i.work.Done()
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	defer context.AfterFunc(i.ctx, func() { //nolint:contextcheck // it is the plugin's end that ends the call
		cancel()
		call.Close()
	})()
	for _, script := range i.scripts {
		if script.Path == path {
			return s.safely("script "+path, func() error { return script.Run(ctx, call) })
		}
	}
	return errors.New(errStopped.Text)
}
