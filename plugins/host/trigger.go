package host

import "github.com/astproxy/astproxy/plugins"

func (h *Host) trigger(plugins.Event) {}
