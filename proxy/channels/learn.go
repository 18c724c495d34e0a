package channels

import (
	"strings"

	"github.com/astproxy/astproxy/ami"
)

// lessons are what is learned from, by the event's name: what Asterisk 1.4 to 22 tell of channels, dials and
// bridges. Nobody else can make an event of these names.
var lessons = map[string]func(*Tracker, ami.Message){
	"Newchannel":        (*Tracker).newchannel,
	"Newstate":          (*Tracker).update,
	"NewCallerid":       (*Tracker).update,
	"Newcallerid":       (*Tracker).update, // up to 1.6
	"NewConnectedLine":  (*Tracker).update,
	"NewAccountCode":    (*Tracker).update,
	"Newexten":          (*Tracker).update,
	"HangupRequest":     (*Tracker).update,
	"SoftHangupRequest": (*Tracker).update,
	"Rename":            (*Tracker).rename,
	"DialBegin":         (*Tracker).dialling,
	"DialState":         (*Tracker).dialling,
	"DialEnd":           (*Tracker).dialled,
	"Dial":              (*Tracker).oldDial, // up to 11
	"BridgeEnter":       (*Tracker).bridgeEnter,
	"BridgeLeave":       (*Tracker).bridgeLeave,
	"Link":              (*Tracker).oldLink,   // up to 1.4
	"Bridge":            (*Tracker).oldBridge, // 1.6 to 11
	"Unlink":            (*Tracker).oldUnlink, // up to 11
}

// hiddenLessons are what the proxy itself has to say.
var hiddenLessons = map[string]func(*Tracker, ami.Message){
	"CoreShowChannel":          (*Tracker).listed,
	"CoreShowChannelsComplete": func(t *Tracker, _ ami.Message) { t.filled = true },
	"ServerLost":               func(t *Tracker, _ ami.Message) { t.reset() },
}

// ServerLost is the hidden message that says that the server is lost, and all that was known of it.
func ServerLost() ami.Message { return ami.NewEvent("ServerLost").Message() }

// id finds the channel that a header gives the Uniqueid of.
func (t *Tracker) id(m ami.Message, header string) *channel {
	c, _ := t.byID.Get(m.Get(header))
	return c
}

func (t *Tracker) newchannel(m ami.Message) { t.see(m) }

// see makes a channel known that an event or an item of a list tells of.
func (t *Tracker) see(m ami.Message) *channel {
	id := m.Get("Uniqueid")
	if id == "" || m.Get("Channel") == "" {
		return nil
	}
	c := t.id(m, "Uniqueid")
	if c == nil {
		t.born++
		c = &channel{born: t.born}
		set(&c.Uniqueid, id)
		t.byID.Add(c.Uniqueid, c)
	}
	t.describe(c, m)
	return c
}

// update is for events that tell more of a channel that is known.
func (t *Tracker) update(m ami.Message) {
	if c := t.id(m, "Uniqueid"); c != nil {
		t.describe(c, m)
	}
}

// describe takes what an event says of its channel, and judges the channel by it.
func (t *Tracker) describe(c *channel, m ami.Message) {
	changed := false
	if name := m.Get("Channel"); name != "" {
		changed = t.nameIt(c, name)
	}
	if linked := m.Get("Linkedid"); linked != "" {
		changed = set(&c.Linkedid, linked) || changed
	}
	if i := m.Index("Context"); i >= 0 {
		_, context := m.Header(i)
		changed = set(&c.Context, context) || changed
	}
	if i := m.Index("AccountCode"); i >= 0 {
		_, account := m.Header(i)
		changed = set(&c.AccountCode, account) || changed
	}
	if changed {
		t.judge(c)
	}
}

// judge asks the rule whose a channel is that is new or has changed.
func (t *Tracker) judge(c *channel) {
	c.own = c.own.With(t.rule.Own(&c.Channel))
	t.linkCall(c)
	t.gain(c, c.Tags.With(c.own))
	t.join(c)
}

// nameIt gives a channel its name, and tells whether it had another.
func (t *Tracker) nameIt(c *channel, name string) bool {
	before := c.Name
	if !set(&c.Name, name) {
		return false
	}
	var buffer [maxName]byte
	if old := string(lowered(&buffer, before)); t.byName[old] == c {
		delete(t.byName, old)
	}
	t.byName[string(lowered(&buffer, name))] = c
	return true
}

func (t *Tracker) rename(m ami.Message) {
	if c, name := t.id(m, "Uniqueid"), m.Get("Newname"); c != nil && name != "" && t.nameIt(c, name) {
		t.judge(c)
	}
}

