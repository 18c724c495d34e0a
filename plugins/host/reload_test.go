package host_test

import (
	"context"
	"errors"
	"strings"
	"testing"

	"github.com/astproxy/astproxy/ami"
	"github.com/astproxy/astproxy/plugins"
	"github.com/astproxy/astproxy/plugins/host"
	"github.com/astproxy/astproxy/plugins/plugintest"
	"github.com/astproxy/astproxy/proxy/proxytest"
)

// sign is the configuration of a plugin that says Text.
type sign struct{ Text string }

// signs tells of each beginning and end of one.
func signs(told chan string) plugins.Kind {
	return plugins.Kind{
		Name: "sign", Config: func() any { return &sign{Text: "Hello"} },
		New: func(_ plugins.Host, config any) (plugins.Plugin, error) {
			text := config.(*sign).Text
			if text == "" {
				return nil, errors.New("there is no text")
			}
			return &acting{
				run: func(ctx context.Context) error {
					told <- text + " begins"
					<-ctx.Done()
					told <- text + " ends"
					return nil
				},
				actions: []plugins.Action{{Name: "Sign", Class: ami.ClassCall, Run: func(context.Context, plugins.Caller, ami.Message) (plugins.Answer, error) {
					return plugins.Answer{Response: new(ami.Builder).Add("Message", text)}, nil
				}}},
			}, nil
		},
	}
}

func TestAReloadBeginsAnewOnlyWhatHasChanged(t *testing.T) {
	told := make(chan string, 10)
	s := plugintest.Start(t, signs(told), nil, plugintest.Options{Others: []host.Setup{{Kind: kind("greeter", greeter)}}})
	c := s.Login(t, "user")
	expect := func(want ...string) {
		t.Helper()
		for _, w := range want {
			if got := await(t, told, w); got != w {
				t.Errorf("got %q, want %q", got, w)
			}
		}
		if len(told) > 0 {
			t.Errorf("and %q", <-told)
		}
	}
	expect("Hello begins")
	s.Configure(t, &sign{Text: "Hello"})
	expect()
	s.Configure(t, &sign{Text: "Moin"})
	expect("Hello ends", "Moin begins")
	if m := c.Ask("Sign"); m.Get("Message") != "Moin" {
		t.Errorf("the answer is %s", m)
	}
	if _, err := s.Host.Prepare([]host.Setup{{Kind: signs(told), Config: &sign{}}}); err == nil || !strings.Contains(err.Error(), "there is no text") {
		t.Errorf("a configuration that is of no use: %v", err)
	}
	expect()
	if m := c.Ask("Sign"); m.Get("Message") != "Moin" {
		t.Errorf("then the answer is %s", m)
	}
	s.Stop()
	expect("Moin ends")
}

func TestTwoPluginsCannotBeTheSame(t *testing.T) {
	clashing := func(name, action, path string) host.Setup {
		return host.Setup{Kind: kind(name, func(plugins.Host) *acting {
			a := &acting{actions: []plugins.Action{{Name: action}}}
			if path != "" {
				a.routes = []plugins.Route{{Method: "GET", Path: path}}
			}
			return a
		})}
	}
	for want, setups := range map[string][]host.Setup{
		"its action GREET is one of plugin greeter's, too":          {{Kind: kind("greeter", greeter)}, clashing("other", "GREET", "")},
		"its action login is the proxy's own":                       {clashing("other", "login", "")},
		"the path /metrics is not a plugin's to serve":              {clashing("other", "A", "/metrics")},
		"the path /api/v1/jobs/{x} is not a plugin's to serve":      {clashing("other", "A", "/api/v1/jobs/{x}")},
		"conflicts with pattern":                                    {clashing("one", "A", "/api/v1/x/{y}"), clashing("other", "B", "/api/v1/x/{z}")},
		"Bing is no action of the plugin's that the dialplan may ":  {{Kind: kind("greeter", greeter), Triggers: []string{"Bing"}}},
		"Greet is no action of the plugin's that the dialplan may ": {{Kind: kind("greeter", greeter), Triggers: []string{"Greet"}}},
	} {
		wrong := host.Check(setups)
		if len(wrong) != 1 || !strings.Contains(wrong[0].Text, want) {
			t.Errorf("got %+v, want %s", wrong, want)
		}
	}
	if wrong := host.Check([]host.Setup{{Kind: kind("greeter", greeter)}, clashing("other", "A", "/api/v1/x")}); len(wrong) > 0 {
		t.Errorf("got %+v", wrong)
	}
}

func TestAnActionOfAsterisksIsNotHiddenInSilence(t *testing.T) {
	var log strings.Builder
	hiding := kind("hiding", func(plugins.Host) *acting {
		return &acting{actions: []plugins.Action{{Name: "QueueStatus", Class: ami.ClassCall, Run: func(context.Context, plugins.Caller, ami.Message) (plugins.Answer, error) {
			return plugins.Answer{Response: new(ami.Builder).Add("Message", "Mine")}, nil
		}}}}
	})
	s := plugintest.Start(t, hiding, nil, plugintest.Options{Proxy: proxytest.Options{Log: &log}})
	if m := s.Login(t, "user").Ask("QueueStatus"); m.Get("Message") != "Mine" {
		t.Errorf("the answer is %s", m)
	}
	s.Stop()
	if !strings.Contains(log.String(), "hides one of Asterisk's") {
		t.Errorf("the log is %s", log.String())
	}
}
