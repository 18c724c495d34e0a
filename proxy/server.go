package proxy

import (
	"cmp"
	"context"
	"strconv"
	"strings"
	"sync/atomic"
	"time"

	"github.com/astproxy/astproxy/ami"
	"github.com/astproxy/astproxy/proxy/channels"
	"github.com/astproxy/astproxy/upstream"
)

// server is one Asterisk as the switchboard sees it.
type server struct {
	proxy   *Proxy
	name    string
	config  upstream.Config
	session *upstream.Session
	tracker *channels.Tracker

	greeting string // the banner of the session before, "" if there was none

	answered answered // owned by the session's reader
	polls    polls

	// guarded by Proxy.mu
	stop  context.CancelFunc // ends the session; nil: it has not begun
	ended chan struct{}      // closed when it has ended

	dropped atomic.Bool // it is not configured any more

	filling atomic.Bool // the channels that are there are being asked for, or will be

	// blind says that the proxy's own user cannot read class call: the outcome of an Originate would
	// never be heard.
	blind atomic.Bool
}

func newServer(p *Proxy, c upstream.Config) *server {
	s := &server{proxy: p, name: c.Name, config: c, tracker: channels.New(channels.DefaultLimit)}
	s.tracker.SetRule(p.rule())
	s.session = upstream.New(c, s, p.log)
	s.polls.server = s
	return s
}

// banner is what Asterisk said first when it was last connected to; "" if it never was.
func (s *server) banner() string { return cmp.Or(s.session.Status().Banner, s.greeting) }

// Broadcast implements upstream.Observer.
func (s *server) Broadcast(session *upstream.Session, m ami.Message) {
	if m.Event() == "FullyBooted" && !session.Status().Up {
		return // who acts upon it would find the server down; Changed tells it when that is over
	}
	class, classed := m.Privilege()
	if !classed {
		class = ami.ClassAll // of unknown kind: for those who may see everything
	}
	s.proxy.feed.Put(s.name, class, m)
}

// Settled implements upstream.Settler: the events go out, and those who got an answer are written to.
func (s *server) Settled(*upstream.Session) {
	if len(s.answered.outputs) == 0 {
		s.proxy.feed.Settle()
		return
	}
	s.proxy.feed.Match()
	s.answered.write()
}

// Changed implements upstream.Observer: clients hear that a server has gone or come back, and
// then, as from a started Asterisk, that it is booted.
func (s *server) Changed(session *upstream.Session, status upstream.Status) {
	p := s.proxy
	state := "Disconnected"
	if status.Up {
		state = "Connected"
	}
	p.feed.Append("", ami.ClassSystem, ami.NewEvent("ProxyServerStatus").Add("Privilege", "system,all").
		Add("Server", s.name).Add("Status", state).AddNonEmpty("Reason", status.Reason).Message())
	if !status.Up {
		p.feed.AppendHidden(s.name, channels.ServerLost())
		return
	}
	if m, ok := session.FullyBooted(); ok {
		p.feed.Append(s.name, ami.ClassSystem, m)
	}
	p.mu.Lock()
	ctx := p.running
	p.mu.Unlock()
	p.checks.Go(func() { s.checkRights(ctx) })
	s.fillTracker(0)
}

// fullyBooted is the event that follows a login, with the times of now.
func (s *server) fullyBooted() (ami.Message, bool) {
	status := s.session.Status()
	m, ok := s.session.FullyBooted()
	if !ok || !status.Up {
		return m, false
	}
	passed := int64(time.Since(status.Since).Seconds())
	b := new(ami.Builder)
	for name, value := range m.All() {
		if name == "Uptime" || name == "LastReload" {
			if n, err := strconv.ParseInt(value, 10, 64); err == nil {
				value = strconv.FormatInt(n+passed, 10)
			}
		}
		b.Add(name, value)
	}
	return b.Message(), true
}

// checkRights asks Asterisk what the proxy's own user may read. Without class call the proxy
// cannot make synchronous Originates asynchronous; that is said once a connection, not found out by
// clients that wait for ever.
func (s *server) checkRights(ctx context.Context) {
	if _, known := s.session.Action("Command"); !known {
		return
	}
	answer := make(answerChannel, 1)
	requester := s.session.NewRequester()
	defer requester.Close()
	question := ami.NewAction("Command").Add("Command", "manager show user "+s.config.Username).Message()
	if requester.Send(ctx, upstream.Request{Action: question, Receiver: answer, Client: "astproxy"}) != nil {
		return
	}
	select {
	case <-ctx.Done():
	case r := <-answer:
		if r.Err == nil {
			s.judgeRights(r.Message)
		}
	}
}

// judgeRights reads "read perm: system,call,..." (manager.c, handle_showmanager).
func (s *server) judgeRights(m ami.Message) {
	for _, line := range m.All() {
		key, classes, found := strings.Cut(line, ":")
		if !found || strings.TrimSpace(key) != "read perm" {
			continue
		}
		read := ami.Class(0)
		for name := range strings.SplitSeq(strings.TrimSpace(classes), ",") {
			c, _ := ami.ClassByName(name)
			read |= c
		}
		blind := read&ami.ClassCall == 0
		if s.blind.Store(blind); blind {
			s.proxy.log.Warn("the proxy's user may not read class call: synchronous Originates hold everybody's actions while they ring; add call to its read line in manager.conf",
				"server", s.name, "user", s.config.Username)
		}
		return
	}
}

// answerChannel is a Receiver for who waits for one answer.
type answerChannel chan upstream.Reply

// Receive implements upstream.Receiver.
func (c answerChannel) Receive(r upstream.Reply) {
	select {
	case c <- r:
	default: // one was enough
	}
}
