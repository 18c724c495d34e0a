package conference

import (
	"context"
	"fmt"

	"github.com/astproxy/astproxy/ami"
	"github.com/astproxy/astproxy/plugins"
)

// Forget drops all rooms. Lists that are under way go on.
func (r *Rooms) Forget() {
	clear(r.byName)
	clear(r.in)
	r.since = nil
}

// refresh asks a server for its rooms.
func (p *Plugin) refresh(ctx context.Context, server string) error {
	p.mu.Lock()
	p.of(server).BeginList()
	p.mu.Unlock()

	l, err := p.list(ctx, server)

	p.mu.Lock()
	defer p.mu.Unlock()
	rooms := p.of(server)
	if err != nil {
		rooms.DropList()
		return err
	}
	rooms.EndList(l)
	for key := range p.pins {
		if key.server == server && rooms.Room(key.name) == nil && p.reserved[key] == 0 {
			delete(p.pins, key)
		}
	}
	return nil
}

// list asks for all rooms and who is in them.
func (p *Plugin) list(ctx context.Context, server string) (*listing, error) {
	l := new(listing)
	items, err := p.ask(ctx, server, ami.NewAction("ConfbridgeListRooms"))
	if err != nil {
		return nil, err
	}
	for _, name := range l.addRooms(items, p.now()) {
		items, err := p.ask(ctx, server, ami.NewAction("ConfbridgeList").Add("Conference", name))
		if err != nil {
			return nil, err
		}
		if items == nil {
			l.drop(name) // it has ended meanwhile
		}
		l.addParticipants(name, items, p.now())
	}
	return l, nil
}

// ask sends an action that lists, as the proxy itself.
func (p *Plugin) ask(ctx context.Context, server string, action *ami.Builder) ([]ami.Message, error) {
	m := action.Message()
	reply, err := p.host.Send(ctx, server, m)
	switch message := reply.Response.Get("Message"); {
	case err != nil:
		return nil, err
	case reply.OK():
		return reply.Items, nil
	case isEmptyList(message):
		return nil, nil
	default:
		return nil, plugins.Refuse(plugins.CodeFailed, "%s: %s", m.Action(), message)
	}
}

// room is a copy of what is known of a room after the server was asked, for whoever acts upon it.
func (p *Plugin) room(ctx context.Context, server, name string) (Room, bool, error) {
	if err := p.refresh(ctx, server); err != nil {
		return Room{}, false, fmt.Errorf("ask for the conferences: %w", err)
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	room := p.of(server).Room(name)
	if room == nil {
		return Room{}, false, nil
	}
	return room.clone(), true, nil
}

// clone is a copy that belongs to nobody.
func (r *Room) clone() Room {
	c := *r
	c.participants = make(map[string]*Participant, len(r.participants))
	for uniqueid, p := range r.participants {
		who := *p
		c.participants[uniqueid] = &who
	}
	return c
}
