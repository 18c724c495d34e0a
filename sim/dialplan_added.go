package sim

import (
	"slices"
	"strconv"
	"strings"

	"github.com/astproxy/astproxy/ami"
)

func init() {
	simulates(map[string]func(*session, ami.Message) bool{
		"DialplanExtensionAdd": (*session).dialplanExtensionAdd,
		"ShowDialPlan":         (*session).showDialPlan,
	})
}

// addedExtension is an extension that DialplanExtensionAdd has made, with names and no patterns.
type addedExtension struct {
	context, exten string
	steps          []step // an application that is "" was not added
}

// added is the extension that was added, nil when there is none.
func (p *pbx) added(context, exten string) *addedExtension {
	for _, e := range p.extensions {
		if strings.EqualFold(e.context, context) && e.exten == exten {
			return e
		}
	}
	return nil
}

// lookup is a priority of an extension, nil when there is none.
func (p *pbx) lookup(context, exten string, priority int) *step {
	if e := p.added(context, exten); e != nil && priority >= 1 && priority <= len(e.steps) && e.steps[priority-1].application != "" {
		return &e.steps[priority-1]
	}
	return lookup(context, exten, priority)
}

// ReloadDialplan forgets what DialplanExtensionAdd has made, as `dialplan reload` does, which no event tells.
func (s *Server) ReloadDialplan() { s.pbx.do(func() { s.pbx.extensions = nil }) }

// dialplanExtensionAdd adds a priority (pbx_config.c, manager_dialplan_extension_add).
func (c *session) dialplanExtensionAdd(m ami.Message) bool {
	for _, h := range []string{"Context", "Extension", "Priority", "Application"} {
		if m.Get(h) == "" {
			return c.fail(m, "Context, Extension, Priority, and Application must be defined")
		}
	}
	priority, err := strconv.Atoi(m.Get("Priority"))
	if err != nil || priority < 1 || priority > 1000 {
		return c.fail(m, "The priority specified is invalid")
	}
	return c.answered(m, func(p *pbx) (string, bool) {
		e := p.added(m.Get("Context"), m.Get("Extension"))
		if e == nil {
			e = &addedExtension{context: m.Get("Context"), exten: m.Get("Extension")}
			p.extensions = append(p.extensions, e)
		}
		if missing := priority - len(e.steps); missing > 0 {
			e.steps = slices.Concat(e.steps, make([]step, missing))
		}
		if e.steps[priority-1].application != "" && !ami.IsTrue(m.Get("Replace")) {
			return "That extension and priority already exist at that context", false
		}
		e.steps[priority-1] = step{m.Get("Application"), m.Get("ApplicationData")}
		return "Added requested extension", true
	})
}

// showDialPlan lists an extension that was added; without a context it answers as it was recorded.
func (c *session) showDialPlan(m ami.Message) bool {
	context, exten := m.Get("Context"), m.Get("Extension")
	if context == "" || strings.EqualFold(context, "default") {
		return c.replay("ShowDialPlan", m)
	}
	var items []*ami.Builder
	known := false
	p := c.server.pbx
	p.do(func() {
		for _, e := range p.extensions {
			if !strings.EqualFold(e.context, context) {
				continue
			}
			known = true
			if exten != "" && e.exten != exten {
				continue
			}
			for i, s := range e.steps {
				items = append(items, item(m, "ListDialplan").Add("Context", e.context).Add("Extension", e.exten).
					Add("Priority", strconv.Itoa(i+1)).Add("Application", s.application).Add("AppData", s.data).Add("Registrar", "pbx_config"))
			}
		}
	})
	switch {
	case !known:
		return c.fail(m, "Did not find context "+context)
	case len(items) == 0:
		return c.fail(m, "Did not find extension "+exten+"@"+context)
	}
	return c.list(m, "DialPlan list will follow", "ShowDialPlanComplete", items)
}

// execIf takes `$["a" = "b"]?Application(data)`, the only form there is here.
func execIf(text string) (s step, is bool) {
	condition, then, _ := strings.Cut(text, "?")
	left, right, equals := strings.Cut(strings.TrimSuffix(strings.TrimPrefix(condition, "$["), "]"), " = ")
	application, data, hasData := strings.Cut(then, "(")
	return step{application, strings.TrimSuffix(data, ")")}, equals && hasData && left == right
}

// part takes ${NAME:offset:length} apart.
func part(name string) (variable string, from, to int, isPart bool) {
	variable, rest, isPart := strings.Cut(name, ":")
	offset, length, _ := strings.Cut(rest, ":")
	from, err := strconv.Atoi(offset)
	n, err2 := strconv.Atoi(length)
	return variable, from, from + n, isPart && err == nil && err2 == nil && from >= 0 && n >= 0
}

// userEventApp is the application UserEvent: an event with the channel in it and what the dialplan says.
func (p *pbx) userEventApp(c *channel, data string) {
	fields := strings.Split(data, ",")
	b := c.describe(begin("UserEvent", "user"), "").Add("UserEvent", fields[0])
	for _, field := range fields[1:] {
		name, value, _ := strings.Cut(field, ":")
		b.Add(strings.TrimSpace(name), strings.TrimSpace(value))
	}
	p.send(b)
}
