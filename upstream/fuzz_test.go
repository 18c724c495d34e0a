package upstream

import (
	"errors"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"net"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/astproxy/astproxy/ami"
)

// FuzzNoReplyGoesAstray lets clients, a writer, an Asterisk, the clock and the network act in any
// order, without goroutines. Whatever happens, nobody sees what is another's, every request has
// exactly one last reply, and no token shows in a broadcast.
func FuzzNoReplyGoesAstray(f *testing.F) {
	for seed := range uint64(40) {
		source := rand.New(rand.NewPCG(seed, 0))
		program := make([]byte, 400+seed%3)
		for i := range program {
			program[i] = byte(source.Uint32())
		}
		f.Add(program)
	}
	f.Fuzz(func(t *testing.T, program []byte) {
		w := newWorld(t, len(program)%3)
		for i := 0; i+1 < len(program); i += 2 {
			w.step(program[i], program[i+1])
		}
		w.finish()
	})
}

// world is a session without goroutines and everybody around it.
type world struct {
	*testing.T
	session    *Session
	kinds      []string
	clients    []*Requester
	dones      []*done
	atAsterisk []ami.Message    // sent, in order
	outcomes   []string         // tokens of Originates that Asterisk has queued
	sent       map[string]*done // by their mark
}

// done is what has become of one request.
type done struct {
	*world
	client int
	kind   string
	lasts  int
	gone   bool // its client was closed
}

// How an Asterisk answers; the name of the action says which.
var answers = map[string]string{
	"Plain":        "Response: Success\nActionID: $\nMark: #",
	"Refused":      "Response: Error\nActionID: $\nMark: #",
	"NoActionID":   "Response: Success\nMark: #",
	"List":         "Response: Success\nActionID: $\nEventList: start\nMark: #\n\nEvent: Item\nActionID: $\nMark: #\n\nEvent: ListComplete\nActionID: $\nEventList: Complete\nMark: #",
	"Privileged":   "Response: Success\nActionID: $\nEventList: Start\nMark: #\n\nEvent: Status\nPrivilege: Call\nActionID: $\nMark: #\n\nEvent: ListComplete\nActionID: $\nEventList: Complete\nMark: #",
	"ListError":    "Response: Success\nActionID: $\nEventList: start\nMark: #\n\nResponse: Error\nActionID: $\nMark: #",
	"ListErrorEnd": "Response: Success\nActionID: $\nEventList: start\nMark: #\n\nResponse: Error\nActionID: $\nMark: #\n\nEvent: ListComplete\nActionID: $\nEventList: Complete\nMark: #",
	"Old":          "Response: Success\nActionID: $\nMessage: Items will follow\nMark: #\n\nEvent: Item\nActionID: $\nMark: #\n\nEvent: OldComplete\nActionID: $\nMark: #",
	"OldOne":       "Response: Success\nActionID: $\nMessage: Item will follow\nMark: #\n\nEvent: Item\nActionID: $\nMark: #",
	"Straggler":    "Response: Success\nActionID: $\nMark: #\n\nEvent: Item\nActionID: $\nMark: #",
	"EventAlone":   "Event: Item\nActionID: $\nMark: #",
	"Queues":       "text of #\nMark: #\n\nmore\nMark: #",
	"IAXnetstats":  "",
	"Silent":       "",
	"Command":      "Response: Success\nActionID: $\nMessage: Command output follows\nMark: #\nOutput: x",
	"UserEvent":    "Response: Success\nActionID: $\nMark: #\n\nEvent: UserEvent\nPrivilege: user,all\nActionID: $\nClaim: #",
	"Originate":    "Response: Success\nActionID: $\nMessage: Originate successfully queued\nMark: #",
	"Ping":         "Response: Success\nActionID: $\nPing: Pong",
	"Forger":       "Response: Success\nActionID: $\nMark: #\nValue: a\n\nResponse: Success\nMessage: forged\nMark: #\n\nEvent: Item\nMark: #\n\nforged\nMark: #",
}

