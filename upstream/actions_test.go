package upstream

import (
	"context"
	"errors"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/astproxy/astproxy/ami"
)

func TestActionsAreKnownInAsterisksOrder(t *testing.T) {
	b := start(t)
	if _, known := b.session.Action("Ping"); known || b.session.Actions() != nil {
		t.Error("actions are known before any connection")
	}
	b.up()
	want := []ActionInfo{
		{"Ping", "Keepalive command. ", ami.ClassNone, "<none>"},
		{"Originate", "Originate a call. ", ami.ClassOriginate, "originate,all"},
		{"Status", "List channel status. ", ami.ClassSystem | ami.ClassCall | ami.ClassReporting, "system,call,reporting,all"},
	}
	got := b.session.Actions()
	if len(got) != len(want) {
		t.Fatalf("actions %+v", got)
	}
	for i := range want {
		if got[i] != want[i] {
			t.Errorf("action %+v, want %+v", got[i], want[i])
		}
	}
	if a, known := b.session.Action("sTATUS"); !known || a != want[2] {
		t.Errorf("status is %+v, %v", a, known)
	}
	if _, known := b.session.Action("Response"); known {
		t.Error("a line of the response is an action")
	}
}

func TestTheRecordedListCommandsIsRead(t *testing.T) {
	for _, file := range []string{"asterisk22-actions.txt", "asterisk16-actions.txt"} {
		for _, e := range exchanges(t, file) {
			if !strings.HasPrefix(e.action, "Action: ListCommands") {
				continue
			}
			table := parseActions(ami.Parse(e.blocks[0]))
			if lines := strings.Count(e.blocks[0], "(Priv: "); len(table.actions) != lines || lines < 120 {
				t.Errorf("%s: %d actions of %d lines", file, len(table.actions), lines)
			}
			for _, a := range table.actions {
				if a.Class.String() != "<none>" && a.Privilege != a.Class.String()+",all" || a.Description == "" {
					t.Errorf("%s: %+v", file, a)
				}
			}
		}
	}
}

func TestLearningIsSharedAndNotDoneTwiceASecond(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := startPiped(t)
		p := b.up()
		if err := b.session.LearnActions(t.Context()); err != nil { // just asked
			t.Fatal(err)
		}
		<-time.After(2 * time.Second)
		learned := make(chan error, 10)
		for range 10 {
			go func() { learned <- b.session.LearnActions(context.Background()) }()
		}
		p.reply("ListCommands", fewActions+"\nNew: Something new.  (Priv: brandnew,all)")
		for range 10 {
			if err := <-learned; err != nil {
				t.Error(err)
			}
		}
		if a, known := b.session.Action("new"); !known || a.Class != ami.ClassUnknown {
			t.Errorf("New is %+v, %v", a, known)
		}
		for range 10 {
			if err := b.session.LearnActions(t.Context()); err != nil {
				t.Error(err)
			}
		}
		in := b.client().request(ping(1))
		p.reply("Ping", pong) // and no ListCommands before it
		in.wants("Pong+")
	})
}

func TestLearningFailsWithItsReason(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := startPiped(t, func(c *Config) { c.ActionTimeout = 10 * time.Second })
		p := b.up()
		learned := make(chan error, 1)
		learn := func(ctx context.Context) {
			<-time.After(2 * time.Second)
			go func() { learned <- b.session.LearnActions(ctx) }()
		}
		learn(context.Background())
		p.reply("ListCommands", "Response: Error\nActionID: $\nMessage: No.")
		if err := <-learned; err == nil || err.Error() != "Asterisk says: No." {
			t.Errorf("%v", err)
		}
		learn(context.Background())
		p.expect("ListCommands")
		if err := <-learned; !errors.Is(err, ErrTimeout) {
			t.Errorf("%v", err)
		}
		p.reply("Ping", pong)
		ctx, cancel := context.WithCancel(t.Context())
		learn(ctx)
		p.expect("ListCommands")
		cancel()
		if err := <-learned; !errors.Is(err, context.Canceled) {
			t.Errorf("%v", err)
		}
		learn(context.Background()) // joins the one under way
		synctest.Wait()
		p.lose()
		if err := <-learned; !errors.Is(err, ErrOutcomeUnknown) {
			t.Errorf("%v", err)
		}
		if _, known := b.session.Action("Ping"); !known {
			t.Error("the actions are forgotten")
		}
	})
}
