package sim

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/astproxy/astproxy/ami"
)

// conference is a room of ConfBridge. All of it is guarded by the pbx's mu.
type conference struct {
	name              string
	bridge            *bridge
	announcer         *channel // what plays the prompts to all; it is in no list of channels
	users             []*participant
	locked, recording bool
}

// participant is somebody in a conference, or on the way into it or out of it.
type participant struct {
	channel              *channel
	since                time.Time
	joined               bool
	admin, marked, muted bool
	next                 func() // what comes after the conference
}

// room is the conference of that name, nil when there is none.
func (p *pbx) room(name string) *conference {
	for _, r := range p.rooms {
		if r.name == name {
			return r
		}
	}
	return nil
}

// confBridge is what ConfBridge does.
func (p *pbx) confBridge(c *channel, name string, next func()) {
	if name == "" {
		p.next(func() { p.unlessGone(c, next) })
		return
	}
	p.answer(c)
	r := p.room(name)
	if r == nil {
		r = p.openRoom(name)
	} else if r.locked {
		p.setVariable(c, "CONFBRIDGE_RESULT", "FAILED")
		p.next(func() { p.unlessGone(c, next) })
		return
	}
	option := func(o string) bool { return ami.IsTrue(c.variables.get("CONFBRIDGE(user," + o + ")")) }
	u := &participant{
		channel: c, since: time.Now(), next: next,
		admin: option("admin"), marked: option("marked"), muted: option("startmuted"),
	}
	r.users = append(r.users, u)
	c.leave = func() { p.leaveRoom(r, u, "HANGUP") }
	switch len(r.users) {
	case 1:
		p.tellRoomState(r, "EMPTY", "SINGLE")
		p.tellMute(u)
		p.play(c, "conf-onlyperson")
		c.waiting = p.after(p.config.Announcement, func() {
			c.waiting = nil
			p.cel("STREAM_END", c)
			p.join(r, u)
		})
	case 2:
		p.tellMute(r.users[0])
		p.tellMute(u)
		p.tellRoomState(r, "SINGLE", "MULTI")
		p.join(r, u)
	default:
		p.tellMute(u)
		p.join(r, u)
	}
}

// openRoom begins a conference.
func (p *pbx) openRoom(name string) *conference {
	r := &conference{name: name, bridge: p.newBridge("base", "softmix", "ConfBridge", name)}
	r.announcer = &channel{
		name: fmt.Sprintf("CBAnn/%s-%08x;1", name, p.calls.unreal), uniqueid: p.uniqueid(), context: "default", exten: "s",
	}
	r.announcer.linkedid = r.announcer.uniqueid
	p.calls.unreal++
	p.uniqueid() // that of the announcer's other half
	r.bridge.announcer = strings.TrimSuffix(r.announcer.name, "1") + "2"
	p.rooms = append(p.rooms, r)
	p.send(r.describe("ConfbridgeStart"))
	p.setDevice("confbridge:"+name, deviceInUse)
	return r
}

// closeRoom ends a conference that nobody is in any more.
func (p *pbx) closeRoom(r *conference) {
	p.rooms = slices.DeleteFunc(p.rooms, func(o *conference) bool { return o == r })
	p.tellRoomState(r, "SINGLE", "EMPTY")
	p.send(r.describe("ConfbridgeEnd"))
	p.setDevice("confbridge:"+r.name, deviceNotInUse)
	p.tellDevice("CBAnn/"+r.name, deviceInUse)
	p.destroyBridge(r.bridge)
	p.tellDevice("CBAnn/"+r.name, deviceUnknown)
}

// describe begins an event about a conference.
func (r *conference) describe(name string) *ami.Builder {
	return r.bridge.describe(begin(name, "call").Add("Conference", r.name), r.bridge.count())
}

// describeUser begins an event about somebody in a conference.
func (r *conference) describeUser(name string, u *participant) *ami.Builder {
	return u.channel.describe(r.describe(name), "").Add("Admin", yesNo(u.admin))
}

