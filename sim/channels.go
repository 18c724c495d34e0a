package sim

import (
	"fmt"
	"regexp"
	"strconv"
	"strings"
	"time"

	"github.com/astproxy/astproxy/ami"
)

func init() {
	simulates(map[string]func(*session, ami.Message) bool{
		"CoreShowChannels": (*session).coreShowChannels,
		"Status":           (*session).status,
		"Hangup":           (*session).hangup,
		"Redirect":         (*session).redirect,
		"Setvar":           (*session).setvar,
		"Getvar":           (*session).getvar,
		"AbsoluteTimeout":  (*session).absoluteTimeout,
	})
}

func (c *session) coreShowChannels(m ami.Message) bool {
	p := c.server.pbx
	var items []*ami.Builder
	p.do(func() {
		for _, ch := range p.channels {
			b := ch.describe(item(m, "CoreShowChannel"), "")
			seconds := int(time.Since(ch.created).Seconds())
			b.Add("Application", ch.application).
				Add("ApplicationData", ch.data).
				Add("Duration", fmt.Sprintf("%02d:%02d:%02d", seconds/3600, seconds/60%60, seconds%60)).
				Add("BridgeId", ch.bridgeID())
			items = append(items, b)
		}
	})
	return c.list(m, "Channels will follow", "CoreShowChannelsComplete", items)
}

// status lists one channel or all, with the variables that are asked for.
func (c *session) status(m ami.Message) bool {
	name := m.Get("Channel")
	p := c.server.pbx
	var items []*ami.Builder
	found := name == ""
	p.do(func() {
		for _, ch := range p.channels {
			if name == "" || ch == p.find(name) {
				found = true
				items = append(items, p.listStatus(m, ch))
			}
		}
	})
	if !found {
		return c.fail(m, "No such channel")
	}
	if !c.beginList(m, "Channel status will follow") {
		return false
	}
	for _, b := range items {
		if !c.send(b) {
			return false
		}
	}
	return c.send(c.listEnd(m, "StatusComplete", len(items)).Add("Items", strconv.Itoa(len(items))))
}

func (p *pbx) listStatus(m ami.Message, c *channel) *ami.Builder {
	technology, _, _ := strings.Cut(c.name, "/")
	format, dnid := "slin", ""
	if technology == "PJSIP" {
		format = "ulaw"
		if c.calledWith == "" {
			dnid = c.exten
		}
	}
	b := ami.NewEvent("Status").Add("Privilege", "Call")
	c.describe(b, "").
		Add("Type", technology).
		Add("DNID", dnid).
		Add("EffectiveConnectedLineNum", orUnknown(c.connected.number)).
		Add("EffectiveConnectedLineName", orUnknown(c.connected.name)).
		Add("TimeToHangup", "0").
		Add("BridgeID", c.bridgeID()).
		Add("Application", c.application).
		Add("Data", c.data).
		Add("Nativeformats", "("+format+")").
		Add("Readformat", format).
		Add("Readtrans", "").
		Add("Writeformat", format).
		Add("Writetrans", "").
		Add("Callgroup", "0").
		Add("Pickupgroup", "0").
		Add("Seconds", strconv.Itoa(int(time.Since(c.created).Seconds())))
	if wanted := m.Get("Variables"); wanted != "" {
		for name := range strings.SplitSeq(wanted, ",") {
			value := p.variable(c, name)
			if value == "" {
				value = "(null)" // what C prints there
			}
			b.Add("Variable", name+"="+value)
		}
	}
	if ami.IsTrue(m.Get("AllVariables")) {
		for _, v := range c.variables {
			b.Add("Variable", v.name+"="+v.value)
		}
	}
	return b.AddNonEmpty("ActionID", m.ActionID())
}

// hangup hangs up one channel by name or Uniqueid, or all whose name matches a regular expression.
func (c *session) hangup(m ami.Message) bool {
	name := m.Get("Channel")
	if name == "" {
		return c.fail(m, "No channel specified")
	}
	cause, ok := leadingInt(m.Get("Cause"))
	if !ok || cause < 0 || cause > 127 {
		cause = 0
	}
	if strings.HasPrefix(name, "/") {
		return c.hangupMatching(m, name, cause)
	}
	return c.answered(m, func(p *pbx) (string, bool) {
		ch := p.find(name)
		if ch == nil {
			return "No such channel", false
		}
		p.requestHangup(ch, cause)
		return "Channel Hungup", true
	})
}

