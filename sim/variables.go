package sim

import "strings"

// variables are those of a channel, in the order they were set in.
type variables []variable

type variable struct{ name, value string }

func (v *variables) set(name, value string) {
	for i := range *v {
		if (*v)[i].name == name {
			(*v)[i].value = value
			return
		}
	}
	*v = append(*v, variable{name, value})
}

func (v variables) get(name string) string {
	for i := range v {
		if v[i].name == name {
			return v[i].value
		}
	}
	return ""
}

// variable is the value of a channel's variable, of one of those every channel has, or of a global one.
func (p *pbx) variable(c *channel, name string) string {
	if device, is := deviceOf(name); is {
		return p.functionState(device)
	}
	if c == nil {
		return p.globals.get(name)
	}
	switch name {
	case "CHANNEL":
		return c.name
	case "UNIQUEID":
		return c.uniqueid
	case "EXTEN":
		return c.exten
	case "CONTEXT":
		return c.context
	case "CALLERID(num)":
		return c.caller.number
	case "CALLERID(name)":
		return c.caller.name
	}
	if value := c.variables.get(name); value != "" {
		return value
	}
	return p.globals.get(name)
}

// deviceOf is the device of the function DEVICE_STATE.
func deviceOf(name string) (device string, is bool) {
	device, is = strings.CutPrefix(name, "DEVICE_STATE(")
	return strings.TrimSuffix(device, ")"), is
}

// substitute puts the values of variables in the place of ${NAME}.
func (p *pbx) substitute(c *channel, text string) string {
	var b strings.Builder
	for {
		before, rest, found := strings.Cut(text, "${")
		b.WriteString(before)
		if !found {
			return b.String()
		}
		name, after, _ := strings.Cut(rest, "}")
		value := ""
		if variable, from, to, isPart := part(name); isPart {
			value = p.variable(c, variable)
			value = value[min(from, len(value)):min(to, len(value))]
		} else {
			value = p.variable(c, name)
		}
		b.WriteString(value)
		text = after
	}
}