// join puts a participant into the bridge.
func (p *pbx) join(r *conference, u *participant) {
	u.joined = true
	p.enter(r.bridge, u.channel)
	p.tellPeers(r.bridge)
	p.send(r.describeUser("ConfbridgeJoin", u).Add("Muted", yesNo(u.muted)))
	p.play(r.announcer, "confbridge-join")
	p.cel("STREAM_END", r.announcer)
}

// leaveRoom takes a participant out of a conference.
func (p *pbx) leaveRoom(r *conference, u *participant, result string) {
	p.leaveBridge(r, u, result)
	p.leaveUsers(r, u)
}

// leaveBridge ends what a participant hears of a conference.
func (p *pbx) leaveBridge(r *conference, u *participant, result string) {
	c := u.channel
	if c.waiting != nil {
		p.cancel(c.waiting)
		c.waiting = nil
		p.cel("STREAM_END", c)
	}
	p.setVariable(c, "CONFBRIDGE_RESULT", result)
	if !u.joined {
		return
	}
	u.joined = false
	p.exit(c)
	p.tellPeers(r.bridge)
	if c.cause == 0 && !c.gone {
		c.cause = causeNormal
	}
	p.send(r.describeUser("ConfbridgeLeave", u))
	p.play(r.announcer, "confbridge-leave")
	p.cel("STREAM_END", r.announcer)
}

// leaveUsers takes a participant off the list; the last one closes the conference.
func (p *pbx) leaveUsers(r *conference, u *participant) {
	u.channel.leave = nil
	r.users = slices.DeleteFunc(r.users, func(o *participant) bool { return o == u })
	switch len(r.users) {
	case 0:
		p.closeRoom(r)
	case 1:
		p.tellRoomState(r, "MULTI", "SINGLE")
		p.tellMute(r.users[0])
	}
}

// kick throws people out. They hear of it before they go on, and are on the list until then.
func (p *pbx) kick(r *conference, users ...*participant) {
	for _, u := range slices.Backward(users) {
		p.leaveBridge(r, u, "KICKED")
	}
	for _, u := range users {
		c := u.channel
		c.leave = func() {
			p.cel("STREAM_END", c)
			p.leaveUsers(r, u)
		}
		p.play(c, "conf-kicked")
		p.pause(c, p.config.Announcement, func() {
			p.cel("STREAM_END", c)
			p.leaveUsers(r, u)
			u.next()
		})
	}
}

// mute mutes somebody, or ends that.
func (p *pbx) mute(r *conference, u *participant, muted bool) {
	u.muted = muted
	p.tellMute(u)
	word, name := "muted", "ConfbridgeMute"
	if !muted {
		word, name = "unmuted", "ConfbridgeUnmute"
	}
	p.testEvent("CONF_MUTE", "app_confbridge.c", "generic_mute_unmute_user", "1456",
		"Message", "participant "+u.channel.name+" "+word,
		"Conference", "default_bridge",
		"Channel", u.channel.name)
	p.send(r.describeUser(name, u))
}

// tellMute is the TestEvent that says whether somebody is muted.
func (p *pbx) tellMute(u *participant) {
	mode := "unmuted"
	if u.muted {
		mode = "muted"
	}
	p.testEvent("CONF_MUTE_UPDATE", "app_confbridge.c", "conf_update_user_mute", "1437",
		"Mode", mode, "Conference", "default_bridge", "Channel", u.channel.name)
}

func (p *pbx) tellRoomState(r *conference, from, to string) {
	p.testEvent("CONF_CHANGE_STATE", "confbridge/conf_state.c", "conf_change_state", "80",
		"Conference", r.name, "OldState", from, "NewState", to)
}

// play tells that a channel hears a prompt.
func (p *pbx) play(c *channel, sound string) {
	p.testEvent("PLAYBACK", "file.c", "ast_streamfile", "1377", "Message", sound, "Channel", c.name)
	p.cel("STREAM_BEGIN", c, "", fmt.Sprintf(`{"sound":%q,"format":"gsm","language":"en"}`, sound))
}

// marked is how many marked users a conference has.
func (r *conference) marked() string {
	n := 0
	for _, u := range r.users {
		if u.marked {
			n++
		}
	}
	return strconv.Itoa(n)
}

func yesNo(b bool) string {
	if b {
		return "Yes"
	}
	return "No"
}