func (c *session) hangupMatching(m ami.Message, text string, cause int) bool {
	pattern, ok := strings.CutSuffix(text[1:], "/")
	if !ok {
		return c.fail(m, "Regex format invalid, Channel param should be /regex/")
	}
	expression, err := regexp.CompilePOSIX(pattern)
	if err != nil {
		return c.fail(m, "Regex compile failed on: "+text)
	}
	var items []*ami.Builder
	p := c.server.pbx
	p.do(func() {
		for _, ch := range p.channels {
			if expression.MatchString(ch.name) {
				items = append(items, ami.NewEvent("ChannelHungup").Add("Channel", ch.name).AddNonEmpty("ActionID", m.ActionID()))
				p.requestHangup(ch, cause)
			}
		}
	})
	return c.list(m, "Channels hung up will follow", "ChannelsHungupListComplete", items)
}

// redirect sends a channel, or two, elsewhere in the dialplan; whether there is such a place is not asked.
func (c *session) redirect(m ami.Message) bool {
	for _, h := range []string{"Channel", "Context", "Exten", "Priority"} {
		if m.Get(h) == "" {
			return c.fail(m, h+" not specified")
		}
	}
	priority, _ := leadingInt(m.Get("Priority"))
	if priority < 1 {
		return c.fail(m, "Priority is invalid")
	}
	context, exten := m.Get("Context"), m.Get("Exten")
	extraContext, extraExten, extraPriority := context, exten, priority
	if m.Get("ExtraChannel") != "" && m.Get("ExtraContext") != "" {
		for _, h := range []string{"ExtraExten", "ExtraPriority"} {
			if m.Get(h) == "" {
				return c.fail(m, h+" not specified")
			}
		}
		extraContext, extraExten = m.Get("ExtraContext"), m.Get("ExtraExten")
		if extraPriority, _ = leadingInt(m.Get("ExtraPriority")); extraPriority < 1 {
			return c.fail(m, "ExtraPriority is invalid")
		}
	}
	return c.answered(m, func(p *pbx) (string, bool) {
		first, second := p.find(m.Get("Channel")), p.find(m.Get("ExtraChannel"))
		switch {
		case first == nil:
			return "Channel does not exist: " + m.Get("Channel"), false
		case m.Get("ExtraChannel") == "":
			p.redirect(first, context, exten, priority)
			return "Redirect successful", true
		case second == nil:
			return "ExtraChannel does not exist: " + m.Get("ExtraChannel"), false
		}
		p.redirect(first, context, exten, priority)
		if c.server.faults.halfRedirects.Load() {
			p.requestHangup(second, causeNormal)
			return "Secondary redirect failed", false
		}
		p.redirect(second, extraContext, extraExten, extraPriority)
		return "Dual Redirect successful", true
	})
}

func (c *session) setvar(m ami.Message) bool {
	name, on := m.Get("Variable"), m.Get("Channel")
	if name == "" {
		return c.fail(m, "No variable specified")
	}
	return c.answered(m, func(p *pbx) (string, bool) {
		if device, is := deviceOf(name); is {
			p.setCustom(device, m.Get("Value"))
			return "Variable Set", true
		}
		if on == "" {
			p.globals.set(name, m.Get("Value"))
			return "Variable Set", true
		}
		ch := p.find(on)
		if ch == nil {
			return "No such channel", false
		}
		if strings.HasPrefix(name, "CONFBRIDGE(") {
			return "Variable not set", false // the dialplan alone may write it (app_confbridge.c, load_module)
		}
		p.setVariable(ch, name, m.Get("Value"))
		return "Variable Set", true
	})
}

func (c *session) getvar(m ami.Message) bool {
	name, on := m.Get("Variable"), m.Get("Channel")
	if name == "" {
		return c.fail(m, "No variable specified")
	}
	var value string
	found := true
	p := c.server.pbx
	p.do(func() {
		ch := p.find(on)
		found = ch != nil || on == ""
		value = p.variable(ch, name)
	})
	if !found {
		return c.fail(m, "No such channel")
	}
	return c.send(success(m).Add("Variable", name).Add("Value", value))
}

func (c *session) absoluteTimeout(m ami.Message) bool {
	seconds, err := strconv.ParseFloat(m.Get("Timeout"), 64)
	switch {
	case m.Get("Channel") == "":
		return c.fail(m, "No channel specified")
	case err != nil || seconds <= 0:
		return c.fail(m, "No timeout specified")
	}
	return c.answered(m, func(p *pbx) (string, bool) {
		ch := p.find(m.Get("Channel"))
		if ch == nil {
			return "No such channel", false
		}
		p.after(duration(m.Get("Timeout")), func() { p.requestHangup(ch, 0) })
		return "Timeout Set", true
	})
}
