package proxy

import (
	"slices"
	"sync"
	"sync/atomic"
)

// Door counts who comes in by one listener, for who watches over the proxy. Any goroutine.
type Door struct {
	name     string
	doors    *doors
	now      atomic.Int64
	accepted atomic.Uint64
	refused  atomic.Uint64
}

// doors are the open ones.
type doors struct {
	mu   sync.Mutex
	open []*Door
}

// OpenDoor lists a door under its name, such as ami://127.0.0.1:5039, until it is closed.
func (p *Proxy) OpenDoor(name string) *Door {
	d := &Door{name: name, doors: &p.doors}
	p.doors.mu.Lock()
	defer p.doors.mu.Unlock()
	p.doors.open = append(p.doors.open, d)
	return d
}

// Close takes the door off the list.
func (d *Door) Close() {
	d.doors.mu.Lock()
	defer d.doors.mu.Unlock()
	d.doors.open = slices.DeleteFunc(d.doors.open, func(o *Door) bool { return o == d })
}

// Enter counts a connection, Leave its end, Refuse one that was not let in.
func (d *Door) Enter() {
	d.now.Add(1)
	d.accepted.Add(1)
}

// Leave is told at Enter.
func (d *Door) Leave() { d.now.Add(-1) }

// Refuse is told at Enter.
func (d *Door) Refuse() { d.refused.Add(1) }

// DoorState is a door as an administrator sees it.
type DoorState struct {
	Name        string
	Connections int    // open
	Accepted    uint64 // ever
	Refused     uint64 // ever: too many were connected, or the handshake failed
}

// Doors are the open ones, the first opened first. Any goroutine.
func (p *Proxy) Doors() []DoorState {
	p.doors.mu.Lock()
	defer p.doors.mu.Unlock()
	all := make([]DoorState, 0, len(p.doors.open))
	for _, d := range p.doors.open {
		all = append(all, DoorState{d.name, int(d.now.Load()), d.accepted.Load(), d.refused.Load()})
	}
	return all
}
