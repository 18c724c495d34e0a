package sim

import (
	"strings"

	"github.com/astproxy/astproxy/ami"
)

// device states, as DeviceStateChange has them.
const (
	deviceUnknown     = "UNKNOWN"
	deviceNotInUse    = "NOT_INUSE"
	deviceInUse       = "INUSE"
	deviceInvalid     = "INVALID"
	deviceUnavailable = "UNAVAILABLE"
	deviceRinging     = "RINGING"
)

// devices are the states that are known, in the order they became so.
type devices []struct{ name, state string }

// newDevices are those there are at the start.
func newDevices(c Config) devices {
	var d devices
	add := func(name, state string) { d = append(d, struct{ name, state string }{name, state}) }
	for _, phone := range c.Phones {
		state := deviceNotInUse
		if phone.Offline {
			state = deviceUnavailable
		}
		add("PJSIP/"+phone.Endpoint, state)
	}
	for _, queue := range c.Queues {
		add("Queue:"+queue+"_avail", deviceInUse)
	}
	if !c.asterisk16() {
		for _, phone := range c.Phones {
			add("MWI:"+phone.Endpoint+"@default", deviceNotInUse)
		}
	}
	return d
}

// get is a device's state.
func (d devices) get(name string) string {
	for i := range d {
		if strings.EqualFold(d[i].name, name) {
			return d[i].state
		}
	}
	return deviceUnknown
}

// setDevice changes a device's state, tells if it was another, and lets the queues know.
func (p *pbx) setDevice(name, state string) {
	known := false
	for i := range p.devices {
		if p.devices[i].name == name {
			if p.devices[i].state == state {
				return
			}
			p.devices[i].state, known = state, true
		}
	}
	if !known {
		p.devices = append(p.devices, struct{ name, state string }{name, state})
	}
	p.tellDevice(name, state)
	p.membersChanged(name)
}

func (p *pbx) tellDevice(name, state string) {
	p.tell("DeviceStateChange", "call", nil, "Device", name, "State", state)
}

// updateDevice tells the state of a channel's device after the channel's own has changed. That of a Local
// channel is told every time and kept nowhere.
func (p *pbx) updateDevice(c *channel) {
	device := c.device()
	if !strings.HasPrefix(device, "Local/") {
		p.setDevice(device, p.phoneState(device))
		return
	}
	switch {
	case lookup(c.dialled()) == nil:
		p.tellDevice(device, deviceInvalid)
	case c.gone:
		p.tellDevice(device, deviceNotInUse)
	default:
		p.tellDevice(device, deviceInUse)
	}
}

// dialled is the context, extension and first priority that a Local channel's name says.
func (c *channel) dialled() (context, exten string, priority int) {
	exten, context, _ = strings.Cut(strings.TrimPrefix(c.device(), "Local/"), "@")
	return context, exten, 1
}

// phoneState is what the channels of a phone make of its state.
func (p *pbx) phoneState(device string) string {
	name := strings.TrimPrefix(device, "PJSIP/")
	state := deviceUnavailable
	if _, reachable := p.endpoint(name); reachable {
		state = deviceNotInUse
	}
	for _, c := range p.channels {
		if c.gone || c.device() != device {
			continue
		}
		if c.state != stateRinging {
			return deviceInUse
		}
		state = deviceRinging
	}
	return state
}

// deviceState is the state of any device.
func (p *pbx) deviceState(device string) string {
	local, isLocal := strings.CutPrefix(device, "Local/")
	if !isLocal {
		return p.devices.get(device)
	}
	local, _, _ = strings.Cut(local, "/")
	exten, context, _ := strings.Cut(local, "@")
	if lookup(context, exten, 1) == nil {
		return deviceInvalid
	}
	return deviceNotInUse
}

// functionState is what the function DEVICE_STATE says: a phone that nobody has configured is invalid.
func (p *pbx) functionState(device string) string {
	if name, is := strings.CutPrefix(device, "PJSIP/"); is {
		if e, _ := p.endpoint(name); e.Endpoint == "" {
			return deviceInvalid
		}
	}
	return p.deviceState(device)
}

// setCustom is DEVICE_STATE(Custom:NAME)=state, which is kept in the database (func_devstate.c).
func (p *pbx) setCustom(device, state string) {
	if name, is := strings.CutPrefix(device, "Custom:"); is {
		p.database["/CustomDevstate/"+name] = state
		p.setDevice(device, state)
	}
}

func init() {
	simulates(map[string]func(*session, ami.Message) bool{
		"DeviceStateList": (*session).deviceStateList,
		"ExtensionState":  (*session).extensionState,
	})
}

func (c *session) deviceStateList(m ami.Message) bool {
	var items []*ami.Builder
	p := c.server.pbx
	p.do(func() {
		for _, d := range p.devices {
			items = append(items, item(m, "DeviceStateChange").Add("Device", d.name).Add("State", d.state))
		}
	})
	return c.list(m, "Device State Changes will follow", "DeviceStateListComplete", items)
}

// extensionState answers for the extensions that have a hint: those of phones.
func (c *session) extensionState(m ami.Message) bool {
	exten, context := m.Get("Exten"), m.Get("Context")
	if exten == "" {
		return c.fail(m, "Extension not specified")
	}
	if context == "" {
		context = "default"
	}
	hint, status, text := "", "-1", "Unknown"
	p := c.server.pbx
	p.do(func() {
		if s := lookup(context, exten, 1); s == nil || s.application != "Dial" {
			return
		}
		hint = "PJSIP/" + exten
		switch p.devices.get(hint) {
		case deviceNotInUse:
			status, text = "0", "Idle"
		case deviceInUse:
			status, text = "1", "InUse"
		case deviceRinging:
			status, text = "8", "Ringing"
		default:
			status, text = "4", "Unavailable"
		}
	})
	return c.send(success(m).Add("Message", "Extension Status").
		Add("Exten", exten).Add("Context", context).Add("Hint", hint).Add("Status", status).Add("StatusText", text))
}
