package conference

import (
	"context"
	"math/rand/v2"

	"github.com/astproxy/astproxy/ami"
	"github.com/astproxy/astproxy/plugins"
)

// claim is a room that somebody is on the way into. Release it when he is there, or lost.
type claim struct {
	plugin *Plugin
	key    roomKey
	// pin is what has to be entered at the door, "" nothing.
	pin string
	// created tells that the room was not there.
	created bool
}

// claim chooses the room that an action is about, and keeps its number from being chosen by others. initiator is the number of who
// asks.
func (p *Plugin) claim(ctx context.Context, by plugins.Caller, m ami.Message, initiator string) (*claim, error) {
	name, pin := m.Get("Conference"), m.Get("PIN")
	switch existing := m.Get("Existing"); {
	case name != "" && !roomName.MatchString(name):
		return nil, plugins.Refuse(plugins.CodeInvalid, "Conference has letters, digits and _ * # + . -, 40 at most")
	case pin != "" && !pinText.MatchString(pin):
		return nil, plugins.Refuse(plugins.CodeInvalid, "PIN is digits, 20 at most")
	case existing != "" && existing != existingJoin && existing != existingRefuse:
		return nil, plugins.Refuse(plugins.CodeInvalid, "Existing is join or refuse")
	}
	if err := p.refresh(ctx, by.Server); err != nil {
		return nil, err
	}
	if name == "" && p.config.Number == numberInitiator && roomName.MatchString(initiator) && p.mayEnter(by, initiator) {
		name = initiator
	}
	theirs := p.theirs(by, name)
	if err := p.judgeRoom(by, name); name != "" && err != nil {
		return nil, err
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	if name == "" {
		name = p.freeLocked(by.Server, theirs)
	}
	if name == "" {
		return nil, plugins.Refuse(CodeNoNumber, "All numbers for conferences are taken")
	}
	c := &claim{plugin: p, key: roomKey{by.Server, name}}
	return c, p.enterLocked(c, m)
}

// freeLocked is a number of the pool that no room has; two proxies begin to search at different ones.
func (p *Plugin) freeLocked(server string, theirs map[string]bool) string {
	return p.pool.free(rand.IntN(p.pool.size()), func(number string) bool {
		return theirs[number] || p.of(server).Room(number) != nil || p.reserved[roomKey{server, number}] > 0
	})
}

// theirs are the numbers of the pool that are not those of the tenant of who asks, if he is of one and has not said
// which he wants.
func (p *Plugin) theirs(by plugins.Caller, wanted string) map[string]bool {
	if wanted != "" || !ofTenant(by) {
		return nil
	}
	theirs := make(map[string]bool)
	for i := range p.pool.size() {
		if number := p.pool.at(i); !p.mayEnter(by, number) {
			theirs[number] = true
		}
	}
	return theirs
}

// enterLocked finishes a claim, or says why the room is not to be entered.
func (p *Plugin) enterLocked(c *claim, m ami.Message) error {
	room, given := p.of(c.key.server).Room(c.key.name), m.Get("PIN")
	existing := m.Get("Existing")
	if existing == "" {
		existing = p.config.Existing
	}
	c.created = room == nil && p.reserved[c.key] == 0
	asked := p.config.pin(c.key.name)
	if set, is := p.pins[c.key]; is && !c.created {
		asked = set
	}
	switch {
	case !c.created && existing == existingRefuse:
		return plugins.Refuse(CodeExists, "There is a conference %s", c.key.name)
	case room != nil && room.Locked && !ami.IsTrue(m.Get("Admin")):
		return plugins.Refuse(CodeLocked, "Conference %s is locked", c.key.name)
	case given != "" && given != asked && (!c.created || asked != ""):
		return plugins.Refuse(CodeWrongPIN, "Conference %s has another PIN", c.key.name)
	case given != "" && c.created:
		p.pins[c.key] = given
	case given == "":
		c.pin = asked
	}
	p.reserved[c.key]++
	return nil
}

// release ends a claim.
func (c *claim) release() {
	p := c.plugin
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.reserved[c.key]--; p.reserved[c.key] > 0 {
		return
	}
	delete(p.reserved, c.key)
	if p.of(c.key.server).Room(c.key.name) == nil {
		delete(p.pins, c.key)
	}
}