// What may be sent in one world. Text and responses without ActionID next to actions that give no
// response at all are beyond telling apart, and so are they from what a client has Asterisk print.
var kinds = [3][]string{
	{"Plain", "Refused", "List", "Privileged", "ListError", "ListErrorEnd", "Old", "OldOne", "Straggler", "IAXnetstats",
		"Command", "UserEvent", "Originate", "Ping", "NoActionID", "Queues"},
	{"Plain", "Refused", "List", "Privileged", "ListError", "ListErrorEnd", "Old", "OldOne", "Straggler", "IAXnetstats",
		"Command", "UserEvent", "Originate", "Ping", "Silent", "EventAlone"},
	{"Plain", "Refused", "List", "Privileged", "ListError", "ListErrorEnd", "Old", "OldOne", "Straggler",
		"Command", "UserEvent", "Originate", "Ping", "Forger"},
}

func newWorld(t *testing.T, variant int) *world {
	w := &world{T: t, kinds: kinds[variant], sent: make(map[string]*done)}
	w.session = New(Config{Name: "office", Unanswered: 3}, w, slog.New(slog.DiscardHandler))
	for range 3 {
		w.clients = append(w.clients, w.session.NewRequester())
	}
	w.connect()
	return w
}

func (w *world) connect() {
	conn, far := net.Pipe()
	w.Cleanup(func() { _, _ = conn.Close(), far.Close() })
	w.session.conn, w.session.status.Up = conn, true
	w.session.reader = reading{stage: stageServing, receivedAt: time.Now()}
}

// step lets one of them act.
func (w *world) step(what, how byte) {
	switch what % 16 {
	case 0, 1, 2, 3, 4:
		w.request(int(how)%len(w.clients), w.kinds[int(how)/len(w.clients)%len(w.kinds)])
	case 5, 6, 7:
		w.write()
	case 8, 9, 10, 11, 12:
		w.answer(how)
	case 13:
		w.outcome(how)
	case 14:
		if how%4 == 0 {
			w.pass(DefaultActionTimeout + time.Second)
		}
	case 15:
		switch how % 8 {
		case 0:
			w.lose()
		case 1:
			w.leave(int(how/8) % len(w.clients))
		default:
			w.read("Event: Newchannel\nPrivilege: call,all\nChannel: x")
		}
	}
}

// request sends an action, unless its client would be held up.
func (w *world) request(client int, kind string) {
	q := w.clients[client]
	if q.waiting == w.session.config.Queue {
		return
	}
	d := &done{world: w, client: client, kind: kind}
	w.dones = append(w.dones, d)
	mark := strconv.Itoa(len(w.dones))
	w.sent[mark] = d
	text := "Action: " + kind + "\nMark: " + mark
	if len(w.dones)%2 == 0 {
		text += "\nActionID: of-" + mark
	}
	r := Request{Action: ami.Parse(text), Receiver: d}
	if kind == "Originate" {
		r.Originate = time.Minute
	}
	if err := q.Send(w.Context(), r); err != nil {
		w.Fatal(err)
	}
}

// write is the writer's part.
func (w *world) write() {
	w.session.mu.Lock()
	buffer, _ := w.session.takeDue(nil, nil)
	w.session.mu.Unlock()
	r := ami.NewReader(strings.NewReader(string(buffer)), ami.ActionLimits)
	for {
		m, err := r.Read()
		if err != nil {
			return
		}
		w.atAsterisk = append(w.atAsterisk, m)
	}
}

// answer lets Asterisk run one action, and perhaps send an event before or behind.
func (w *world) answer(how byte) {
	if len(w.atAsterisk) == 0 {
		return
	}
	action := w.atAsterisk[0]
	w.atAsterisk = w.atAsterisk[1:]
	token := action.ActionID()
	if how&1 != 0 {
		w.read("Event: Newchannel\nPrivilege: call,all\nChannel: x")
	}
	text := answers[action.Action()]
	text = strings.ReplaceAll(strings.ReplaceAll(text, "$", token), "#", action.Get("Mark"))
	if text != "" {
		w.read(text)
	}
	if action.Action() == "Originate" {
		w.outcomes = append(w.outcomes, token)
	}
	if kind := action.Action(); how&2 != 0 && (kind == "Plain" || kind == "List" || kind == "Originate") {
		w.read("Event: PeerQualified\nPrivilege: system,all\nActionID: " + token + "\nClaim: " + action.Get("Mark"))
	}
}

// outcome lets one of the queued Originates end.
func (w *world) outcome(how byte) {
	if len(w.outcomes) == 0 {
		return
	}
	i := int(how) % len(w.outcomes)
	w.read("Event: OriginateResponse\nPrivilege: call,all\nActionID: " + w.outcomes[i] + "\nResponse: Success")
	w.outcomes = append(w.outcomes[:i], w.outcomes[i+1:]...)
}

