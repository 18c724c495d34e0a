package host_test

import (
	"context"
	"log/slog"
	"net"
	"testing"
	"time"

	"github.com/astproxy/astproxy/agi"
	"github.com/astproxy/astproxy/agi/agitest"
	"github.com/astproxy/astproxy/plugins"
	"github.com/astproxy/astproxy/plugins/host"
	"github.com/astproxy/astproxy/plugins/plugintest"
	"github.com/astproxy/astproxy/proxy"
	"github.com/astproxy/astproxy/proxy/proxytest"
	"github.com/astproxy/astproxy/sim"
	"github.com/astproxy/astproxy/sim/simtest"
	"github.com/astproxy/astproxy/store"
	"github.com/astproxy/astproxy/upstream"
)

// talker is a plugin that says hello on the phone and keeps who has called.
type talker struct{ kept store.Store }

func (*talker) Run(ctx context.Context) error {
	<-ctx.Done()
	return nil
}

func (t *talker) Keep(s store.Store) { t.kept = s }

func (t *talker) Scripts() []agi.Script {
	return []agi.Script{
		{Path: "talker/hello", Run: func(ctx context.Context, call *agi.Call) error {
			if err := call.Play("hello"); err != nil {
				return err
			}
			return t.kept.Write(ctx, func(w store.Writer) error { return w.Put("talker/caller", call.Channel, "said hello") })
		}},
		{Path: "talker/ask", Run: func(_ context.Context, call *agi.Call) error {
			_, err := call.Ask("agent-pass", 4, time.Second)
			return err
		}},
		{Path: "talker/panic", Run: func(context.Context, *agi.Call) error { panic("at the phone") }},
	}
}

func TestAPluginTalksOnThePhoneAndKeepsWhatItHeard(t *testing.T) {
	kind := plugins.Kind{Name: "talker", New: func(plugins.Host, any) (plugins.Plugin, error) { return new(talker), nil }}
	s := plugintest.Start(t, kind, nil, plugintest.Options{})
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	server := agi.NewServer(agi.Config{}, slog.New(slog.DiscardHandler))
	server.SetScripts(s.Host.Scripts())
	ctx, stop := context.WithCancel(context.Background())
	served := make(chan struct{})
	go func() { server.Serve(ctx, listener); close(served) }()
	defer func() { stop(); <-served }()
	address := listener.Addr().String()

	heard := agitest.Call(t, address, "PJSIP/101-00000001", "talker/hello").Talk()
	if len(heard.Sounds) != 1 || heard.Sounds[0] != "hello" {
		t.Errorf("the caller hears %q", heard.Sounds)
	}
	agitest.Call(t, address, "PJSIP/101-00000001", "talker/panic").Closed()

	asked := agitest.Call(t, address, "PJSIP/102-00000001", "talker/ask")
	if command, ok := asked.Command(); !ok {
		t.Errorf("nothing is asked: %s", command)
	}
	s.Stop() // it ends the call, and waits for nobody to dial
	asked.Closed()
	agitest.Call(t, address, "PJSIP/101-00000001", "talker/hello").Closed()
}

func TestAPluginThatKeepsThingsWithNowhereToKeepThemIsRefused(t *testing.T) {
	kind := plugins.Kind{Name: "talker", New: func(plugins.Host, any) (plugins.Plugin, error) { return new(talker), nil }}
	asterisk := simtest.Start(t, sim.Config{})
	proxytest.Start(t, proxytest.Options{
		Servers: []upstream.Config{proxytest.Server("pbx1", asterisk.Addr(), "astproxy", "secret")},
		Before: func(p *proxy.Proxy, log *slog.Logger) {
			h := host.New(p, log, host.Options{})
			if _, err := h.Prepare([]host.Setup{{Kind: kind}}); err == nil {
				t.Error("it is accepted")
			}
		},
	})
	if wrong := host.Check([]host.Setup{{Kind: kind}}); len(wrong) > 0 {
		t.Errorf("as a configuration it is wrong: %v", wrong)
	}
}
