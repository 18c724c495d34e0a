package proxy

import (
	"log/slog"
	"slices"
	"testing"
	"testing/synctest"

	"github.com/astproxy/astproxy/access"
	"github.com/astproxy/astproxy/ami"
	"github.com/astproxy/astproxy/proxy/feed"
	"github.com/astproxy/astproxy/upstream"
)

func TestAnActionThatAsteriskAnswersWithNothingIsAnsweredWithNothing(t *testing.T) {
	c := newCollector(feed.New(feed.Config{}), nil)
	a := &asker{output: c}
	a.user.Store(&access.User{})
	a.begin()
	r := a.newReply(&server{name: "pbx1"}, ami.NewAction("Ping").Message())
	r.Receive(upstream.Reply{Last: true})
	if answer := c.answer(""); len(answer.Items) != 0 || answer.Reason != "" {
		t.Errorf("got %+v", answer)
	}
	if a.outstanding != 0 {
		t.Error("the action still waits for its answer")
	}
}

func TestAnOriginateThatAsteriskNeverAnsweredHasAnUnknownOutcome(t *testing.T) {
	c := newCollector(feed.New(feed.Config{}), nil)
	a := &asker{output: c}
	a.user.Store(&access.User{})
	a.begin()
	r := a.newReply(&server{name: "pbx1", session: upstream.New(upstream.Config{}, nil, slog.New(slog.DiscardHandler))}, ami.NewAction("Originate").Add("ActionID", "7").Message())
	r.convert = originateAnswer
	r.Receive(upstream.Reply{Last: true})
	answer := c.answer("")
	if answer.Reason != OutcomeUnknown || answer.Response().Get("Message") != "Server pbx1 did not answer the action: the outcome is unknown" {
		t.Errorf("got %+v", answer)
	}
}

func TestAnAnswerOfTheProxysOwnWaitsForTheEndOfAList(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := newCollector(feed.New(feed.Config{}), nil)
		a := &asker{output: c}
		a.user.Store(&access.User{})
		server := &server{name: "pbx1", session: upstream.New(upstream.Config{}, nil, slog.New(slog.DiscardHandler))}
		first, second := a.newReply(server, ami.NewAction("Status").Message()), a.newReply(server, ami.NewAction("Status").Message())
		a.begin()
		a.begin()
		say := func(r *reply, event string, last bool) {
			r.Receive(upstream.Reply{Message: ami.NewEvent(event).Message(), Last: last})
		}
		say(first, "first begins", false)
		go a.fail(ami.Message{}, InvalidAction, "own")
		synctest.Wait()
		say(first, "first goes on", false)
		say(second, "second begins", false)
		say(first, "first ends", true)
		synctest.Wait()
		say(second, "second ends", true)
		synctest.Wait()
		a.begin()
		say(a.newReply(server, ami.NewAction("Ping").Message()), "single", true)
		a.fail(ami.Message{}, InvalidAction, "own")
		var got []string
		for _, item := range c.answer("").Items {
			got = append(got, item.Message.Event()+item.Message.Get("Message"))
		}
		want := []string{"first begins", "first goes on", "second begins", "first ends", "second ends", "own", "single", "own"}
		if !slices.Equal(got, want) {
			t.Errorf("got %q", got)
		}
	})
}
