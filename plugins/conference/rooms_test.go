package conference

import (
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/astproxy/astproxy/ami"
)

var noon = time.Date(2026, time.November, 24, 12, 0, 0, 0, time.UTC)

// recorded are the events of a recording about conferences and channels' ends.
func recorded(t *testing.T, version string) (events []ami.Message) {
	t.Helper()
	text, err := os.ReadFile("testdata/confbridge-" + version + ".txt")
	if err != nil {
		t.Fatal(err)
	}
	for block := range strings.SplitSeq(string(text), "\n\n") {
		events = append(events, ami.Parse(block))
	}
	return events
}

// names are who is in a room, by the beginning of their channels' names.
func names(r *Rooms, room string) (who []string) {
	if r.Room(room) == nil {
		return nil
	}
	for _, p := range r.Room(room).Participants() {
		name, _, _ := strings.Cut(p.Channel, "@")
		who = append(who, strings.TrimPrefix(name, "Local/"))
	}
	return who
}

func TestRoomsAreWhatTheRecordedEventsTell(t *testing.T) {
	for _, version := range []string{"22", "16"} {
		rooms := NewRooms(nil)
		var seen []string
		for _, event := range recorded(t, version) {
			rooms.Apply(event, noon)
			if event.Event() == "ConfbridgeJoin" || event.Event() == "ConfbridgeMute" {
				seen = append(seen, strings.Join(names(rooms, event.Get("Conference")), " "))
			}
			if event.Event() == "ConfbridgeMute" {
				if _, p := rooms.Of(event.Get("Uniqueid")); !p.Muted {
					t.Errorf("%s: %s is not muted", version, p.Channel)
				}
			}
			if event.Event() == "ConfbridgeEnd" && rooms.Room(event.Get("Conference")) != nil {
				t.Errorf("%s: conference %s goes on", version, event.Get("Conference"))
			}
		}
		want := []string{"1003", "1002 1003", "1002 1003", "1002 1003", "1004", "1004"}
		if !slices.Equal(seen, want) {
			t.Errorf("%s: in the rooms were %q, want %q", version, seen, want)
		}
		if len(rooms.All()) != 0 || len(rooms.in) != 0 {
			t.Errorf("%s: there is left %v %v", version, rooms.All(), rooms.in)
		}
	}
}

// event makes one of "Event|Header: value".
func event(text string) ami.Message {
	return ami.Parse("Event: " + strings.ReplaceAll(text, "|", "\r\n"))
}

func TestAListAndTheEventsThatComeMeanwhileMakeTheSameRooms(t *testing.T) {
	changes := []ami.Message{
		event("ConfbridgeStart|Conference: 1|BridgeUniqueid: b1"),
		event("ConfbridgeJoin|Conference: 1|BridgeUniqueid: b1|Channel: PJSIP/1|Uniqueid: u1"),
		event("ConfbridgeJoin|Conference: 1|BridgeUniqueid: b1|Channel: PJSIP/2|Uniqueid: u2"),
		event("ConfbridgeLeave|Conference: 1|BridgeUniqueid: b1|Channel: PJSIP/1|Uniqueid: u1"),
		event("ConfbridgeStart|Conference: 2|BridgeUniqueid: b2"),
		event("ConfbridgeJoin|Conference: 2|BridgeUniqueid: b2|Channel: PJSIP/1|Uniqueid: u1"),
		event("ConfbridgeLeave|Conference: 1|BridgeUniqueid: b1|Channel: PJSIP/2|Uniqueid: u2"),
		event("ConfbridgeEnd|Conference: 1|BridgeUniqueid: b1"),
		event("ConfbridgeStart|Conference: 1|BridgeUniqueid: b3"),
		event("ConfbridgeJoin|Conference: 1|BridgeUniqueid: b3|Channel: PJSIP/2|Uniqueid: u2"),
		event("Rename|Channel: PJSIP/2|Newname: PJSIP/3|Uniqueid: u2"),
		event("ConfbridgeMute|Conference: 1|Channel: PJSIP/3|Uniqueid: u2"),
	}
	// The list is made when Asterisk has done so much, and its answer comes when that much was heard; it is asked for earlier still.
	for asked := range changes {
		for heard := asked; heard <= len(changes); heard++ {
			for made := asked; made <= len(changes); made++ {
				if made < heard-4 {
					continue // the answer would have come before
				}
				rooms := NewRooms(nil)
				for _, e := range changes[:asked] {
					rooms.Apply(e, noon)
				}
				rooms.BeginList()
				for _, e := range changes[asked:heard] {
					rooms.Apply(e, noon)
				}
				rooms.EndList(listOf(changes[:made]))
				for _, e := range changes[heard:] {
					rooms.Apply(e, noon)
				}
				if a, b := strings.Join(names(rooms, "1"), " "), strings.Join(names(rooms, "2"), " "); a != "PJSIP/3" || b != "PJSIP/1" || !rooms.Room("1").participants["u2"].Muted {
					t.Fatalf("asked at %d, made at %d, answered at %d: in the rooms are %q and %q", asked, made, heard, a, b)
				}
			}
		}
	}
}

// listOf is the list of an Asterisk that has done that.
func listOf(events []ami.Message) *listing {
	truth := NewRooms(nil)
	for _, e := range events {
		truth.Apply(e, noon)
	}
	l := new(listing)
	for _, room := range truth.All() {
		c := room.clone()
		c.Bridge = "" // no list tells it
		l.rooms = append(l.rooms, &c)
	}
	return l
}

func TestListsAreReadAsBothVersionsAnswerThem(t *testing.T) {
	l := new(listing)
	got := l.addRooms([]ami.Message{
		event("ConfbridgeListRooms|Conference: 5234|Parties: 2|Marked: 0|Locked: Yes|Muted: No"),
		event("ConfbridgeListRoomsComplete|EventList: Complete|ListItems: 1"),
	}, noon)
	if !slices.Equal(got, []string{"5234"}) {
		t.Fatalf("the rooms are %q", got)
	}
	l.addParticipants("5234", []ami.Message{
		event("ConfbridgeList|Conference: 5234|Admin: Yes|MarkedUser: No|WaitMarked: No|EndMarked: No|Waiting: No|Muted: Yes|Talking: No|AnsweredTime: 3|Channel: PJSIP/1-1|CallerIDNum: <unknown>|Uniqueid: u1"),
		event("ConfbridgeListComplete|EventList: Complete|ListItems: 1"),
	}, noon)
	rooms := NewRooms(nil)
	rooms.BeginList()
	rooms.EndList(l)
	room, p := rooms.Of("pjsip/1-1")
	if room == nil || !room.Locked || !p.Admin || !p.Muted || p.CallerIDNum != "" || !p.Since.Equal(noon.Add(-3*time.Second)) {
		t.Errorf("the list makes %+v with %+v", room, p)
	}
}
