package proxy

import (
	"log/slog"
	"testing"

	"github.com/astproxy/astproxy/ami"
	"github.com/astproxy/astproxy/upstream"
)

func TestAnActionThatAsteriskAnswersWithNothingIsAnsweredWithNothing(t *testing.T) {
	c := &collector{}
	a := &asker{output: c}
	a.begin()
	r := a.newReply(&server{name: "pbx1"}, ami.NewAction("Ping").Message())
	r.Receive(upstream.Reply{Last: true})
	if answer := c.answer(); len(answer.Items) != 0 || answer.Reason != "" {
		t.Errorf("got %+v", answer)
	}
	if a.outstanding != 0 {
		t.Error("the action still waits for its answer")
	}
}

func TestAnOriginateThatAsteriskNeverAnsweredHasAnUnknownOutcome(t *testing.T) {
	c := &collector{}
	a := &asker{output: c}
	a.begin()
	r := a.newReply(&server{name: "pbx1", session: upstream.New(upstream.Config{}, nil, slog.New(slog.DiscardHandler))}, ami.NewAction("Originate").Add("ActionID", "7").Message())
	r.convert = originateAnswer
	r.Receive(upstream.Reply{Last: true})
	answer := c.answer()
	if answer.Reason != OutcomeUnknown || answer.Response().Get("Message") != "Server pbx1 did not answer the action: the outcome is unknown" {
		t.Errorf("got %+v", answer)
	}
}
