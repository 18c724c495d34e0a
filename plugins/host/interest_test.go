package host_test

import (
	"context"
	"slices"
	"testing"

	"github.com/astproxy/astproxy/ami"
	"github.com/astproxy/astproxy/plugins"
	"github.com/astproxy/astproxy/plugins/host"
	"github.com/astproxy/astproxy/plugins/plugintest"
)

// choosing is a plugin that hears some events only.
type choosing struct {
	*acting
	names []string
}

func (c choosing) Hears() []string { return c.names }

func TestAPluginThatChoosesHearsItsEventsAndAllThatIsNone(t *testing.T) {
	var heard [2]chan string
	setups := make([]host.Setup, len(heard))
	for i, names := range [][]string{{"Newchannel"}, {"Hangup", "Newchannel"}} {
		heard[i] = make(chan string, 100)
		setups[i].Kind = plugins.Kind{Name: "chooser" + names[0], New: func(plugins.Host, any) (plugins.Plugin, error) {
			hear := func(_ context.Context, e plugins.Event) {
				if e.Occasion == plugins.Connected {
					heard[i] <- "connected"
				} else {
					heard[i] <- e.Message.Event()
				}
			}
			return choosing{&acting{hear: hear}, names}, nil
		}}
	}
	s := plugintest.Start(t, setups[0].Kind, nil, plugintest.Options{Others: setups[1:]})
	for _, event := range []string{"VarSet", "Hangup", "Newstate", "Newchannel"} {
		s.Asterisk.Broadcast(ami.NewEvent(event).Add("Privilege", "call,all").Add("Uniqueid", "1").Message())
	}
	for i, want := range [][]string{{"connected", "Newchannel"}, {"connected", "Hangup", "Newchannel"}} {
		var got []string
		for range want {
			got = append(got, await(t, heard[i], "an event"))
		}
		if !slices.Equal(got, want) {
			t.Errorf("heard %q, want %q", got, want)
		}
	}
}
