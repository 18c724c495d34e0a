package sim

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/astproxy/astproxy/ami"
)

// state is a channel's state (channelstate.h).
type state int

const (
	stateDown    state = 0
	stateRing    state = 4 // it calls
	stateRinging state = 5 // it is called
	stateUp      state = 6
	stateBusy    state = 7
)

func (s state) String() string {
	switch s {
	case stateDown:
		return "Down"
	case stateRing:
		return "Ring"
	case stateRinging:
		return "Ringing"
	case stateUp:
		return "Up"
	case stateBusy:
		return "Busy"
	}
	return "Unknown"
}

// party is a name and a number.
type party struct{ number, name string }

// channel is one leg of a call. All of it is guarded by the pbx's mu.
type channel struct {
	name, uniqueid, linkedid string
	created, answered        time.Time

	state             state
	caller, connected party
	account           string
	context, exten    string
	priority          int
	application, data string
	variables         variables
	bridge            *bridge
	peer              *channel // the other half of a Local channel
	calledWith        string   // what called it, AppDial2 and so on; "" when it is itself the caller
	bridgedTo         string   // the first channel it was bridged with, for its record
	threaded          bool     // the dialplan runs it, or will when it has answered
	redirected        bool     // a redirect is its next step
	gone              bool
	cause             int
	hangupSource      string

	traffic *traffic // what its parties will do, of a call of Config.Traffic
	call    *ringing // the call this channel is to answer
	waiting *timer   // what it does next
	leave   func()   // ends what it is doing, when it is hung up or redirected
}

// newChannel makes a channel and tells nobody yet. The caller gives linkedid, or "" for a new call.
func (p *pbx) newChannel(name, uniqueid, linkedid string, s state) *channel {
	if uniqueid == "" {
		uniqueid = p.uniqueid()
	}
	if linkedid == "" {
		linkedid = uniqueid
	}
	c := &channel{
		name: name, uniqueid: uniqueid, linkedid: linkedid, created: time.Now(),
		state: s, context: "default", priority: 1,
	}
	p.channels = append(p.channels, c)
	return c
}

// find is the channel of that name, compared without case, or of that Uniqueid; nil when there is none.
func (p *pbx) find(nameOrUniqueid string) *channel {
	for _, c := range p.channels {
		if strings.EqualFold(c.name, nameOrUniqueid) {
			return c
		}
	}
	for _, c := range p.channels {
		if c.uniqueid == nameOrUniqueid {
			return c
		}
	}
	return nil
}

// describe adds the headers that every event about a channel has (stasis_channels.c), their names with
// a prefix.
func (c *channel) describe(b *ami.Builder, prefix string) *ami.Builder {
	return b.Add(prefix+"Channel", c.name).
		Add(prefix+"ChannelState", strconv.Itoa(int(c.state))).
		Add(prefix+"ChannelStateDesc", c.state.String()).
		Add(prefix+"CallerIDNum", orUnknown(c.caller.number)).
		Add(prefix+"CallerIDName", orUnknown(c.caller.name)).
		Add(prefix+"ConnectedLineNum", orUnknown(c.connected.number)).
		Add(prefix+"ConnectedLineName", orUnknown(c.connected.name)).
		Add(prefix+"Language", "en").
		Add(prefix+"AccountCode", c.account).
		Add(prefix+"Context", c.context).
		Add(prefix+"Exten", c.exten).
		Add(prefix+"Priority", strconv.Itoa(c.priority)).
		Add(prefix+"Uniqueid", c.uniqueid).
		Add(prefix+"Linkedid", c.linkedid)
}

// orUnknown is how Asterisk prints what may be missing.
func orUnknown(s string) string {
	if s == "" {
		return "<unknown>"
	}
	return s
}

// device is the device a channel belongs to: its name without the number.
func (c *channel) device() string {
	name, _, _ := strings.Cut(c.name, ";")
	if i := strings.LastIndexByte(name, '-'); i >= 0 {
		return name[:i]
	}
	return name
}

// setState changes a channel's state and tells.
func (p *pbx) setState(c *channel, s state) {
	c.state = s
	p.tell("Newstate", "call", c)
	p.updateDevice(c)
}

// setVariable sets a channel variable and tells.
func (p *pbx) setVariable(c *channel, name, value string) {
	c.variables.set(strings.TrimLeft(name, "_"), value)
	p.tell("VarSet", "dialplan", c, "Variable", name, "Value", value)
}

// setCallID tells that a thread begins to run the channel (a TestEvent of Asterisks built for tests, as
// Debian's are).
func (p *pbx) setCallID(c *channel) {
	p.calls.callID++
	p.testEvent("CallIDChange", "channel_internal_api.c", "ast_channel_callid_set", "677",
		"State", "CallIDChange",
		"Channel", c.name,
		"CallID", fmt.Sprintf("[C-%08x]", p.calls.callID),
		"PriorCallID", "")
}

func (p *pbx) testEvent(state, file, function, line string, more ...string) {
	b := begin("TestEvent", "reporting").
		Add("Type", "StateChange").Add("State", state).
		Add("AppFile", file).Add("AppFunction", function).Add("AppLine", line)
	e := event{message: addAll(b, more).Message()}
	if state == "CONF_CHANGE_STATE" {
		e.blanks = 1
	}
	p.emit(e)
}

// remove takes a channel out of the list.
func (p *pbx) remove(c *channel) {
	p.channels = slices.DeleteFunc(p.channels, func(other *channel) bool { return other == c })
}

// linked tells whether a channel of that Linkedid is left.
func (p *pbx) linked(linkedid string) bool {
	return slices.ContainsFunc(p.channels, func(c *channel) bool { return c.linkedid == linkedid })
}