func (t *Tracker) dialling(m ami.Message) {
	t.update(m)
	if c, other := t.id(m, "Uniqueid"), t.id(m, "DestUniqueid"); c != nil && other != nil {
		t.dial(c, other)
	}
}

func (t *Tracker) dialled(m ami.Message) {
	if c, other := t.id(m, "Uniqueid"), t.id(m, "DestUniqueid"); c != nil && other != nil {
		c.endDial(other)
	}
}

// oldDial is that of Asterisk up to 11 (app_dial.c, senddialevent): up to 1.4 without a SubEvent, and without an
// end.
func (t *Tracker) oldDial(m ami.Message) {
	c := t.id(m, "Uniqueid")
	if c == nil {
		c = t.id(m, "SrcUniqueID")
	}
	switch {
	case c == nil:
	case strings.EqualFold(m.Get("SubEvent"), "End"):
		c.endDial(nil)
	default:
		if other := t.id(m, "DestUniqueID"); other != nil {
			t.dial(c, other)
		}
	}
}

func (t *Tracker) bridgeEnter(m ami.Message) {
	t.update(m)
	if c, id := t.id(m, "Uniqueid"), m.Get("BridgeUniqueid"); c != nil && id != "" {
		t.enter(c, id)
	}
}

func (t *Tracker) bridgeLeave(m ami.Message) {
	if c := t.id(m, "Uniqueid"); c != nil && c.bridge != nil && c.bridge.id == m.Get("BridgeUniqueid") {
		c.leave()
	}
}

func (t *Tracker) oldBridge(m ami.Message) {
	if strings.EqualFold(m.Get("Bridgestate"), "Unlink") {
		t.oldUnlink(m)
		return
	}
	t.oldLink(m)
}

// oldLink is for Asterisks whose bridges have no names: two channels each.
func (t *Tracker) oldLink(m ami.Message) {
	if c, other := t.id(m, "Uniqueid1"), t.id(m, "Uniqueid2"); c != nil && other != nil && c != other {
		t.link(c, other)
	}
}

func (t *Tracker) link(c, other *channel) {
	id := "link " + c.Uniqueid + " " + other.Uniqueid
	t.enter(c, id)
	t.enter(other, id)
}

func (t *Tracker) oldUnlink(m ami.Message) {
	c, other := t.id(m, "Uniqueid1"), t.id(m, "Uniqueid2")
	if c == nil || other == nil || c.bridge == nil || c.bridge != other.bridge {
		return
	}
	t.bridges.Remove(c.bridge.id)
}

// listed is an item of CoreShowChannels. Its bridge is called BridgeId from 12 on; up to 11 it names the channel
// on the other side.
func (t *Tracker) listed(m ami.Message) {
	c := t.see(m)
	if c == nil {
		return
	}
	if c.Newchannel.IsZero() {
		c.Newchannel = asNewchannel(m)
	}
	if id := m.Get("BridgeId"); id != "" {
		t.enter(c, id)
	} else if other := t.id(m, "BridgedUniqueID"); other != nil && other != c && other.bridge == nil {
		t.link(c, other)
	}
}

// asNewchannel is the event that would have told of a channel in a list, had it been heard.
func asNewchannel(item ami.Message) ami.Message {
	b := ami.NewEvent("Newchannel").Add("Privilege", "call,all")
	for i := 1; i < item.Len(); i++ {
		switch name, value := item.Header(i); name {
		case "ActionID", "Application", "ApplicationData", "Duration", "BridgeId", "BridgedChannel", "BridgedUniqueID":
		default:
			b.Add(name, value)
		}
	}
	return b.Message()
}

// hangup forgets a channel, but for the records of its call that may come behind.
func (t *Tracker) hangup(m ami.Message) {
	if c := t.id(m, "Uniqueid"); c != nil {
		t.ended.Add(c.Uniqueid, c.Tags)
		t.byID.Remove(c.Uniqueid)
	}
}

// forgotten lets go of what belonged to a channel that is not known any more.
func (t *Tracker) forgotten(c *channel) {
	var buffer [maxName]byte
	if name := string(lowered(&buffer, c.Name)); t.byName[name] == c {
		delete(t.byName, name)
	}
	c.endDial(nil)
	old := c.bridge
	c.leave()
	if old != nil && len(old.members) < 2 && strings.HasPrefix(old.id, "link ") {
		t.bridges.Remove(old.id)
	}
}
