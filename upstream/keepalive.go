package upstream

import (
	"fmt"
	"time"
)

const (
	// slowAfter is how long an action may have Asterisk for itself before the log says so.
	slowAfter = time.Second
	// bootGrace is how long FullyBooted is waited for after the login. Asterisk sends it at once,
	// or when it has booted, or never when the user's rights lack system.
	bootGrace = 2 * time.Second
)

// slowAction is an action that holds the session, for the log.
type slowAction struct {
	client, action string
	running        time.Duration
}

// earlier is the earlier of two times, of which zero ones are none.
func earlier(a, b time.Time) time.Time {
	if a.IsZero() || !b.IsZero() && b.Before(a) {
		return b
	}
	return a
}

// wakeReader makes the reader look at the time no later than at. Its read deadline is the only
// timer of a session, and moves rarely: what is sent later is mostly due later too.
func (s *Session) wakeReader(at time.Time) {
	if s.conn != nil && at.Before(s.wakeAt) {
		s.wakeAt = at
		_ = s.conn.SetReadDeadline(at) // fails only once the connection is closed; does not wait
	}
}

// look does what is due by now, and sets when to look again. An error means that the session is
// lost. It runs on the reader.
func (s *Session) look(now time.Time) error {
	s.mu.Lock()
	s.expireWaiting(now)
	s.expireOriginates(now)
	s.expireSent(now)
	next, err := s.watch(now)
	next = earlier(next, earlier(s.waitingDue, s.originateDue))
	s.wakeAt = next
	_ = s.conn.SetReadDeadline(next)
	s.mu.Unlock()
	s.deliver()
	return err
}

// expireWaiting answers what has waited too long to be sent.
func (s *Session) expireWaiting(now time.Time) {
	if s.waitingDue.IsZero() || now.Before(s.waitingDue) {
		return
	}
	s.waitingDue = time.Time{}
	for q := range s.requesters {
		for range q.waiting {
			p := q.pop()
			if now.Before(p.due) {
				s.waitingDue = earlier(s.waitingDue, p.due)
				q.push(p)
				continue
			}
			s.fail(p, fmt.Errorf("%s: %w: %d other actions were in front of it for %v",
				s.config.Name, ErrNotSent, len(s.sent), p.request.Timeout))
		}
	}
}

// expireSent answers what Asterisk has not answered in time, and asks by a Ping whether it still
// will. The actions stay in their places until their answers, or the Ping's, are through.
func (s *Session) expireSent(now time.Time) {
	var latest *pending
	for _, p := range s.sent {
		if s.expires(p) && !p.done && !now.Before(s.dueAt(p)) {
			s.fail(p, fmt.Errorf("%s: %w: %s took more than %v", s.config.Name, ErrTimeout, p.name, p.request.Timeout))
			p.expired = true
			latest = p
		}
	}
	if latest != nil {
		s.setFence(latest)
	}
}

// expires tells whether p is given up when its time is over, and the session is not.
func (s *Session) expires(p *pending) bool {
	return p.kind == ofClient || p.kind == question && s.reader.stage == stageServing
}

// dueAt is when p's answer is too late. While the items of its list keep coming it is not.
func (s *Session) dueAt(p *pending) time.Time {
	if p.open {
		if progress := s.reader.receivedAt.Add(p.request.Timeout); progress.After(p.due) {
			return progress
		}
	}
	return p.due
}

// watch looks after the session itself: says who holds it, pings into silence, and gives it up
// when nothing comes. It returns when to look again.
func (s *Session) watch(now time.Time) (next time.Time, err error) {
	if s.reader.stage == stageBoot {
		if now.Before(s.reader.bootBy) {
			next = s.reader.bootBy
		} else {
			s.askWhileConnecting()
		}
	}
	if len(s.sent) == 0 {
		silent := s.reader.receivedAt.Add(s.config.Keepalive)
		if now.Before(silent) {
			return earlier(next, silent), nil
		}
		if !s.somethingDue() {
			s.pushOwn(s.newPing(keepalive))
		}
		// The writer asks to be woken for what it takes.
		return earlier(next, now.Add(s.config.Keepalive)), nil
	}
	for _, p := range s.sent {
		switch {
		case s.expires(p):
			if !p.done {
				next = earlier(next, s.dueAt(p))
			}
		case p.kind != fence:
			if !now.Before(p.due) {
				return next, fmt.Errorf("no answer to %s within %v", p.name, p.request.Timeout)
			}
			next = earlier(next, p.due)
		}
	}
	next = earlier(next, s.watchSlow(now))
	dead, err := s.watchDead(now)
	return earlier(next, dead), err
}

// watchSlow notes the action that Asterisk is busy with, once, when it has been for a second.
func (s *Session) watchSlow(now time.Time) (next time.Time) {
	p := s.sent[0]
	if p.kind != ofClient || p.reported {
		return time.Time{}
	}
	since := s.headSince
	if p.sentAt.After(since) {
		since = p.sentAt
	}
	if due := since.Add(slowAfter); now.Before(due) {
		return due
	}
	p.reported = true
	s.reader.slow = append(s.reader.slow, slowAction{p.request.Client, p.name, now.Sub(since)})
	return time.Time{}
}

// watchDead gives the session up when Asterisk has sent nothing at all for another ActionTimeout
// after the oldest action's time was over.
func (s *Session) watchDead(now time.Time) (next time.Time, err error) {
	p := s.sent[0]
	dead := p.due
	if s.reader.receivedAt.After(dead) {
		dead = s.reader.receivedAt
	}
	if dead = dead.Add(s.config.ActionTimeout); now.Before(dead) {
		return dead, nil
	}
	return dead, fmt.Errorf("nothing received for %v with %d actions unanswered, %s first",
		now.Sub(s.reader.receivedAt).Round(time.Millisecond), s.unanswered, p.name)
}
