package host_test

import (
	"context"
	"errors"
	"strconv"
	"sync/atomic"
	"testing"
	"time"

	"github.com/astproxy/astproxy/access"
	"github.com/astproxy/astproxy/ami"
	"github.com/astproxy/astproxy/plugins"
	"github.com/astproxy/astproxy/plugins/host"
	"github.com/astproxy/astproxy/plugins/plugintest"
	"github.com/astproxy/astproxy/proxy/proxytest"
)

// await fails the test if c is not ready in time.
func await[T any](t *testing.T, c <-chan T, what string) (value T) {
	t.Helper()
	select {
	case value = <-c:
	case <-time.After(proxytest.Patience):
		t.Fatalf("%s does not come", what)
	}
	return value
}

// figure is what /metrics says of a plugin.
func figure(s *plugintest.Stage, plugin, name string) float64 {
	for _, f := range s.Extension().Figures() {
		if f.Part == plugin && f.Name == name {
			return f.Value
		}
	}
	return -1
}

// besides are the greeter, and a plugin that tells of each UserEvent it hears.
func besides() (others []host.Setup, heard chan string) {
	heard = make(chan string, 100)
	listener := kind("listener", func(plugins.Host) *acting {
		return &acting{hear: func(_ context.Context, e plugins.Event) {
			if e.Message.Event() == "UserEvent" {
				heard <- e.Message.Get("UserEvent")
			}
		}}
	})
	return []host.Setup{{Kind: kind("greeter", greeter)}, {Kind: listener}}, heard
}

// expectAllElseToGoOn wants events and actions of others to have their way.
func expectAllElseToGoOn(t *testing.T, s *plugintest.Stage, heard <-chan string, mark string) {
	t.Helper()
	c := s.Login(t, "user")
	defer c.Close()
	if m := c.Ask("Greet", "Name: Anna"); m.Get("Message") != "Hello Anna" {
		t.Errorf("another plugin's action is answered with %s", m)
	}
	if m := c.Ask("UserEvent", "UserEvent: "+mark); m.Response() != "Success" {
		t.Errorf("an action of Asterisk's is answered with %s", m)
	}
	c.Event("UserEvent", "UserEvent: "+mark)
	for name := await(t, heard, "the event "+mark); name != mark; name = await(t, heard, "the event "+mark) {
	}
}

//astproxy:attack
func TestAPluginThatPanicsEndsNothingElseAndBeginsAgain(t *testing.T) {
	others, heard := besides()
	var lives atomic.Int32
	started := make(chan struct{}, 10)
	panicking := kind("panicking", func(plugins.Host) *acting {
		return &acting{
			run: func(ctx context.Context) error {
				switch started <- struct{}{}; lives.Add(1) {
				case 1:
					panic("in Run")
				case 2:
					return errors.New("no more")
				}
				<-ctx.Done()
				return nil
			},
			hear: func(_ context.Context, e plugins.Event) {
				if e.Message.Event() == "UserEvent" {
					panic("in Hear")
				}
			},
			actions: []plugins.Action{{Name: "Panic", Class: ami.ClassCall, Run: func(context.Context, plugins.Caller, ami.Message) (plugins.Answer, error) {
				panic("in Run of an action")
			}}},
		}
	})
	clock := plugintest.NewClock()
	s := plugintest.Start(t, panicking, nil, plugintest.Options{Others: others, Host: host.Options{Clock: clock}})
	await(t, started, "the first life")
	for pause := time.Second; pause <= 2*time.Second; pause *= 2 {
		clock.Await(1)
		expectAllElseToGoOn(t, s, heard, "pause "+pause.String())
		if m := s.Login(t, "user").Ask("Panic"); m.Get("Code") != host.CodeStopped {
			t.Errorf("in the pause it is answered with %s", m)
		}
		clock.Advance(pause - time.Millisecond)
		select {
		case <-started:
			t.Error("it begins again at once")
		default:
		}
		clock.Advance(time.Millisecond)
		await(t, started, "the next life")
	}
	for !s.Host.Running("panicking") {
		time.Sleep(time.Millisecond)
	}
	if m := s.Login(t, "user").Ask("Panic"); m.Response() != "Error" || m.Get("Code") != "failed" {
		t.Errorf("the action is answered with %s", m)
	}
	expectAllElseToGoOn(t, s, heard, "afterwards")
	if up, restarts := figure(s, "panicking", "plugin_running"), figure(s, "panicking", "plugin_restarts_total"); up != 1 || restarts != 2 {
		t.Errorf("it runs: %v, after %v restarts", up, restarts)
	}
	if panics := figure(s, "panicking", "plugin_panics_total"); panics < 2 {
		t.Errorf("%v panics are counted", panics)
	}
}