// read is the reader's part.
func (w *world) read(blocks string) {
	r := ami.NewReplyReader(strings.NewReader(blocks+"\n\n"), ami.ReplyLimits)
	for {
		m, err := r.Read()
		if err != nil {
			return
		}
		w.session.reader.receivedAt = time.Now()
		w.session.route(m)
	}
}

// pass lets so much time be over.
func (w *world) pass(d time.Duration) {
	if err := w.session.look(time.Now().Add(d)); err != nil {
		w.lose()
	}
}

func (w *world) lose() {
	s := w.session
	s.mu.Lock()
	s.settleAll("lost")
	s.conn = nil
	s.mu.Unlock()
	s.deliver()
	for i, d := range w.dones {
		if d.lasts != 1 && !d.gone {
			w.Errorf("request %d, %s, has %d last replies after a loss", i+1, d.kind, d.lasts)
		}
	}
	if n := s.Status().Outstanding; n != 0 {
		w.Errorf("%d outstanding after a loss", n)
	}
	w.atAsterisk = nil
	w.connect()
}

// leave lets a client go and another one take its place.
func (w *world) leave(client int) {
	w.clients[client].Close()
	for _, d := range w.dones {
		d.gone = d.gone || d.client == client
	}
	w.clients[client] = w.session.NewRequester()
}

// finish lets everything come to an end. What is silent ends with the next answer, or by time.
func (w *world) finish() {
	for s := w.session; len(s.sent) > 0 || len(s.own) > 0 || s.ready.first != nil; {
		w.write()
		if len(w.atAsterisk) == 0 {
			w.pass(DefaultActionTimeout + time.Second)
		}
		for len(w.atAsterisk) > 0 {
			w.answer(0)
		}
	}
	for len(w.outcomes) > 0 {
		w.outcome(0)
	}
	for i, d := range w.dones {
		if d.lasts != 1 && !d.gone {
			w.Errorf("request %d, %s, has %d last replies", i+1, d.kind, d.lasts)
		}
	}
	s := w.session
	if n := s.Status().Outstanding; n != 0 || len(s.sent) != 0 || len(s.own) != 0 || s.ready.first != nil {
		w.Errorf("%d outstanding, %d sent, %d own, ready: %v", n, len(s.sent), len(s.own), s.ready.first != nil)
	}
}

// Receive checks that a reply is the request's own.
func (d *done) Receive(r Reply) {
	if d.gone {
		d.Errorf("%s: a reply for a client that is gone: %+v", d.kind, r)
	}
	straggler := d.lasts > 0 && r.Last &&
		((d.kind == "Straggler" || d.kind == "Refused") && r.Message.IsEvent() || d.kind == "Forger" && !r.Message.IsResponse())
	if d.lasts > 0 && !straggler {
		d.Errorf("%s: a reply behind the last: %+v", d.kind, r)
	}
	if r.Last && !straggler {
		d.lasts++
	}
	switch {
	case r.Err != nil:
		known := errors.Is(r.Err, ErrNotSent) || errors.Is(r.Err, ErrOutcomeUnknown) || errors.Is(r.Err, ErrTimeout)
		if !r.Last || !r.Message.IsZero() || !known {
			d.Errorf("%s: %+v", d.kind, r)
		}
	case r.Message.IsZero() || d.kind == "Ping" || r.Message.Event() == originateResponse:
	case d.sent[r.Message.Get("Mark")] != d:
		d.Errorf("%s: got what is another's: %q", d.kind, r.Message)
	}
}

// Broadcast checks that an event is everybody's.
func (w *world) Broadcast(_ *Session, m ami.Message) {
	if strings.Contains(m.Raw(), processNonce) {
		w.Errorf("a token shows: %q", m)
	}
	if m.Has("Mark") || m.Event() == originateResponse || !hasPrivilege(m) {
		w.Errorf("broadcast: %q", m)
	}
	if claim := m.Get("Claim"); claim != "" {
		number, _ := strconv.Atoi(claim)
		want := ""
		if number%2 == 0 {
			want = fmt.Sprintf("of-%d", number)
		}
		if m.ActionID() != want || m.Has("ActionID") != (want != "") {
			w.Errorf("event of request %d has the ActionID %q", number, m.ActionID())
		}
	}
}

func (w *world) Changed(*Session, Status) {}
