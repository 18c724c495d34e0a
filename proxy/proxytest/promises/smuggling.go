package promises

import (
	"fmt"
	"io"
	"slices"
	"strings"
	"testing"

	"github.com/astproxy/astproxy/ami"
	"github.com/astproxy/astproxy/proxy/feed"
	"github.com/astproxy/astproxy/proxy/proxytest"
)

// Smuggling has a user who may run UserEvent and Originate, and nothing else that changes anything,
// write what could become more than the one action that was judged, on the proxy's way or on
// Asterisk's. Two witnesses who are logged in to Asterisk itself tell what ran: the database, and the
// UserEvents. A victim with actions under way gets its own answers and nothing else.
func Smuggling(t *testing.T, a Asterisk) {
	s := startSmuggling(t, a)
	for i, attack := range attacks {
		t.Run(attack.name, func(t *testing.T) { s.try(t, attack, fmt.Sprintf("attack%d", i)) })
	}
	s.victimIsUnharmed(t)
}

// attack is what somebody writes, and what becomes of it.
type attack struct {
	name string
	// text is written as it is, once "|" is replaced by CRLF and NAME by a name of its own for each
	// attack. A UserEvent and a key of the database that come of it have that name.
	text string
	// answers are what comes back: for each message its Message header, or its name if it is an event.
	// Behind it is a Ping whose answer is left out.
	answers []string
	// closed says that the proxy ends the connection then.
	closed bool
	// ran are the UserEvents on Asterisk, by the lines behind UserEvent; nothing else may run.
	ran []string
}

// smuggling is a proxy and all who take part.
type smuggling struct {
	asterisk Asterisk
	proxy    *proxytest.Proxy
	witness  *proxytest.Client // of Asterisk itself
	victim   *proxytest.Client
}

func startSmuggling(t *testing.T, a Asterisk) *smuggling {
	attacker := proxytest.User(proxytest.Named("attacker"), proxytest.May([]string{"user"}, []string{"user", "originate", "call"}))
	s := &smuggling{asterisk: a, proxy: startProxy(t, a, feed.Config{}, attacker), witness: a.direct(t, "user")}
	s.victim = s.proxy.Login(t, "user", "Events: system,user")
	s.victim.Event("FullyBooted")
	s.wantWitness(t)
	s.victim.Send("Originate", "ActionID: pending", "Channel: Local/2001@default", "ChannelId: victims", "Context: default", "Exten: 1002", "Priority: 1", "Timeout: 3600000")
	s.victim.Settle()
	return s
}

// wantWitness wants the witness to see what does run.
func (s *smuggling) wantWitness(t *testing.T) {
	s.victim.Ask("DBPut", "Family: smuggled", "Key: witnessed", "Val: 1")
	if list := s.witness.List("1", "DBGet", "Family: smuggled", "Key: witnessed"); list[0].Response() != "Success" {
		t.Errorf("the witness does not see a DBPut: %s", list[0])
	}
}

func (s *smuggling) try(t *testing.T, attack attack, name string) {
	text := strings.NewReplacer("|", "\r\n", "NAME", name).Replace(attack.text)
	answers, closed := s.attack(t, text)
	if closed != attack.closed || !slices.Equal(answers, attack.answers) {
		t.Errorf("answers %q, closed %v; want %q, %v", answers, closed, attack.answers, attack.closed)
	}
	s.settleAsterisk(t)
	for _, m := range s.victim.Settle() {
		if m.Event() != "UserEvent" || !strings.HasPrefix(m.Get("UserEvent"), name) {
			t.Errorf("the victim gets\n%s", m)
		}
	}
	s.wantRan(t, attack.ran, name)
}

// attack writes text as the attacker, and a Ping, and gives what is answered.
func (s *smuggling) attack(t *testing.T, text string) (answers []string, closed bool) {
	c := s.proxy.Login(t, "attacker", "Events: off")
	defer c.Close()
	writing := make(chan struct{})
	go func() { // the proxy may not want to read it all, and close
		defer close(writing)
		_, _ = io.WriteString(c, text+proxytest.Block("Ping", "ActionID: last"))
	}()
	for _, m := range untilPong(c, &closed) {
		if m.IsEvent() {
			answers = append(answers, m.Event())
		} else {
			answers = append(answers, m.Get("Message"))
		}
	}
	<-writing
	return answers, closed
}

// untilPong reads up to the answer of the Ping that is last, or to the end of the connection.
func untilPong(c *proxytest.Client, closed *bool) (before []ami.Message) {
	m, open := c.ReadOrEnd()
	for ; open && m.ActionID() != "last"; m, open = c.ReadOrEnd() {
		before = append(before, m)
	}
	*closed = !open
	return before
}

// settleAsterisk returns when Asterisk has run everything that the proxy has sent it.
func (s *smuggling) settleAsterisk(t *testing.T) {
	c := s.proxy.Login(t, "user", "Events: off")
	c.Settle()
	c.Close()
}

// wantRan looks at Asterisk itself for what has run.
func (s *smuggling) wantRan(t *testing.T, want []string, name string) {
	t.Helper()
	var got []string
	for _, m := range s.witness.Settle() {
		got = append(got, userEventLines(m))
	}
	want = slices.Clone(want)
	for i := range want {
		want[i] = strings.ReplaceAll(want[i], "NAME", name)
	}
	if !slices.Equal(got, want) {
		t.Errorf("on Asterisk came the UserEvents\n%q, not\n%q", got, want)
	}
	if m := s.witness.Ask("DBGet", "Family: smuggled", "Key: "+name); m.Get("Message") != "Database entry not found" {
		t.Errorf("the smuggled DBPut ran: %s", m)
	}
}

// userEventLines is what a UserEvent says, but for who sent it.
func userEventLines(m ami.Message) string {
	var lines []string
	for name, value := range m.All() {
		switch name {
		case "Event", "Privilege", "ActionID":
		case "", "UserEvent":
			lines = append(lines, value)
		default:
			lines = append(lines, name+": "+value)
		}
	}
	return strings.Join(lines, "|")
}

// victimIsUnharmed wants the answer to what the victim had under way all the time, and the session with
// Asterisk never lost.
func (s *smuggling) victimIsUnharmed(t *testing.T) {
	s.victim.Send("Hangup", "ActionID: hangup", "Channel: victims")
	for _, want := range []struct{ id, response string }{{"hangup", "Success"}, {"pending", "Error"}} {
		if m := s.victim.Next(func(m ami.Message) bool { return m.ActionID() == want.id }); m.Response() != want.response {
			t.Errorf("the victim gets for %s\n%s", want.id, m)
		}
	}
	for _, m := range append(s.victim.Kept(), s.victim.Settle()...) {
		t.Errorf("the victim gets\n%s", m)
	}
}
