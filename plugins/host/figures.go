package host

import "github.com/astproxy/astproxy/proxy"

// figures are for /metrics.
func (h *Host) figures() (all []proxy.Figure) {
	for _, s := range h.snapshot() {
		up, missed := 0.0, s.missed.Load()
		if i := s.current.Load(); i != nil {
			up, missed = 1, missed+i.queue.dropped()
		}
		add := func(name, help string, value float64) {
			all = append(all, proxy.Figure{Part: s.name, Name: name, Help: help, Value: value})
		}
		add("plugin_running", "Whether the plugin runs; 0 while it waits to begin again.", up)
		add("plugin_panics_total", "Panics of the plugin.", float64(s.panics.Load()))
		add("plugin_restarts_total", "How often the plugin has begun again because it had failed.", float64(s.restarts.Load()))
		add("plugin_events_missed_total", "Events that the plugin was too slow to hear.", float64(missed))
	}
	return all
}
