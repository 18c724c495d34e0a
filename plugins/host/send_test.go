package host_test

import (
	"context"
	"errors"
	"testing"

	"github.com/astproxy/astproxy/ami"
	"github.com/astproxy/astproxy/plugins"
	"github.com/astproxy/astproxy/plugins/plugintest"
	"github.com/astproxy/astproxy/proxy/proxytest"
	"github.com/astproxy/astproxy/upstream"
)

func TestAPluginIsToldWhatBecameOfItsAction(t *testing.T) {
	h, s := plugintest.NewHost(t, plugintest.Options{})
	ctx := t.Context()
	send := func(action *ami.Builder) (plugins.Reply, error) {
		return h.Send(ctx, plugintest.Server, action.Message())
	}
	if r, err := send(ami.NewAction("Ping").Add("ActionID", "mine")); err != nil || !r.OK() || r.Response.ActionID() != "mine" {
		t.Errorf("%v %s", err, r.Response)
	}
	if r, err := send(ami.NewAction("Ping")); err != nil || r.Response.Has("ActionID") {
		t.Errorf("an ActionID that is not its own: %v %s", err, r.Response)
	}
	if r, err := send(ami.NewAction("DBGet").Add("Family", "a").Add("Key", "b")); err != nil || r.OK() || r.Response.Get("Message") == "" {
		t.Errorf("an error of Asterisk's: %v %s", err, r.Response)
	}
	if r, err := send(ami.NewAction("QueueStatus").Add("Queue", "support")); err != nil || len(r.Items) < 2 || !r.Items[len(r.Items)-1].ClosesList() {
		t.Errorf("a list: %v %v", err, r.Items)
	}
	if _, err := send(ami.NewAction("Originate").Add("Channel", "Local/1@default")); err == nil {
		t.Error("a synchronous Originate is sent")
	}
	if _, err := h.Send(ctx, "elsewhere", ami.NewAction("Ping").Message()); !errors.Is(err, plugins.ErrDown) {
		t.Errorf("a server that is not there: %v", err)
	}
	if _, err := h.Send(ctx, plugintest.Server, ami.Parse("Action: Ping\r\nX: a\x00b\r\n\r\n")); err == nil {
		t.Error("what is no action is sent")
	}
	release := s.Asterisk.HoldReplies("DBPut")
	defer release()
	lost := make(chan error)
	go func() {
		_, err := send(ami.NewAction("DBPut").Add("Family", "a").Add("Key", "b").Add("Val", "c"))
		lost <- err
	}()
	if _, err := s.Asterisk.Await(ctx, func(m ami.Message) bool { return m.Action() == "DBPut" }); err != nil {
		t.Fatal(err)
	}
	given, giveUp := context.WithCancel(ctx)
	giveUp()
	if _, err := h.Send(given, plugintest.Server, ami.NewAction("Ping").Message()); !errors.Is(err, context.Canceled) {
		t.Errorf("who gives up: %v", err)
	}
	s.Asterisk.Disconnect()
	if err := await(t, lost, "the end of the action"); !errors.Is(err, plugins.ErrOutcomeUnknown) {
		t.Errorf("what was lost: %v", err)
	}
}

func TestAServerThatIsDownIsAnErrorAtOnce(t *testing.T) {
	h, _ := plugintest.NewHost(t, plugintest.Options{Proxy: proxytest.Options{
		Servers: []upstream.Config{proxytest.Server("down", "127.0.0.1:1", "astproxy", "secret")},
	}})
	if _, err := h.Send(t.Context(), "down", ami.NewAction("Ping").Message()); !errors.Is(err, plugins.ErrDown) {
		t.Errorf("got %v", err)
	}
	if servers := h.Servers(); len(servers) != 1 || servers[0].Name != "down" || servers[0].Up {
		t.Errorf("the servers are %v", servers)
	}
}

func TestWhoFollowsACallHearsOfThatAlone(t *testing.T) {
	h, s := plugintest.NewHost(t, plugintest.Options{})
	mine, other := h.Follow(plugintest.Server, "1.1"), h.Follow(plugintest.Server, "2.2")
	event := func(name string, headers ...string) ami.Message {
		b := ami.NewEvent(name).Add("Privilege", "call,all")
		for i := 0; i < len(headers); i += 2 {
			b.Add(headers[i], headers[i+1])
		}
		return b.Message()
	}
	s.Asterisk.Broadcast(event("A", "Uniqueid", "1.1"))
	s.Asterisk.Broadcast(event("B", "Uniqueid", "9.9", "DestUniqueid", "1.1"))
	s.Asterisk.Broadcast(event("C", "Uniqueid", "1.1", "DestUniqueid", "2.2"))
	s.Asterisk.Broadcast(event("D", "BridgeUniqueid", "1.1"))
	s.Asterisk.Broadcast(event("E", "Linkedid", "1.1"))
	s.Asterisk.Broadcast(event("F", "Uniqueid", "2.2"))
	s.Settle(t)
	s.Asterisk.Disconnect()
	heard := func(f plugins.Following, until plugins.Occasion) (names string) {
		for e := range f.Events() {
			if e.Occasion == until {
				return names
			}
			names += e.Message.Event()
		}
		return names + " and the end"
	}
	if got := heard(mine, plugins.Disconnected); got != "ABC" {
		t.Errorf("one hears %s", got)
	}
	if got := heard(other, plugins.Disconnected); got != "CF" {
		t.Errorf("the other hears %s", got)
	}
	s.Up(t, plugintest.Server)
	for range 1000 {
		s.Asterisk.Broadcast(event("G", "Uniqueid", "1.1"))
	}
	s.Asterisk.Broadcast(event("H", "Uniqueid", "2.2"))
	heard(other, plugins.Connected)
	if e := await(t, other.Events(), "the event"); e.Message.Event() != "H" { // so all before it are through
		t.Errorf("the other hears %s", e.Message)
	}
	heard(mine, plugins.Connected)
	if got := heard(mine, plugins.Missed); len(got) < 250 || len(got) > 256 {
		t.Errorf("who does not read has %d events", len(got))
	}
	s.Stop()
	if got := heard(mine, plugins.Happened); got != " and the end" {
		t.Errorf("then there is %s", got)
	}
	mine.Close()
	mine.Close()
}
