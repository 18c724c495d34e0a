package hotdesk

import (
	"strings"
	"sync"
	"time"
)

// maxDevices bounds the devices of a server whose states are remembered.
const maxDevices = 50_000

// devices are the states of phones, as Asterisk has told them last.
type devices struct {
	mu      sync.Mutex
	servers map[string]map[string]deviceState // by the device's name in lower case
	whole   map[string]bool                   // the servers that have told of all
}

type deviceState struct {
	state string
	since time.Time // when it became unavailable
}

func newDevices() *devices {
	return &devices{servers: map[string]map[string]deviceState{}, whole: map[string]bool{}}
}

// told remembers what an event or a list says. Custom devices are the proxy's own making, and Local ones nobody sits at.
func (d *devices) told(server, device, state string, now time.Time) {
	if strings.HasPrefix(device, "Custom:") || strings.HasPrefix(device, "Local/") || !strings.Contains(device, "/") {
		return
	}
	key := strings.ToLower(device)
	d.mu.Lock()
	defer d.mu.Unlock()
	known := d.servers[server]
	if known == nil {
		known = map[string]deviceState{}
		d.servers[server] = known
	}
	before, is := known[key]
	if !is && len(known) >= maxDevices {
		return
	}
	after := deviceState{state: state, since: now}
	if state == stateUnavailable && before.state == stateUnavailable {
		after.since = before.since
	}
	known[key] = after
}

// asked remembers what was asked for, unless an event has told more since.
func (d *devices) asked(server, device, state string, now time.Time) {
	d.mu.Lock()
	_, known := d.servers[server][strings.ToLower(device)]
	d.mu.Unlock()
	if !known {
		d.told(server, device, state, now)
	}
}

// forget is for a server whose connection is another one: what was known may be wrong.
func (d *devices) forget(server string) {
	d.mu.Lock()
	defer d.mu.Unlock()
	delete(d.servers, server)
	delete(d.whole, server)
}

// complete says that a server has told of all its devices; isComplete tells whether it has.
func (d *devices) complete(server string) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.whole[server] = true
}

func (d *devices) isComplete(server string) bool {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.whole[server]
}

// get is a device's state.
func (d *devices) get(server, device string) deviceState {
	d.mu.Lock()
	defer d.mu.Unlock()
	s, known := d.servers[server][strings.ToLower(device)]
	if !known {
		s.state = stateUnknown
	}
	return s
}

// combined is what a user's lamp shows who is at these devices.
func (d *devices) combined(server string, all []string) string {
	var states []string
	for _, device := range all {
		states = append(states, d.get(server, device).state)
	}
	return combined(states)
}
