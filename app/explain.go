package app

import (
	"fmt"
	"io"
	"strings"

	"github.com/astproxy/astproxy/access"
	"github.com/astproxy/astproxy/ami"
	"github.com/astproxy/astproxy/plugins/host"
	"github.com/astproxy/astproxy/sim"
)

// Explain says on to whether a user may send an action, or sees an event, and what decides it: by the
// same code that the proxy decides by. classes are the action's, as ListCommands prints them; "" are those
// that Asterisk 22, or else 16, has. The error says that there is nothing to decide.
func (c *Config) Explain(to io.Writer, user string, m ami.Message, classes string) (may bool, err error) {
	who, err := c.findUser(user)
	if err != nil {
		return false, err
	}
	switch {
	case m.IsZero():
		return false, fmt.Errorf("there is no message: an action, or an event with its Privilege, is wanted")
	case m.IsEvent():
		class, classed := m.Privilege()
		if !classed {
			return false, fmt.Errorf("the event has no Privilege: give the line that Asterisk sends with it, such as \"Privilege: call,all\"")
		}
		d := who.JudgeEvent(class)
		if d.Allowed && who.Tenant() != "" {
			d = who.JudgeEventOf(nil, m, nil)
		}
		if _, filters := who.ChannelTags(); d.Allowed && filters {
			d = who.JudgeEventChannels(m)
		}
		return explain(to, who, "see the event "+printable(m.Event()), d)
	}
	if err := ami.CheckAction(m); err != nil {
		return false, fmt.Errorf("no action that could be sent: %w", err)
	}
	name := m.Action()
	if name == "" {
		return false, fmt.Errorf("the message has neither Action nor Event")
	}
	class := ami.ParsePrivilege(classes)
	if classes == "" {
		known := false
		if class, known = c.actionClass(name); !known {
			return false, fmt.Errorf("neither Asterisk 22 nor 16 has an action %s: give its classes with --classes, as ListCommands on your server prints them, such as \"call,all\" or \"<none>\"", printable(name))
		}
	}
	return explain(to, who, "send the action "+printable(name), who.Judge(name, class, who.Rewrite(name, m)))
}

// actionClass is what an action needs: one of the plugins', or else of Asterisk's.
func (c *Config) actionClass(name string) (class ami.Class, known bool) {
	for _, action := range host.Actions(c.Plugins.setups()) {
		if strings.EqualFold(action.Name, name) {
			return action.Class, true
		}
	}
	return sim.ActionClass(name)
}

// findUser makes the user that logs in by a name.
func (c *Config) findUser(name string) (*access.User, error) {
	tenants, err := access.NewTenants(c.Tenants)
	if err != nil {
		return nil, err
	}
	users, err := access.NewUsersOf(tenants, c.Users)
	if err != nil {
		return nil, err
	}
	if user, known := users.Named(name); known {
		return user, nil
	}
	return nil, fmt.Errorf("there is no user named %s", printable(name))
}

func explain(to io.Writer, user *access.User, what string, d access.Decision) (bool, error) {
	may := "may"
	if !d.Allowed {
		may = "may not"
	}
	text := fmt.Sprintf("%s %s %s\nby %s: %s\n", user.Name(), may, what, d.By, d.Why)
	if d.Answer != "" {
		text += fmt.Sprintf("answered with: %s\n", d.Answer)
	}
	_, err := io.WriteString(to, text)
	return d.Allowed, err
}

// printable keeps a text from outside on its line.
func printable(text string) string { return strings.Trim(fmt.Sprintf("%q", text), `"`) }
