package sim

import (
	"strconv"
	"strings"
	"time"

	"github.com/astproxy/astproxy/ami"
)

func init() {
	simulates(map[string]func(*session, ami.Message) bool{
		"ConfbridgeListRooms":   (*session).confbridgeListRooms,
		"ConfbridgeList":        (*session).confbridgeList,
		"ConfbridgeLock":        func(c *session, m ami.Message) bool { return c.confbridgeLock(m, true) },
		"ConfbridgeUnlock":      func(c *session, m ami.Message) bool { return c.confbridgeLock(m, false) },
		"ConfbridgeMute":        func(c *session, m ami.Message) bool { return c.confbridgeMute(m, true) },
		"ConfbridgeUnmute":      func(c *session, m ami.Message) bool { return c.confbridgeMute(m, false) },
		"ConfbridgeKick":        (*session).confbridgeKick,
		"ConfbridgeStartRecord": (*session).confbridgeStartRecord,
		"ConfbridgeStopRecord":  (*session).confbridgeStopRecord,
	})
}

// inRoom runs f on the conference an action names, with the pbx's mu, and answers what f says; ok is false for an
// error.
func (c *session) inRoom(m ami.Message, f func(p *pbx, r *conference) (answer string, ok bool)) bool {
	name := m.Get("Conference")
	if name == "" {
		return c.fail(m, "No Conference name provided.")
	}
	var answer string
	var ok bool
	p := c.server.pbx
	p.do(func() {
		r := p.room(name)
		switch {
		case len(p.rooms) == 0:
			answer = "No active conferences."
		case r == nil:
			answer = "No Conference by that name found."
		default:
			answer, ok = f(p, r)
		}
	})
	if !ok {
		return c.fail(m, answer)
	}
	return c.ack(m, answer)
}

const noSuchParticipant = "No Channel by that name found in Conference."

func (c *session) confbridgeLock(m ami.Message, locked bool) bool {
	return c.inRoom(m, func(p *pbx, r *conference) (string, bool) {
		r.locked = locked
		word := "unlocked"
		if locked {
			word = "locked"
		}
		p.testEvent("CONF_LOCK", "app_confbridge.c", "generic_lock_unlock_helper", "3657",
			"Message", "conference "+word, "Conference", "default_bridge")
		return "Conference " + word, true
	})
}

// confbridgeMute mutes all, participants (all but admins), or the first whose channel's name begins so.
func (c *session) confbridgeMute(m ami.Message, muted bool) bool {
	who := m.Get("Channel")
	if m.Get("Conference") != "" && who == "" {
		return c.fail(m, "No channel name provided.")
	}
	return c.inRoom(m, func(p *pbx, r *conference) (string, bool) {
		all, participants := strings.EqualFold(who, "all"), strings.EqualFold(who, "participants")
		done := all || participants
		for _, u := range r.users {
			switch {
			case all, participants && !u.admin:
				p.mute(r, u, muted)
			case !done && strings.HasPrefix(strings.ToLower(u.channel.name), strings.ToLower(who)):
				p.mute(r, u, muted)
				done = true
			}
		}
		if !done {
			return noSuchParticipant, false
		}
		if muted {
			return "User muted", true
		}
		return "User unmuted", true
	})
}

// confbridgeKick kicks all, participants, or the one whose channel has exactly that name.
func (c *session) confbridgeKick(m ami.Message) bool {
	who := m.Get("Channel")
	return c.inRoom(m, func(p *pbx, r *conference) (string, bool) {
		all, participants := strings.EqualFold(who, "all"), strings.EqualFold(who, "participants")
		var out []*participant
		for _, u := range r.users {
			if all || participants && !u.admin || strings.EqualFold(u.channel.name, who) {
				out = append(out, u)
			}
		}
		p.kick(r, out...)
		switch {
		case all:
			return "All participants kicked", true
		case len(out) > 0 || participants:
			return "User kicked", true
		}
		return noSuchParticipant, false
	})
}

func (c *session) confbridgeStartRecord(m ami.Message) bool {
	return c.inRoom(m, func(p *pbx, r *conference) (string, bool) {
		if r.recording {
			return "Conference is already being recorded.", false
		}
		r.recording = true
		p.testEvent("CONF_START_RECORD", "app_confbridge.c", "conf_start_record", "979",
			"Message", "started conference recording channel", "Conference", "default_bridge")
		p.send(r.describe("ConfbridgeRecord"))
		return "Conference Recording Started.", true
	})
}

func (c *session) confbridgeStopRecord(m ami.Message) bool {
	return c.inRoom(m, func(p *pbx, r *conference) (string, bool) {
		if !r.recording {
			return "Internal error while stopping recording.", false
		}
		r.recording = false
		p.testEvent("CONF_STOP_RECORD", "app_confbridge.c", "conf_stop_record", "1003",
			"Message", "stopped conference recording channel", "Conference", "default_bridge")
		p.send(r.describe("ConfbridgeStopRecord"))
		return "Conference Recording Stopped.", true
	})
}

func (c *session) confbridgeListRooms(m ami.Message) bool {
	var items []*ami.Builder
	p := c.server.pbx
	p.do(func() {
		for _, r := range p.rooms {
			items = append(items, item(m, "ConfbridgeListRooms").
				Add("Conference", r.name).
				Add("Parties", strconv.Itoa(len(r.users))).
				Add("Marked", r.marked()).
				Add("Locked", yesNo(r.locked)).
				Add("Muted", "No"))
		}
	})
	if len(items) == 0 {
		return c.fail(m, "No active conferences.")
	}
	return c.list(m, "Confbridge conferences will follow", "ConfbridgeListRoomsComplete", items)
}

func (c *session) confbridgeList(m ami.Message) bool {
	var items []*ami.Builder
	found := false
	p := c.server.pbx
	p.do(func() {
		r := p.room(m.Get("Conference"))
		if found = r != nil; !found {
			return
		}
		for _, u := range r.users {
			items = append(items, c.listParticipant(m, r, u))
		}
	})
	if !found {
		return c.inRoom(m, func(*pbx, *conference) (string, bool) { return "No Conference by that name found.", false })
	}
	return c.list(m, "Confbridge user list will follow", "ConfbridgeListComplete", items)
}

func (c *session) listParticipant(m ami.Message, r *conference, u *participant) *ami.Builder {
	b := item(m, "ConfbridgeList").
		Add("Conference", r.name).
		Add("Admin", yesNo(u.admin)).
		Add("MarkedUser", yesNo(u.marked)).
		Add("WaitMarked", "No").
		Add("EndMarked", "No")
	if !c.server.config.asterisk16() {
		b.Add("EndMarkedAny", "No")
	}
	b.Add("Waiting", "No").
		Add("Muted", yesNo(u.muted)).
		Add("Talking", "No").
		Add("AnsweredTime", strconv.Itoa(int(time.Since(u.channel.answered).Seconds())))
	return u.channel.describe(b, "")
}
