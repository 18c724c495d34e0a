package conference

import (
	"cmp"
	"slices"
	"strings"
	"time"

	"github.com/astproxy/astproxy/ami"
)

// Rooms are the rooms of one server, as its events and its lists tell. They belong to whoever holds the lock of
// their Plugin.
//
// What a list says is as of when it was made, and events that came meanwhile may be in it or not: they are applied again
// behind it, which changes nothing where they were.
type Rooms struct {
	number func(channel string) string // that a channel was called by; "" if that is not to be seen
	byName map[string]*Room
	in     map[string]*Room // by a participant's Uniqueid
	since  []change         // what came since a list was asked for, while listing
	asked  int              // how many lists are under way
}

// Room is a conference.
type Room struct {
	Name      string
	Bridge    string // its BridgeUniqueid; "" before an event has told it
	Locked    bool   // as of the latest list
	Recording bool   // as far as events have told
	Since     time.Time

	participants map[string]*Participant // by Uniqueid
	listed       bool                    // no event has told of it since a list did, which tells no bridge
}

// Participant is somebody in a Room.
type Participant struct {
	Channel, Uniqueid             string
	Number                        string // by which he can be called, as far as that is known
	CallerIDNum, CallerIDName     string
	Admin, Marked, Muted, Waiting bool
	Since                         time.Time
}

// change is an event with when it came.
type change struct {
	event ami.Message
	at    time.Time
}

// NewRooms are none. number is how a channel's name tells the number that was called; nil: it does not. Asterisk's own word for
// the number of who was called by an Originate is its CallerID, which is who has called (manager.c, action_originate).
func NewRooms(number func(channel string) string) *Rooms {
	if number == nil {
		number = func(string) string { return "" }
	}
	return &Rooms{number: number, byName: make(map[string]*Room), in: make(map[string]*Room)}
}

// Room is the conference of that name, nil when there is none. Names differ in case.
func (r *Rooms) Room(name string) *Room { return r.byName[name] }

// All are the rooms, by name.
func (r *Rooms) All() []*Room {
	all := make([]*Room, 0, len(r.byName))
	for _, room := range r.byName {
		all = append(all, room)
	}
	slices.SortFunc(all, func(a, b *Room) int { return strings.Compare(a.Name, b.Name) })
	return all
}

// Of is the room that a channel is in, and its participant, by its name or Uniqueid; nil when it is in none.
func (r *Rooms) Of(nameOrUniqueid string) (*Room, *Participant) {
	if room := r.in[nameOrUniqueid]; room != nil {
		return room, room.participants[nameOrUniqueid]
	}
	for _, room := range r.byName {
		for _, p := range room.participants {
			if strings.EqualFold(p.Channel, nameOrUniqueid) {
				return room, p
			}
		}
	}
	return nil, nil
}

// Participants are who is in the room, the first who came first.
func (r *Room) Participants() []*Participant {
	all := make([]*Participant, 0, len(r.participants))
	for _, p := range r.participants {
		all = append(all, p)
	}
	slices.SortFunc(all, func(a, b *Participant) int {
		return cmp.Or(a.Since.Compare(b.Since), strings.Compare(a.Channel, b.Channel))
	})
	return all
}

// Called is the participant with a telephone number, nil when there is none.
func (r *Room) Called(number string) *Participant {
	for _, p := range r.Participants() {
		if p.Number == number {
			return p
		}
	}
	return nil
}

// Apply takes what an event of the server's tells.
func (r *Rooms) Apply(event ami.Message, now time.Time) {
	c := change{event, now}
	if r.asked > 0 {
		r.since = append(r.since, c)
	}
	r.apply(c)
}

// concerning are the names of the events that Apply does anything with.
var concerning = []string{
	"ConfbridgeStart", "ConfbridgeEnd", "ConfbridgeJoin", "ConfbridgeLeave", "ConfbridgeMute", "ConfbridgeUnmute",
	"ConfbridgeRecord", "ConfbridgeStopRecord", "Rename", "Hangup",
}