//astproxy:attack
func TestAPluginThatBlocksForEverHoldsNobodyAndIsLeftBehind(t *testing.T) {
	others, heard := besides()
	release, blocked := make(chan struct{}), make(chan string, 10)
	t.Cleanup(func() { close(release) })
	block := func(what string) {
		blocked <- what
		<-release
	}
	blocking := kind("blocking", func(plugins.Host) *acting {
		return &acting{
			run: func(context.Context) error {
				block("Run")
				return nil
			},
			hear: func(context.Context, plugins.Event) { block("Hear") },
			actions: []plugins.Action{{Name: "Block", Class: ami.ClassCall, Run: func(context.Context, plugins.Caller, ami.Message) (plugins.Answer, error) {
				block("Block")
				return plugins.Answer{}, nil
			}}},
		}
	})
	s := plugintest.Start(t, blocking, nil, plugintest.Options{
		Others: others, Host: host.Options{Patience: 10 * time.Millisecond},
		Proxy: proxytest.Options{Users: []access.UserConfig{
			proxytest.User(), proxytest.User(proxytest.Named("anna"), func(u *access.UserConfig) { u.MaxPluginActions = 2 }),
		}},
	})
	anna := s.Login(t, "anna")
	anna.Send("Block", "ActionID: 1")
	anna.Send("Block", "ActionID: 2")
	for _, what := range []string{"Run", "Hear", "Block", "Block"} {
		_ = what
		await(t, blocked, "one that blocks")
	}
	if m := anna.Ask("Block", "ActionID: 3"); m.Get("Message") != "Too many Block and the like at once: 2 are allowed" {
		t.Errorf("one more is answered with %s", m)
	}
	for i := range 50 {
		expectAllElseToGoOn(t, s, heard, "while it blocks "+strconv.Itoa(i))
	}
	other := s.Login(t, "user")
	other.Send("Block") // it waits for the answer, and nobody else does
	await(t, blocked, "one more that blocks")
	change, err := s.Host.Prepare(others)
	if err != nil {
		t.Fatal(err)
	}
	s.Host.Apply(change) // returns although it does not end
	for range 2 {
		if m := anna.Response(); m.Get("Code") != host.CodeStopped {
			t.Errorf("what has not been answered is answered with %s", m)
		}
	}
	if m := other.Response(); m.Get("Code") != host.CodeStopped {
		t.Errorf("what has not been answered is answered with %s", m)
	}
	if m := anna.Ask("Block", "ActionID: 4"); m.Get("Message") != "Invalid/unknown command: Block. Use Action: ListCommands to show available commands." {
		t.Errorf("then there is %s", m)
	}
}

func TestWhoIsSlowToHearMissesEventsAndIsToldSo(t *testing.T) {
	others, heard := besides()
	hearing, release := make(chan plugins.Event), make(chan struct{})
	slow := kind("slow", func(plugins.Host) *acting {
		return &acting{hear: func(ctx context.Context, e plugins.Event) {
			select {
			case hearing <- e:
			case <-ctx.Done():
				return
			}
			if e.Occasion != plugins.Connected {
				return
			}
			select {
			case <-release:
			case <-ctx.Done():
			}
		}}
	})
	s := plugintest.Start(t, slow, nil, plugintest.Options{Others: others})
	for e := range hearing {
		if e.Occasion == plugins.Connected && e.Server == plugintest.Server {
			break
		}
	}
	event := ami.NewEvent("Flood").Add("Privilege", "call,all").Message()
	const many = host.HearEvents + 1000
	for range many {
		s.Asterisk.Broadcast(event)
	}
	expectAllElseToGoOn(t, s, heard, "behind all of them")
	close(release)
	count := 0
	for e := range hearing {
		if e.Occasion == plugins.Missed {
			break
		}
		count++
	}
	if count > host.HearEvents+200 || count < host.HearEvents-200 { // what is of the login is among them, or not
		t.Errorf("%d events are kept", count)
	}
	s.Asterisk.Broadcast(ami.NewEvent("Later").Add("Privilege", "call,all").Message())
	for e := range hearing {
		if e.Message.Event() == "Later" {
			break
		}
	}
	if missed := figure(s, "slow", "plugin_events_missed_total"); missed < 900 {
		t.Errorf("%v missed events are counted", missed)
	}
}

//astproxy:attack
func TestAPluginThatFloodsEventsHoldsNobody(t *testing.T) {
	others, heard := besides()
	flooded := make(chan struct{})
	flooding := kind("flooding", func(h plugins.Host) *acting {
		return &acting{run: func(ctx context.Context) error {
			for range 50_000 {
				h.Emit(plugintest.Server, ami.ClassReporting, "", ami.NewEvent("Flood").Add("Text", "as long as a usual event of Asterisk's"))
			}
			close(flooded)
			<-ctx.Done()
			return nil
		}}
	})
	s := plugintest.Start(t, flooding, nil, plugintest.Options{Others: others})
	expectAllElseToGoOn(t, s, heard, "during the flood")
	await(t, flooded, "the end of the flood")
	expectAllElseToGoOn(t, s, heard, "after the flood")
}

func TestAnAnswerWhoseClientHasGoneIsDropped(t *testing.T) {
	running, finish, finished := make(chan struct{}, 2), make(chan struct{}), make(chan struct{}, 2)
	slow := kind("slow", func(plugins.Host) *acting {
		return &acting{actions: []plugins.Action{{Name: "Slow", Class: ami.ClassCall, Run: func(context.Context, plugins.Caller, ami.Message) (plugins.Answer, error) {
			running <- struct{}{}
			<-finish
			defer func() { finished <- struct{}{} }()
			return plugins.Answer{}, nil
		}}}}
	})
	s := plugintest.Start(t, slow, nil, plugintest.Options{Proxy: proxytest.Options{Users: []access.UserConfig{
		proxytest.User(), proxytest.User(proxytest.Named("anna"), func(u *access.UserConfig) { u.MaxPluginActions, u.MaxPending = 1, 1 }),
	}}})
	c := s.Login(t, "anna")
	c.Send("Slow")
	await(t, running, "the action")
	c.Reset()
	close(finish)
	await(t, finished, "its end")
	// Its place is another's again, once the answer is through.
	for next := s.Login(t, "anna"); ; {
		if m := next.Ask("Slow"); m.Response() == "Success" {
			break
		}
	}
}
