package plugintest_test

import (
	"context"
	"testing"

	"github.com/astproxy/astproxy/ami"
	"github.com/astproxy/astproxy/plugins"
	"github.com/astproxy/astproxy/plugins/plugintest"
	"github.com/astproxy/astproxy/proxy/proxytest"
)

func TestMain(m *testing.M) { proxytest.Main(m) }

func TestAPluginsTestHasAHostInFrontOfAnAsterisk(t *testing.T) {
	h, stage := plugintest.NewHost(t, plugintest.Options{})
	call := h.Follow(plugintest.Server, "mine")
	defer call.Close()
	reply, err := h.Send(context.Background(), plugintest.Server, ami.NewAction("Originate").Add("Async", "true").
		Add("Channel", "Local/1001@default").Add("ChannelId", "mine").Add("Context", "default").Add("Exten", "1002").Add("Priority", "1").Message())
	if err != nil || !reply.OK() {
		t.Fatal(err, reply.Response)
	}
	for e := range call.Events() {
		if e.Occasion == plugins.Happened && e.Message.Event() == "Newchannel" {
			break
		}
	}
	client := stage.Login(t, "user")
	h.Emit(plugintest.Server, ami.ClassCall, "", ami.NewEvent("Told").Add("What", "all"))
	if m := client.Event("Told"); !proxytest.HasLines(m, "Privilege: call,all", "What: all", "Server: pbx1") {
		t.Errorf("the event is %s", m)
	}
}
