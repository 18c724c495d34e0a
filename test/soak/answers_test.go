package soak_test

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
)

// question is an action that a client has sent.
type question struct {
	action  string
	id      string   // its ActionID; "": it has none
	headers []string // lines

	// right tells whether a good answer is that of this question, and of no other.
	right func(m message) bool
	list  string // "": a response alone; else what the event that ends the list is called
	echo  int    // the number of the event that it makes; 0: it makes none

	listing bool
	items   int
}

func (q *question) String() string {
	return fmt.Sprintf("%s (ActionID %q, %s)", q.action, q.id, strings.Join(q.headers, ", "))
}

// What is known of the action that an error answers.
const (
	answered  = iota // all
	notSent          // that nothing has come of it
	uncertain        // nothing
	timedOut         // nothing, because Asterisk was late
	refused          // that Asterisk does not do it now
	outcomes
)

// refusals are errors of Asterisk's that are right while it starts or stops.
var refusals = []string{
	"Asterisk is shutting down", "Originate failed", "Extension does not exist.", "Invalid/unknown command: QueueStatus",
	"Invalid/unknown command: MailboxCount", "Command output follows", // which is that there is no such command
}

// outcome is what an error tells of its action; false: it is none that may come.
func outcome(text string) (int, bool) {
	switch {
	case strings.HasPrefix(text, "Server pbx1 is not connected: "), strings.HasSuffix(text, ": the action was not sent"):
		return notSent, true
	case strings.HasSuffix(text, "was lost: the action was sent, its outcome is unknown"):
		return uncertain, true
	case strings.HasSuffix(text, "did not answer in time: the outcome is unknown"),
		strings.HasSuffix(text, "did not answer the action: the outcome is unknown"):
		return timedOut, true
	}
	return refused, slices.ContainsFunc(refusals, func(s string) bool { return strings.HasPrefix(text, s) })
}

// answers judges the answers that one connection gets.
type answers struct {
	unanswered []*question
	done       map[string]bool // the ActionIDs that were answered
	outcomes   [outcomes]int
	echoes     map[int]*echo // of the client's own events, by number
	lost       bool          // events were lost since the oldest of echoes
}

// echo is an event that the client itself has caused.
type echo struct {
	outcome int // of its action
	told    bool
	seen    int
}

func (a *answers) begin() {
	*a = answers{done: map[string]bool{}, echoes: map[int]*echo{}, outcomes: a.outcomes}
}

func (a *answers) ask(q *question) {
	a.unanswered = append(a.unanswered, q)
	if q.echo > 0 {
		a.echoes[q.echo] = &echo{}
	}
}

// items are the events that are items of lists, or end them.
var items = map[string]bool{
	"CoreShowChannel": true, "CoreShowChannelsComplete": true,
	"QueueParams": true, "QueueMember": true, "QueueEntry": true, "QueueStatusComplete": true,
}

// find is the question that an answer with that ActionID belongs to.
func (a *answers) find(id string) (*question, error) {
	i := slices.IndexFunc(a.unanswered, func(q *question) bool { return q.id == id })
	switch {
	case i < 0 && a.done[id]:
		return nil, fmt.Errorf("a second answer with the ActionID %q", id)
	case i < 0:
		return nil, fmt.Errorf("an answer with the ActionID %q, which was not asked for", id)
	}
	q := a.unanswered[i]
	// An action without ActionID waits for all before it, and all behind it wait for it.
	if q.id == "" && i > 0 {
		return q, fmt.Errorf("%v is answered before %v", q, a.unanswered[0])
	}
	if before := slices.IndexFunc(a.unanswered[:i], func(q *question) bool { return q.id == "" }); before >= 0 {
		return q, fmt.Errorf("%v is answered before %v", q, a.unanswered[before])
	}
	return q, nil
}

func (a *answers) close(q *question) {
	a.unanswered = slices.DeleteFunc(a.unanswered, func(each *question) bool { return each == q })
	if q.id != "" {
		a.done[q.id] = true
	}
}

// respond is a response.
func (a *answers) respond(m message) error {
	q, err := a.find(m.Get("ActionID"))
	if err != nil {
		return err
	}
	if m.Get("Response") == "Error" {
		a.close(q)
		result, may := outcome(m.Get("Message"))
		if !may {
			return fmt.Errorf("%v is answered with the error %q", q, m.Get("Message"))
		}
		return a.settle(q, result)
	}
	if q.listing {
		return fmt.Errorf("%v is answered twice", q)
	}
	if !q.right(m) {
		return fmt.Errorf("%v has an answer that is not its own: %s", q, brief(m))
	}
	if q.list != "" {
		q.listing = true
		return nil
	}
	a.close(q)
	return a.settle(q, answered)
}

// settle notes what came of an action, and looks at what its event says of it.
func (a *answers) settle(q *question, result int) error {
	a.outcomes[result]++
	if q.echo == 0 {
		return nil
	}
	e := a.echoes[q.echo]
	e.outcome, e.told = result, true
	return e.judge(q.echo)
}

func (e *echo) judge(number int) error {
	switch {
	case e.seen > 1:
		return fmt.Errorf("the event number %d of its own comes %d times", number, e.seen)
	case e.seen > 0 && e.told && e.outcome == notSent:
		return fmt.Errorf("the event number %d of its own comes, and its action was not sent", number)
	}
	return nil
}

// takeItem is an item of a list, or its end.
func (a *answers) takeItem(event string, m message) error {
	q, err := a.find(m.Get("ActionID"))
	switch {
	case err != nil:
		return err
	case !q.listing:
		return fmt.Errorf("%v has an item %s, and no list has begun", q, event)
	case event != q.list:
		q.items++
		return nil
	}
	a.close(q)
	if m.Get("ListItems") != strconv.Itoa(q.items) {
		return fmt.Errorf("%v has %d items of %s", q, q.items, m.Get("ListItems"))
	}
	return a.settle(q, answered)
}

// takeEcho is an event of the client's own.
func (a *answers) takeEcho(number string) error {
	n, _ := strconv.Atoi(number)
	e := a.echoes[n]
	if e == nil {
		return nil // of another connection
	}
	e.seen++
	return e.judge(n)
}

// end is for who has read everything: all is answered, and the events that it has caused have come.
func (a *answers) end(sees bool) error {
	if len(a.unanswered) > 0 {
		return fmt.Errorf("%d actions are not answered, such as %v", len(a.unanswered), a.unanswered[0])
	}
	for number, e := range a.echoes {
		if sees && !a.lost && e.told && e.outcome == answered && e.seen == 0 {
			return fmt.Errorf("the event number %d of its own has not come, and its action was answered with success", number)
		}
	}
	return nil
}
