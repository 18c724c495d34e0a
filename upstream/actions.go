package upstream

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/astproxy/astproxy/ami"
)

// ActionInfo is what ListCommands says of an action.
type ActionInfo struct {
	Name string
	// Description is Asterisk's, with the blank that most end in: ListCommands shows it.
	Description string
	Class       ami.Class
	Privilege   string // as printed: "call,all" or "<none>"
}

// actionTable is one answer to ListCommands. It is never changed.
type actionTable struct {
	actions []ActionInfo
	byName  map[string]int // by name in lower case
}

// Action is what Asterisk said of an action, whose name is compared without case. It is remembered
// while the server is down.
func (s *Session) Action(name string) (ActionInfo, bool) {
	table := s.actions.Load()
	if table == nil {
		return ActionInfo{}, false
	}
	i, found := table.byName[strings.ToLower(name)]
	if !found {
		return ActionInfo{}, false
	}
	return table.actions[i], true
}

// Actions are all actions the session's user may run, in Asterisk's order. The caller must not
// change them.
func (s *Session) Actions() []ActionInfo {
	if table := s.actions.Load(); table != nil {
		return table.actions
	}
	return nil
}

// relearnAfter is how old the answer to ListCommands must be before LearnActions asks again, so that
// a client cannot flood Asterisk with unknown names.
const relearnAfter = time.Second

// learning is one ListCommands under way, and those who wait for it.
type learning struct {
	session *Session
	done    chan struct{}
	err     error // set before done is closed
}

// LearnActions asks Asterisk again which actions there are, and waits for the answer. Calls at
// the same time share one question, and within a second of the last one nothing is asked. It must
// not be called from a Receiver or an Observer.
func (s *Session) LearnActions(ctx context.Context) error {
	s.mu.Lock()
	if !s.status.Up {
		defer s.mu.Unlock()
		return fmt.Errorf("%s: %w: %s", s.config.Name, ErrDown, s.status.Reason)
	}
	l := s.learning
	if l == nil {
		if time.Since(s.learnedAt) < relearnAfter {
			s.mu.Unlock()
			return nil
		}
		l = s.ask(s.config.ActionTimeout)
	}
	s.mu.Unlock()
	select {
	case <-l.done:
		return l.err
	case <-ctx.Done():
		return context.Cause(ctx)
	}
}

var listCommands = ami.NewAction("ListCommands").Message()

// ask sends ListCommands in front of everybody's actions.
func (s *Session) ask(timeout time.Duration) *learning {
	l := &learning{session: s, done: make(chan struct{})}
	s.learning, s.learnedAt = l, time.Now()
	s.pushOwn(&pending{
		request: Request{Action: listCommands, Receiver: l, Timeout: timeout},
		name:    "ListCommands",
		kind:    question,
	})
	return l
}

// askWhileConnecting asks before the session is up.
func (s *Session) askWhileConnecting() {
	s.reader.stage = stageLearn
	s.ask(s.config.LoginTimeout)
}

// noticeFullyBooted keeps the event. While Asterisk boots it knows half of its actions, so they are
// asked for again.
func (s *Session) noticeFullyBooted(m ami.Message) {
	s.fullyBooted.Store(&m)
	s.mu.Lock()
	defer s.mu.Unlock()
	switch {
	case s.reader.stage == stageBoot:
		s.askWhileConnecting()
	case s.learning != nil:
		s.learnAgain = true
	default:
		s.ask(s.config.ActionTimeout)
	}
}

// Receive takes the answer to ListCommands. The first one of a connection brings the session up.
func (l *learning) Receive(r Reply) {
	s := l.session
	l.err = l.learn(r)
	s.mu.Lock()
	s.learning = nil
	if s.learnAgain && r.Err == nil {
		s.learnAgain = false
		s.ask(s.config.ActionTimeout)
	}
	s.mu.Unlock()
	close(l.done)
	if r.Err != nil {
		return
	}
	if l.err != nil {
		s.log.Warn("classes of actions stay unknown", "action", "ListCommands", "error", l.err)
	}
	if s.reader.stage == stageLearn {
		s.comeUp()
	}
}

func (l *learning) learn(r Reply) error {
	if r.Err != nil {
		return r.Err
	}
	if !strings.EqualFold(r.Message.Response(), "Success") {
		return errors.New("Asterisk says: " + r.Message.Get("Message"))
	}
	l.session.actions.Store(parseActions(r.Message))
	return nil
}

// parseActions reads lines such as "Park: Park a channel.  (Priv: call,all)".
func parseActions(m ami.Message) *actionTable {
	table := &actionTable{byName: make(map[string]int, m.Len())}
	for name, value := range m.All() {
		description, privilege, found := cutLast(value, "(Priv: ")
		if name == "" || !found {
			continue // the lines of the response itself
		}
		privilege = strings.TrimSuffix(privilege, ")")
		table.byName[strings.ToLower(name)] = len(table.actions)
		table.actions = append(table.actions, ActionInfo{
			Name:        name,
			Description: strings.TrimSuffix(description, " "),
			Class:       ami.ParsePrivilege(privilege),
			Privilege:   privilege,
		})
	}
	return table
}

func cutLast(s, sep string) (before, after string, found bool) {
	if i := strings.LastIndex(s, sep); i >= 0 {
		return s[:i], s[i+len(sep):], true
	}
	return s, "", false
}
