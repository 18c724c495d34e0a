package host

import (
	"fmt"
	"log/slog"
	"strings"

	"github.com/astproxy/astproxy/plugins"
	"github.com/astproxy/astproxy/proxy"
	"github.com/astproxy/astproxy/store"
)

// Wrong is something that is wrong with a plugin's table.
type Wrong struct {
	Plugin string
	Key    string // of its table: "triggers[1]"; "": it as a whole
	Text   string
}

// Check tells what is wrong with setups whose configurations are valid by themselves. It makes the plugins, and nothing
// begins.
func Check(setups []Setup) (wrong []Wrong) {
	h := idle()
	var slots []*slot
	for _, setup := range setups {
		name, triggers := setup.Kind.Name, setup.Triggers
		setup.Triggers = nil
		s, err := newSlot(h, setup)
		if err != nil {
			wrong = append(wrong, Wrong{name, "", err.Error()})
			continue
		}
		for i, trigger := range triggers {
			if err := CheckTrigger(s.actions, trigger); err != nil {
				wrong = append(wrong, Wrong{name, fmt.Sprintf("triggers[%d]", i), err.Error()})
			}
		}
		slots = append(slots, s)
	}
	return append(wrong, clashes(slots)...)
}

// idle is a Host for plugins that never run.
func idle() *Host {
	nowhere := struct{ store.Store }{} // nobody reads or writes before Run
	return &Host{log: slog.New(slog.DiscardHandler), clock: SystemClock, hub: newHub(), store: nowhere}
}

// Actions are those that the plugins of setups have. Nothing begins.
func Actions(setups []Setup) (all []plugins.Action) {
	for _, setup := range setups {
		if s, err := newSlot(idle(), setup); err == nil {
			all = append(all, s.actions...)
		}
	}
	return all
}

// clashes tells of what two plugins both want to be, or what somebody is already.
func clashes(slots []*slot) (wrong []Wrong) {
	whose := map[string]string{}
	for _, s := range slots {
		for _, action := range s.actions {
			key := strings.ToLower(action.Name)
			switch other := whose[key]; {
			case proxy.IsOwn(action.Name):
				wrong = append(wrong, Wrong{s.name, "", fmt.Sprintf("its action %s is the proxy's own", action.Name)})
			case other != "":
				wrong = append(wrong, Wrong{s.name, "", fmt.Sprintf("its action %s is one of plugin %s's, too", action.Name, other)})
			default:
				whose[key] = s.name
			}
		}
	}
	return append(wrong, clashingRoutes(slots)...)
}
