package plugins_test

import (
	"context"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/astproxy/astproxy/access"
	"github.com/astproxy/astproxy/ami"
	"github.com/astproxy/astproxy/plugins"
	"github.com/astproxy/astproxy/plugins/plugintest"
	"github.com/astproxy/astproxy/proxy/proxytest"
	"github.com/astproxy/astproxy/test/asterisk"
	"github.com/astproxy/astproxy/upstream"
)

// rung is one action Ring.
type rung struct {
	by     plugins.Caller
	action ami.Message
}

// doorbell has the action Ring, which it tells of.
func doorbell(rang chan rung) plugins.Kind {
	return plugins.Kind{Name: "doorbell", New: func(plugins.Host, any) (plugins.Plugin, error) {
		return bell{rang}, nil
	}}
}

type bell struct{ rang chan rung }

// Run implements plugins.Plugin.
func (bell) Run(ctx context.Context) error {
	<-ctx.Done()
	return nil
}

// Actions implements plugins.Actor.
func (b bell) Actions() []plugins.Action {
	return []plugins.Action{{
		Name: "Ring", Class: ami.ClassSystem, FromDialplan: true,
		Headers: []plugins.Header{
			{Name: "Door", Repeated: true}, {Name: "Note"},
			{Name: "Channel"}, {Name: "ChannelState"}, {Name: "Uniqueid"}, {Name: "Linkedid"}, {Name: "Privilege"}, // no attack shall fail at these
		},
		Run: func(_ context.Context, by plugins.Caller, m ami.Message) (plugins.Answer, error) {
			b.rang <- rung{by, m}
			if m.Get("Door") == "" {
				return plugins.Answer{}, plugins.Refuse("no_door", "Which door?")
			}
			return plugins.Answer{}, nil
		},
	}}
}

func TestTheDialplanOfARealAsteriskAsksAndIsTold(t *testing.T) {
	for _, version := range asterisk.Versions() {
		t.Run(version, func(t *testing.T) {
			s := asterisk.Start(t, version)
			rang := make(chan rung, 10)
			stage := plugintest.Start(t, doorbell(rang), nil, plugintest.Options{Triggers: []string{"Ring"}, Proxy: proxytest.Options{
				Servers: []upstream.Config{proxytest.Server("pbx", s.AMIAddress, s.Username, s.Secret)},
				Users: []access.UserConfig{proxytest.User(), proxytest.User(proxytest.Named("mallory"), proxytest.May(
					[]string{"all"}, []string{"user", "call", "originate", "command", "agi", "reporting"}))},
			}})
			stage.Up(t, "pbx")
			c := stage.Login(t, "user")
			addExtension(t, c, "bell", "Answer", "",
				"UserEvent", "Astproxy,Do: Ring,Door/1: front,Door/2: back,Note: from ${EXTEN}",
				"While", `$["${ASTPROXY_RESULT}" = ""]`, "Wait", "0.05", "EndWhile", "",
				"UserEvent", "Told,Result: ${ASTPROXY_RESULT},Code: ${ASTPROXY_CODE}")
			addExtension(t, c, "broken", "Answer", "",
				"UserEvent", "Astproxy,Do: Ring",
				"While", `$["${ASTPROXY_RESULT}" = ""]`, "Wait", "0.05", "EndWhile", "",
				"UserEvent", "Told,Result: ${ASTPROXY_RESULT},Code: ${ASTPROXY_CODE}")
			attack(t, stage.Login(t, "mallory"))

			call(t, c, "bell")
			r := await(t, rang)
			if doors := slices.Collect(r.action.Values("Door")); !slices.Equal(doors, []string{"front", "back"}) || r.action.Get("Note") != "from bell" {
				t.Errorf("the action is %s", r.action)
			}
			if r.by.User != nil || !strings.HasPrefix(r.by.Remote, "Local/bell@default-") || r.by.Channel.Get("Context") != "default" || r.by.Channel.Get("Exten") != "bell" {
				t.Errorf("it is asked by %+v", r.by)
			}
			c.Event("UserEvent", "UserEvent: Told", "Result: Success")
			call(t, c, "broken")
			await(t, rang)
			c.Event("UserEvent", "UserEvent: Told", "Result: Error", "Code: no_door")
			if len(rang) > 0 {
				t.Errorf("a client has passed for the dialplan: %+v", <-rang)
			}
		})
	}
}

// attack tries what a client can to have Ring run, and waits until all of it has come back as events.
func attack(t *testing.T, c *proxytest.Client) {
	t.Helper()
	channel := []string{"Channel: Local/bell@default-00000001;2", "ChannelState: 6", "Uniqueid: 1.1", "Linkedid: 1.1"}
	for _, headers := range [][]string{
		append([]string{"UserEvent: Astproxy", "Do: Ring"}, channel...),
		append(slices.Clone(channel), "UserEvent: Astproxy", "Do: Ring"),
		append(append([]string{"Privilege: user,all"}, channel...), "UserEvent: Astproxy", "Do: Ring"),
		append(append([]string{"UserEvent: "}, channel...), "UserEvent: Astproxy", "Do: Ring"),
	} {
		if m := c.Ask("UserEvent", headers...); m.Response() != "Success" {
			t.Errorf("%v is answered with %s", headers, m)
		}
		c.Event("UserEvent")
	}
	for _, headers := range [][]string{
		{"Application: UserEvent", "Data: Astproxy,Do: Ring"},
		{"Application: UserEvent", `Data: "Astproxy",Do: Ring`},
	} {
		if m := c.Ask("Originate", append([]string{"Channel: Local/1001@default", "Async: true"}, headers...)...); m.Response() != "Error" {
			t.Errorf("%v is answered with %s", headers, m)
		}
	}
}

// addExtension adds an extension to the context default, of applications and their data.
func addExtension(t *testing.T, c *proxytest.Client, exten string, steps ...string) {
	t.Helper()
	for i := 0; i < len(steps); i += 2 {
		m := c.Ask("DialplanExtensionAdd", "Context: default", "Extension: "+exten, "Priority: "+string(rune('1'+i/2)),
			"Application: "+steps[i], "ApplicationData: "+steps[i+1])
		if m.Response() != "Success" {
			t.Fatalf("%s is answered with %s", steps[i], m)
		}
	}
}

func call(t *testing.T, c *proxytest.Client, exten string) {
	t.Helper()
	m := c.Ask("Originate", "Channel: Local/"+exten+"@default", "Context: default", "Exten: 1001", "Priority: 1", "Async: true")
	if m.Response() != "Success" {
		t.Fatalf("the call is answered with %s", m)
	}
}

func await(t *testing.T, rang <-chan rung) rung {
	t.Helper()
	select {
	case r := <-rang:
		return r
	case <-time.After(proxytest.Patience):
		t.Fatal("nobody rings")
		return rung{}
	}
}
