package conference

import (
	"slices"
	"strconv"
	"time"

	"github.com/astproxy/astproxy/ami"
)

// A listing makes Rooms anew of what ConfbridgeListRooms and ConfbridgeList answer. What comes by events between Begin
// and its end is not lost.
type listing struct {
	rooms []*Room
}

// BeginList is to be called before a server is asked for its rooms, and EndList or DropList once after it.
func (r *Rooms) BeginList() { r.asked++ }

// DropList ends a list that did not come.
func (r *Rooms) DropList() {
	if r.asked--; r.asked == 0 {
		r.since = nil
	}
}

// EndList puts the list in the place of what was known.
func (r *Rooms) EndList(l *listing) {
	old := r.byName
	r.byName, r.in = make(map[string]*Room, len(l.rooms)), make(map[string]*Room)
	for _, room := range l.rooms {
		if was := old[room.Name]; was != nil {
			// An event has told what no list tells.
			room.Bridge, room.Recording, room.Since, room.listed = was.Bridge, was.Recording, was.Since, true
		}
		r.byName[room.Name] = room
		for uniqueid, p := range room.participants {
			r.tellNumber(p)
			r.in[uniqueid] = room
		}
	}
	for _, c := range r.since {
		r.apply(c)
	}
	r.DropList()
}

// addRooms takes the items of ConfbridgeListRooms, and returns the names of the rooms.
func (l *listing) addRooms(items []ami.Message, now time.Time) []string {
	var names []string
	for _, m := range items {
		if m.Event() != "ConfbridgeListRooms" {
			continue
		}
		l.rooms = append(l.rooms, &Room{
			Name: m.Get("Conference"), Locked: ami.IsTrue(m.Get("Locked")), Since: now,
			participants: make(map[string]*Participant),
		})
		names = append(names, m.Get("Conference"))
	}
	return names
}

// addParticipants takes the items of one room's ConfbridgeList. Whoever is on it is in the room, or on the way into
// it: who is alone hears of that before he joins.
func (l *listing) addParticipants(name string, items []ami.Message, now time.Time) {
	for _, room := range l.rooms {
		if room.Name != name {
			continue
		}
		for _, m := range items {
			if m.Event() != "ConfbridgeList" {
				continue
			}
			since := now
			if seconds, err := strconv.Atoi(m.Get("AnsweredTime")); err == nil {
				since = now.Add(-time.Duration(seconds) * time.Second)
			}
			p := newParticipant(m, since)
			room.participants[p.Uniqueid] = p
		}
	}
}

// drop takes a room off the list.
func (l *listing) drop(name string) {
	l.rooms = slices.DeleteFunc(l.rooms, func(r *Room) bool { return r.Name == name })
}

// isEmptyList tells whether an error of the Confbridge actions means that there is nobody to list
// (app_confbridge.c, action_confbridgelistrooms, action_confbridgelist).
func isEmptyList(message string) bool {
	return message == "No active conferences." || message == "No Conference by that name found."
}
