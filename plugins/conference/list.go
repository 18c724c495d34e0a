package conference

import (
	"context"
	"slices"
	"strconv"
	"time"

	"github.com/astproxy/astproxy/ami"
	"github.com/astproxy/astproxy/plugins"
)

// listConferences is ConferenceList.
func (p *Plugin) listConferences(ctx context.Context, by plugins.Caller, _ ami.Message) (plugins.Answer, error) {
	if err := p.refresh(ctx, by.Server); err != nil {
		return plugins.Answer{}, err
	}
	var all []ami.Message
	p.mu.Lock()
	for _, room := range p.of(by.Server).All() {
		all = append(all, p.describeLocked(by.Server, room))
	}
	p.mu.Unlock()
	items := slices.DeleteFunc(all, func(m ami.Message) bool { return !p.mayEnter(by, m.Get("Conference")) })
	if items == nil {
		items = []ami.Message{}
	}
	return plugins.Answer{
		Response: new(ami.Builder).Add("Message", "Conferences will follow"),
		List:     items, Complete: "ConferenceListComplete",
	}, nil
}

// describeLocked is an item about a room.
func (p *Plugin) describeLocked(server string, room *Room) ami.Message {
	key := roomKey{server, room.Name}
	hasPIN := p.pins[key] != "" || p.config.pin(room.Name) != ""
	called := 0
	for w := range p.watches {
		if w.invitation != nil && w.server == server && w.invitation.Room == room.Name && !w.invitation.State.Over() {
			called++
		}
	}
	return ami.NewEvent("ConferenceListItem").
		Add("Conference", room.Name).
		AddNonEmpty("BridgeUniqueid", room.Bridge).
		Add("Parties", strconv.Itoa(len(room.participants))).
		Add("Called", strconv.Itoa(called)).
		Add("Locked", yesNo(room.Locked)).
		Add("Recording", yesNo(room.Recording)).
		Add("PIN", yesNo(hasPIN)).
		Add("Seconds", seconds(p.now().Sub(room.Since))).
		Message()
}

// show is ConferenceShow.
func (p *Plugin) show(ctx context.Context, by plugins.Caller, m ami.Message) (plugins.Answer, error) {
	name, err := p.conference(by, m.Get("Conference"))
	if err != nil {
		return plugins.Answer{}, err
	}
	if err := p.judgeRoom(by, name); err != nil {
		return plugins.Answer{}, err
	}
	room, is, err := p.room(ctx, by.Server, name)
	switch {
	case err != nil:
		return plugins.Answer{}, err
	case !is:
		return plugins.Answer{}, noConference(name)
	}
	now := p.now()
	items := []ami.Message{}
	for _, who := range room.Participants() {
		items = append(items, who.describe(name, now))
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	for w := range p.watches {
		if i := w.invitation; i != nil && w.server == by.Server && i.Room == name && !i.State.Over() {
			items = append(items, ami.NewEvent("ConferenceParticipant").Add("Conference", name).Add("Channel", i.Channel).
				Add("Uniqueid", i.Uniqueid).Add("Number", i.Number).Add("State", string(i.State)).Message())
		}
	}
	response := new(ami.Builder).Add("Message", "Participants will follow").Add("Conference", name).
		Add("Locked", yesNo(room.Locked)).Add("Recording", yesNo(room.Recording))
	return plugins.Answer{Response: response, List: items, Complete: "ConferenceShowComplete"}, nil
}

// describe is an item about somebody in a room.
func (p *Participant) describe(conference string, now time.Time) ami.Message {
	return ami.NewEvent("ConferenceParticipant").
		Add("Conference", conference).
		Add("Channel", p.Channel).
		Add("Uniqueid", p.Uniqueid).
		Add("Number", p.Number).
		Add("Name", p.CallerIDName).
		Add("State", string(PartyJoined)).
		Add("Admin", yesNo(p.Admin)).
		Add("Marked", yesNo(p.Marked)).
		Add("Muted", yesNo(p.Muted)).
		Add("Waiting", yesNo(p.Waiting)).
		Add("Seconds", seconds(now.Sub(p.Since))).
		Message()
}

func yesNo(is bool) string {
	if is {
		return "Yes"
	}
	return "No"
}

// seconds is a time in whole seconds.
func seconds(d time.Duration) string { return strconv.Itoa(int(max(d, 0).Seconds())) }
