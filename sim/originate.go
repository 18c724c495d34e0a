package sim

import (
	"fmt"
	"strings"
	"time"

	"github.com/astproxy/astproxy/ami"
)

func init() {
	simulates(map[string]func(*session, ami.Message) bool{
		"Originate": (*session).originate,
	})
}

// originate is what an Originate asks for.
type originate struct {
	outgoing
	application, data string // or
	context, exten    string
	priority          int
}

// maxUniqueid is the longest Uniqueid one may ask for (channel.h, AST_MAX_PUBLIC_UNIQUEID).
const maxUniqueid = 149

// originate places a call. Without Async the session waits for the answer.
func (c *session) originate(m ami.Message) bool {
	o, refusal := c.parseOriginate(m)
	if refusal != "" {
		return c.fail(m, refusal)
	}
	p := c.server.pbx
	if ami.IsTrue(m.Get("Async")) {
		alive := c.ack(m, "Originate successfully queued")
		p.do(func() {
			p.after(c.server.config.OriginateDelay, func() {
				p.originate(o, func(why reason, answered *channel) { p.originateResponse(m.ActionID(), o, why, answered) })
			})
		})
		return alive
	}
	if o.application == "" && o.priority == 0 {
		return c.fail(m, "Originate with 'Exten' requires 'Context' and 'Priority'")
	}
	ended := make(chan reason, 1)
	p.do(func() { p.originate(o, func(why reason, _ *channel) { ended <- why }) })
	select {
	case why := <-ended:
		if why != reasonAnswered {
			return c.fail(m, "Originate failed")
		}
		return c.ack(m, "Originate successfully queued")
	case <-c.done:
		return false
	}
}

// parseOriginate reads an Originate, and says what Asterisk refuses of it at once, in its order
// (manager.c, action_originate).
func (c *session) parseOriginate(m ami.Message) (o originate, refusal string) {
	o = originate{application: m.Get("Application"), data: m.Get("Data"), context: m.Get("Context"), exten: m.Get("Exten")}
	o.outgoing = outgoing{
		timeout: 30 * time.Second, caller: parseCallerID(m.Get("CallerID")), account: m.Get("Account"),
		channelID: m.Get("ChannelId"), otherChannelID: m.Get("OtherChannelId"), calledWith: originateApplication,
	}
	if len(o.channelID) > maxUniqueid || len(o.otherChannelID) > maxUniqueid {
		return o, fmt.Sprintf("Uniqueid length exceeds maximum of %d", maxUniqueid)
	}
	name := m.Get("Channel")
	if name == "" {
		return o, "Channel not specified"
	}
	if text := m.Get("Priority"); text != "" {
		var number bool
		if o.priority, number = leadingInt(text); !number {
			return o, "Invalid priority" // the dialplan has no labels
		}
	}
	if text := m.Get("Timeout"); text != "" {
		milliseconds, number := leadingInt(text)
		if !number {
			return o, "Invalid timeout"
		}
		o.timeout = time.Duration(milliseconds) * time.Millisecond
	}
	var hasNumber bool
	if o.technology, o.number, hasNumber = strings.Cut(name, "/"); !hasNumber {
		return o, "Invalid channel"
	}
	if refusal := c.forbidden(o); refusal != "" {
		return o, refusal
	}
	if o.priority != 0 {
		exists := false
		p := c.server.pbx
		p.do(func() { exists = p.lookup(o.context, o.exten, o.priority) != nil })
		if !exists {
			return o, "Extension does not exist."
		}
	}
	o.variables = parseVariables(m)
	return o, ""
}

// forbidden refuses the applications and functions that need the class system (manager.c,
// is_originate_app_permitted).
func (c *session) forbidden(o originate) string {
	if o.application == "" || c.user.Write&ami.ClassSystem != 0 {
		return ""
	}
	word, what := "Originate Access Forbidden: app or data blacklisted", ""
	application := strings.ToLower(o.application)
	for _, s := range []string{"agi", "dbdeltree", "exec", "externalivr", "mixmonitor", "originate", "reload", "system"} {
		if strings.Contains(application, s) {
			what = "Application"
		}
	}
	functions := []string{"CURL", "DB", "EVAL", "FILE", "ODBC", "REALTIME", "SHELL"}
	if c.server.config.asterisk16() {
		functions = []string{"EVAL", "SHELL"}
	}
	for _, s := range functions {
		if what == "" && strings.Contains(o.data, s) {
			what = "Data"
		}
	}
	if what == "" {
		return ""
	}
	if c.server.config.asterisk16() {
		return "Originate Access Forbidden: " + what
	}
	return word
}
