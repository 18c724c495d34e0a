package promises

import (
	"fmt"
	"io"
	"strconv"
	"strings"
	"testing"

	"github.com/astproxy/astproxy/ami"
	"github.com/astproxy/astproxy/proxy/feed"
	"github.com/astproxy/astproxy/proxy/proxytest"
)

// SameActionIDs has two clients send count actions each at the same time, of every kind and all with
// the same ActionIDs: each gets exactly the answers to its own, whole and once.
func SameActionIDs(t *testing.T, a Asterisk, count int) {
	p := startProxy(t, a, feed.Config{})
	names := []string{"alpha", "beta"}
	prepareSameActionIDs(t, p, names)
	var clients []*proxytest.Client
	for range names {
		clients = append(clients, p.Login(t, "user", "Events: user"))
	}
	together(len(clients), func(i int) {
		s := &sameIDs{t: t, own: names[i], foreign: names[1-i], count: count}
		s.run(clients[i])
	})
}

// treeSize is how many keys the family of each name has.
const treeSize = 25

// prepareSameActionIDs gives each name a family of the database, a variable and a channel.
func prepareSameActionIDs(t *testing.T, p *proxytest.Proxy, names []string) {
	c := p.Login(t, "user", "Events: off")
	for _, name := range names {
		for i := range treeSize {
			c.Ask("DBPut", "Family: "+name, fmt.Sprintf("Key: key%d", i), "Val: of "+name)
		}
		c.Ask("Setvar", "Variable: "+name, "Value: of "+name)
		answer := c.Ask("Originate", "Channel: Local/1001@default", "ChannelId: "+name+"-channel", "Context: default", "Exten: 1002", "Priority: 1")
		if answer.Response() != "Success" {
			t.Fatalf("no channel for %s: %s", name, answer)
		}
	}
	c.Close()
}

// question is an action whose answer tells whom it is for. NAME stands for the name of who asks.
type question struct {
	action   string // its lines, separated by "|"
	response string
	items    int  // of the list, without its end; -1: no list
	telling  bool // the response itself, or else each item, has the name in it
}

var questions = []question{
	{"DBGet|Family: NAME|Key: key7", "Success", 1, true},
	{"DBPut|Family: NAME-written|Key: key|Val: of NAME", "Success", -1, false},
	{"Getvar|Variable: NAME", "Success", -1, true},
	{"DBGetTree|Family: NAME", "Success", treeSize, true},
	{"Command|Command: NAME is no command", "Error", -1, true},
	{"UserEvent|UserEvent: NAME|Number: ID", "Success", -1, false},
	{"Status|Channel: NAME-channel", "Success", 1, true},
	{"DBGet|Family: NAME|Key: none", "Error", -1, false},
	{"Originate|Channel: Local/5999@default|Application: Wait|Data: 1", "Error", -1, false},
	{"Ping", "Success", -1, false},
}

// sameIDs is what one of the clients has asked and got.
type sameIDs struct {
	t            *testing.T
	own, foreign string
	count        int

	open     string // the ActionID whose list is under way
	items    map[string]int
	answered map[string]bool
	seen     map[string]bool // UserEvents by name and number
}

func (s *sameIDs) question(id string) question {
	number, err := strconv.Atoi(id)
	if err != nil || number < 1 || number > s.count {
		s.t.Fatalf("%s: nobody asked %q", s.own, id)
	}
	return questions[number%len(questions)]
}

// script is all actions, as they are sent in one piece.
func (s *sameIDs) script() string {
	var all strings.Builder
	for number := 1; number <= s.count; number++ {
		id := strconv.Itoa(number)
		text := strings.NewReplacer("NAME", s.own, "ID", id).Replace(s.question(id).action)
		lines := strings.Split(text, "|")
		all.WriteString(proxytest.Block(lines[0], append([]string{"ActionID: " + id}, lines[1:]...)...))
	}
	return all.String()
}

func (s *sameIDs) run(c *proxytest.Client) {
	s.items, s.answered, s.seen = map[string]int{}, map[string]bool{}, map[string]bool{}
	script := s.script()
	sent := make(chan error, 1)
	go func() {
		_, err := io.WriteString(c, script)
		sent <- err
	}()
	// Each of the two has one UserEvent in every round of the questions.
	for wanted := 2 * s.count / len(questions); len(s.answered) < s.count || len(s.seen) < wanted; {
		s.take(c.Read())
	}
	if err := <-sent; err != nil {
		s.t.Errorf("%s: %v", s.own, err)
	}
	for _, m := range c.Settle() {
		s.t.Errorf("%s: got too much:\n%s", s.own, m)
	}
}

// take judges one message.
func (s *sameIDs) take(m ami.Message) {
	id := m.ActionID()
	if m.Event() == "UserEvent" {
		s.takeUserEvent(m, id)
		return
	}
	q := s.question(id)
	switch {
	case s.open != "" && s.open != id:
		s.t.Errorf("%s: in the list of %s comes\n%s", s.own, s.open, m)
	case s.answered[id]:
		s.t.Errorf("%s: %s is answered already, and now comes\n%s", s.own, id, m)
	case strings.Contains(m.Raw(), s.foreign):
		s.t.Errorf("%s gets what is for %s:\n%s", s.own, s.foreign, m)
	case s.open == "":
		s.takeResponse(m, id, q)
	default:
		s.takeItem(m, id, q)
	}
}

// takeUserEvent judges one of those that both see, with the ActionID that its sender gave.
func (s *sameIDs) takeUserEvent(m ami.Message, id string) {
	key := m.Get("UserEvent") + " " + m.Get("Number")
	if s.open != "" || s.seen[key] || id != m.Get("Number") {
		s.t.Errorf("%s: while %q is open and %q was seen %v comes\n%s", s.own, s.open, key, s.seen[key], m)
	}
	s.seen[key] = true
}

func (s *sameIDs) takeResponse(m ami.Message, id string, q question) {
	telling := q.telling && q.items < 0
	if m.Response() != q.response || m.OpensList() != (q.items >= 0) || telling && !strings.Contains(m.Raw(), s.own) {
		s.t.Errorf("%s: %s is answered with\n%s", s.own, q.action, m)
	}
	if m.OpensList() {
		s.open = id
		return
	}
	s.answered[id] = true
}

func (s *sameIDs) takeItem(m ami.Message, id string, q question) {
	if !m.ClosesList() {
		if s.items[id]++; !strings.Contains(m.Raw(), s.own) {
			s.t.Errorf("%s: the list of %s has the item\n%s", s.own, q.action, m)
		}
		return
	}
	if s.items[id] != q.items {
		s.t.Errorf("%s: the list of %s has %d items, not %d", s.own, q.action, s.items[id], q.items)
	}
	s.open, s.answered[id] = "", true
}