// Concerns tells whether Apply does anything with an event.
func Concerns(event ami.Message) bool { return slices.Contains(concerning, event.Event()) }

func (r *Rooms) apply(c change) {
	conference, uniqueid := c.event.Get("Conference"), c.event.Get("Uniqueid")
	switch c.event.Event() {
	case "ConfbridgeStart":
		r.begin(c)
	case "ConfbridgeEnd":
		r.end(conference, c.event.Get("BridgeUniqueid"))
	case "ConfbridgeJoin":
		r.join(r.begin(c), newParticipant(c.event, c.at))
	case "ConfbridgeLeave":
		if room := r.in[uniqueid]; room != nil && room.Name == conference {
			r.leave(uniqueid)
		}
	case "ConfbridgeMute", "ConfbridgeUnmute":
		if room := r.in[uniqueid]; room != nil {
			room.participants[uniqueid].Muted = c.event.Event() == "ConfbridgeMute"
		}
	case "ConfbridgeRecord", "ConfbridgeStopRecord":
		r.begin(c).Recording = c.event.Event() == "ConfbridgeRecord"
	case "Rename":
		if room := r.in[uniqueid]; room != nil {
			room.participants[uniqueid].Channel = c.event.Get("Newname")
			r.tellNumber(room.participants[uniqueid])
		}
	case "Hangup":
		r.leave(uniqueid)
	}
}

// begin is the room an event is about, made when it was not known. One of the same name with another bridge is
// a new one: the end of the old one was missed.
func (r *Rooms) begin(c change) *Room {
	name, bridge := c.event.Get("Conference"), c.event.Get("BridgeUniqueid")
	room := r.byName[name]
	if room != nil && !room.listed && room.Bridge != "" && bridge != "" && room.Bridge != bridge {
		r.end(name, room.Bridge)
		room = nil
	}
	if room == nil {
		room = r.add(name, c.at)
	}
	room.listed = false
	room.Bridge = cmp.Or(bridge, room.Bridge)
	return room
}

func (r *Rooms) add(name string, now time.Time) *Room {
	room := &Room{Name: name, Since: now, participants: make(map[string]*Participant)}
	r.byName[name] = room
	return room
}

// end forgets a room, unless it is another one by now.
func (r *Rooms) end(name, bridge string) {
	room := r.byName[name]
	if room == nil || room.Bridge != "" && bridge != "" && room.Bridge != bridge {
		return
	}
	for uniqueid := range room.participants {
		delete(r.in, uniqueid)
	}
	delete(r.byName, name)
}

func (r *Rooms) join(room *Room, p *Participant) {
	if was := r.in[p.Uniqueid]; was != nil {
		if old := was.participants[p.Uniqueid]; was == room {
			p.Since, p.Marked = old.Since, old.Marked
		}
		r.leave(p.Uniqueid)
	}
	r.tellNumber(p)
	room.participants[p.Uniqueid] = p
	r.in[p.Uniqueid] = room
}

// tellNumber finds out the number of a participant.
func (r *Rooms) tellNumber(p *Participant) { p.Number = cmp.Or(r.number(p.Channel), p.CallerIDNum) }

func (r *Rooms) leave(uniqueid string) {
	if room := r.in[uniqueid]; room != nil {
		delete(room.participants, uniqueid)
		delete(r.in, uniqueid)
	}
}

// newParticipant is who an event, or an item of ConfbridgeList, is about.
func newParticipant(m ami.Message, since time.Time) *Participant {
	return &Participant{
		Channel: m.Get("Channel"), Uniqueid: m.Get("Uniqueid"),
		CallerIDNum: known(m.Get("CallerIDNum")), CallerIDName: known(m.Get("CallerIDName")),
		Admin: ami.IsTrue(m.Get("Admin")), Marked: ami.IsTrue(m.Get("MarkedUser")),
		Muted: ami.IsTrue(m.Get("Muted")), Waiting: ami.IsTrue(m.Get("Waiting")),
		Since: since,
	}
}

// known is a value that Asterisk tells; it says <unknown> for none.
func known(value string) string {
	if value == "<unknown>" {
		return ""
	}
	return value
}
