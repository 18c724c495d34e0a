package host_test

import (
	"context"
	"errors"
	"testing"

	"github.com/astproxy/astproxy/access"
	"github.com/astproxy/astproxy/ami"
	"github.com/astproxy/astproxy/plugins"
	"github.com/astproxy/astproxy/plugins/plugintest"
	"github.com/astproxy/astproxy/proxy/proxytest"
)

// acting is a plugin that is made of functions.
type acting struct {
	host    plugins.Host
	run     func(ctx context.Context) error
	actions []plugins.Action
	hear    func(context.Context, plugins.Event)
	routes  []plugins.Route
}

func (a *acting) Run(ctx context.Context) error {
	if a.run != nil {
		return a.run(ctx)
	}
	<-ctx.Done()
	return nil
}

func (a *acting) Actions() []plugins.Action { return a.actions }

func (a *acting) Routes() []plugins.Route { return a.routes }

func (a *acting) Hear(ctx context.Context, e plugins.Event) {
	if a.hear != nil {
		a.hear(ctx, e)
	}
}

// kind makes plugins by a function.
func kind(name string, make func(h plugins.Host) *acting) plugins.Kind {
	return plugins.Kind{Name: name, New: func(h plugins.Host, _ any) (plugins.Plugin, error) {
		a := make(h)
		a.host = h
		return a, nil
	}}
}

// greeter has the action Greet, which greets Name, and is rude if it is nobody.
func greeter(h plugins.Host) *acting {
	return &acting{actions: []plugins.Action{{
		Name: "Greet", Class: ami.ClassCall, Summary: "Greet somebody.",
		Headers: []plugins.Header{{Name: "Name", Required: true}, {Name: "Title", Repeated: true}},
		Run: func(_ context.Context, by plugins.Caller, m ami.Message) (plugins.Answer, error) {
			switch m.Get("Name") {
			case "nobody":
				return plugins.Answer{}, plugins.Refuse("unknown_person", "There is no %s", m.Get("Name"))
			case "broken":
				return plugins.Answer{}, errors.New("a secret reason")
			case "panic":
				panic("at the disco")
			case "all":
				return plugins.Answer{
					Response: new(ami.Builder).Add("Message", "Greetings follow"), Complete: "GreetComplete",
					List: []ami.Message{ami.NewEvent("Greeting").Add("Name", "Anna").Message(), ami.NewEvent("Greeting").Add("Name", "Ben").Message()},
				}, nil
			}
			return plugins.Answer{Response: new(ami.Builder).Add("Message", "Hello "+m.Get("Name")).Add("On", by.Server)}, nil
		},
	}}}
}

func TestAnActionOfAPluginIsAnsweredAsOneOfAsterisks(t *testing.T) {
	s := plugintest.Start(t, kind("greeter", greeter), nil, plugintest.Options{Proxy: proxytest.Options{Users: []access.UserConfig{
		proxytest.User(), proxytest.User(proxytest.Named("reader"), proxytest.May([]string{"call"}, []string{"user"})),
	}}})
	c := s.Login(t, "user")
	if m := c.Ask("greet", "Name: Anna", "ActionID: 7"); m.Raw() != "Response: Success\r\nActionID: 7\r\nMessage: Hello Anna\r\nOn: pbx1\r\n" {
		t.Errorf("the answer is %q", m.Raw())
	}
	list := c.List("8", "Greet", "Name: all")
	if len(list) != 4 || !proxytest.HasLines(list[0], "Response: Success", "EventList: start") ||
		!proxytest.HasLines(list[1], "Event: Greeting", "ActionID: 8", "Name: Anna") ||
		!proxytest.HasLines(list[3], "Event: GreetComplete", "ActionID: 8", "EventList: Complete", "ListItems: 2") {
		t.Errorf("the list is %v", list)
	}
	for _, wrong := range []struct {
		headers []string
		lines   []string
	}{
		{[]string{"Name: nobody"}, []string{"Response: Error", "Message: There is no nobody", "Code: unknown_person"}},
		{[]string{"Name: broken"}, []string{"Response: Error", "Code: failed"}},
		{[]string{"Name: panic"}, []string{"Response: Error", "Code: failed"}},
		{nil, []string{"Response: Error", "Message: Greet needs a header Name", "Code: missing_header"}},
		{[]string{"Name: x", "Surname: y"}, []string{"Code: unknown_header"}},
		{[]string{"Name: x", "Name: y"}, []string{"Code: invalid_header"}},
		{[]string{"Name: x", "Server: elsewhere"}, []string{"Message: There is no server called elsewhere"}},
	} {
		if m := c.Ask("Greet", wrong.headers...); !proxytest.HasLines(m, wrong.lines...) {
			t.Errorf("%v is answered with %s", wrong.headers, m)
		}
	}
	if m := c.Ask("ListCommands"); m.Get("Greet") != "Greet somebody.  (Priv: call,all)" {
		t.Errorf("ListCommands has %q", m.Get("Greet"))
	}
	reader := s.Login(t, "reader")
	if m := reader.Ask("Greet", "Name: Anna"); m.Get("Message") != "Permission denied" {
		t.Errorf("who may not is answered with %s", m)
	}
	if m := reader.Ask("ListCommands"); m.Has("Greet") {
		t.Error("who may not is told of it")
	}
}
