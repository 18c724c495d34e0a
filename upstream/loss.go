package upstream

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"strings"
	"time"
)

// lost answers everything that is under way, after the reader and the writer have ended, and
// says how long the session was up.
func (s *Session) lost(ctx context.Context, cause error) (up time.Duration, err error) {
	now := time.Now()
	s.mu.Lock()
	wasUp := s.status.Up
	s.status.Up, s.status.Reason = false, s.reasonFor(ctx, cause)
	if wasUp {
		up = max(now.Sub(s.status.Since), 1)
		s.status.Since = now
	}
	s.settleAll(s.status.Reason)
	status := s.statusLocked()
	s.mu.Unlock()
	s.fullyBooted.Store(nil)
	s.deliver()
	s.settled()
	if wasUp {
		s.observer.Changed(s, status)
	}
	return up, cause
}

// settleAll ends every action. None is sent again.
func (s *Session) settleAll(reason string) {
	notSent := fmt.Errorf("%s: %w: %s", s.config.Name, ErrNotSent, reason)
	unknown := fmt.Errorf("%s: %w: %s", s.config.Name, ErrOutcomeUnknown, reason)
	for _, p := range s.sent {
		if p.unsent {
			s.fail(p, notSent)
			continue
		}
		if p.request.Originate > 0 {
			s.outcomes.hide(p.number) // Asterisk may have placed the call
		}
		s.fail(p, unknown)
	}
	for number, p := range s.originates {
		s.outcomes.hide(number)
		s.fail(p, unknown)
	}
	for _, p := range s.own {
		s.fail(p, notSent)
	}
	for q := range s.requesters {
		q.unanswered, q.alone = 0, false
		for p := q.pop(); p != nil; p = q.pop() {
			s.fail(p, notSent)
		}
	}
	for s.ready.next() != nil { // takes those out that have nothing left
	}
	clear(s.sent)
	clear(s.own)
	clear(s.originates)
	s.sent, s.own, s.unanswered, s.taken = s.sent[:0], s.own[:0], 0, 0
	s.waitingDue, s.originateDue, s.headSince = time.Time{}, time.Time{}, time.Time{}
	s.learnAgain = false
	s.reader.answered = nil
}

// reasonFor is why there is no session, for people. It holds nothing that differs from one attempt
// to the next, such as a local port.
func (s *Session) reasonFor(ctx context.Context, err error) string {
	if ctx.Err() != nil {
		return "stopped"
	}
	if s.reader.farewell != "" {
		return s.reader.farewell
	}
	text := err.Error()
	if network := (*net.OpError)(nil); errors.As(err, &network) {
		inner := network.Err.Error()
		if lookup := (*net.DNSError)(nil); errors.As(network.Err, &lookup) {
			inner = "lookup of " + lookup.Name + ": " + lookup.Err
		}
		if network.Op == "dial" {
			inner = "cannot connect to " + s.config.Address + ": " + inner
		}
		text = strings.ReplaceAll(text, network.Error(), inner)
	}
	if plain := (tls.RecordHeaderError{}); errors.As(err, &plain) {
		return s.config.Address + " does not speak TLS: tls = true needs the port of tlsbindaddr in manager.conf, and tlsenable = yes"
	}
	for _, plain := range []struct {
		err  error
		text string
	}{
		{io.ErrUnexpectedEOF, "Asterisk closed the connection in the middle of a message"},
		{io.EOF, "Asterisk closed the connection"},
		{os.ErrDeadlineExceeded, "nothing came in time"},
	} {
		if errors.Is(err, plain.err) {
			return strings.ReplaceAll(text, plain.err.Error(), plain.text)
		}
	}
	return text
}

// setDown records why there is no session.
func (s *Session) setDown(ctx context.Context, err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.status.Reason = s.reasonFor(ctx, err)
}

// logLoss logs why the session is down, once for each change. Only people can mend a refusal.
func (s *Session) logLoss(wasUp bool, reason string, err error) {
	refusal := (*RefusedError)(nil)
	switch {
	case errors.As(err, &refusal):
		s.log.Error("Asterisk refuses the login; trying again until it accepts", "reason", reason)
	case wasUp:
		s.log.Warn("session lost; connecting again", "reason", reason)
	default:
		s.log.Warn("no session; trying again until there is one", "reason", reason)
	}
}
