package conference

import (
	"context"
	"fmt"
	"strings"

	"github.com/astproxy/astproxy/ami"
	"github.com/astproxy/astproxy/plugins"
)

// The variables that tell the extension join where a channel goes and as what. A function cannot be set
// by Setvar: Asterisk has CONFBRIDGE among those that only its dialplan may write (app_confbridge.c).
const (
	variableRoom    = "ASTPROXY_CONFERENCE"
	variableOptions = "ASTPROXY_CONFERENCE_OPTIONS"
	variablePIN     = "ASTPROXY_CONFERENCE_PIN"
	// variableStatus tells the dialplan that has asked for something what has become of it.
	variableStatus = "ASTPROXY_STATUS"

	joinExtension = "join"
)

// text is the options as the dialplan reads them: five characters, a - for what is not.
func (o Options) text() string {
	flags := []byte("-----")
	for i, set := range []bool{o.Admin, o.Marked, o.StartMuted, o.PIN != "", true} {
		if set {
			flags[i] = "amspq"[i]
		}
	}
	return string(flags)
}

// step is a priority of the extension join.
type step struct{ application, data string }

// extension is what the extension join does, by the configuration. docs/conference.md shows it to who makes it himself.
func (c *Config) extension() []step {
	userProfile := c.UserProfile
	if userProfile == "" {
		userProfile = "default_user" // there always is one (confbridge/conf_config_parser.c)
	}
	option := func(at int, flag, name, value string) step {
		return step{"ExecIf", fmt.Sprintf(`$["${%s:%d:1}" = "%s"]?Set(CONFBRIDGE(user,%s)=%s)`, variableOptions, at, flag, name, value)}
	}
	return []step{
		{"Set", "CONFBRIDGE(user,template)=" + userProfile},
		option(0, "a", "admin", "yes"),
		option(1, "m", "marked", "yes"),
		option(2, "s", "startmuted", "yes"),
		option(3, "p", "pin", "${FILTER(0-9,${"+variablePIN+"})}"), // ExecIf would run what a client has put there behind a :
		option(4, "q", "announce_only_user", "no"),
		{"ConfBridge", strings.Join([]string{"${" + variableRoom + "}", c.BridgeProfile, "", c.Menu}, ",")},
		{"Hangup", ""},
	}
}

// prepareDialplan sees to it that there is the extension that channels are sent to. It is right before they are:
// a reload of the dialplan forgets what the plugin has made, and no event tells of one.
func (p *Plugin) prepareDialplan(ctx context.Context, server string) error {
	reply, err := p.host.Send(ctx, server, ami.NewAction("ShowDialPlan").Add("Context", p.config.Context).Add("Extension", joinExtension).Message())
	if err != nil {
		return err
	}
	there := reply.OK() && len(extensionOf(reply.Items)) > 0
	switch {
	case !p.config.InstallContext && !there:
		return plugins.Refuse(CodeNoDialplan, "There is no extension %s in the context %s", joinExtension, p.config.Context)
	case !p.config.InstallContext:
		return nil
	}
	wanted := p.config.extension()
	if there && same(wanted, extensionOf(reply.Items)) {
		return nil
	}
	for i, s := range wanted {
		action := ami.NewAction("DialplanExtensionAdd").Add("Context", p.config.Context).Add("Extension", joinExtension).
			Add("Priority", fmt.Sprint(i+1)).Add("Application", s.application).AddNonEmpty("ApplicationData", s.data).Add("Replace", "yes")
		reply, err := p.host.Send(ctx, server, action.Message())
		if err != nil {
			return err
		}
		if !reply.OK() {
			return plugins.Refuse(CodeNoDialplan, "The context %s cannot be made: %s", p.config.Context, reply.Response.Get("Message"))
		}
	}
	p.host.Log().Info("dialplan context made", "server", server, "context", p.config.Context)
	return nil
}

// extensionOf are the priorities that ShowDialPlan lists.
func extensionOf(items []ami.Message) (steps []step) {
	for _, m := range items {
		if m.Event() == "ListDialplan" && m.Get("Priority") != "" {
			steps = append(steps, step{m.Get("Application"), m.Get("AppData")})
		}
	}
	return steps
}

func same(wanted, there []step) bool {
	if len(wanted) > len(there) {
		return false
	}
	for i, s := range wanted {
		if !strings.EqualFold(s.application, there[i].application) || s.data != there[i].data {
			return false
		}
	}
	return true
}
