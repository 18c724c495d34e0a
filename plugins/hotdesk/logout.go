package hotdesk

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/astproxy/astproxy/ami"
	"github.com/astproxy/astproxy/plugins"
)

// Why somebody is not logged in any more.
const (
	reasonUser         = "user"         // he has logged out
	reasonMoved        = "moved"        // he has logged in at another phone
	reasonReplaced     = "replaced"     // somebody else has logged in at his
	reasonExpired      = "expired"      // his time was over
	reasonAdmin        = "admin"        // an administrator has logged him out, or taken him away
	reasonUnregistered = "unregistered" // his phone has been unreachable for too long
)

// whom says which sessions shall end.
type whom struct {
	user  string // "": whoever is at the place
	place place  // "": wherever the user is
}

// logout ends sessions, those that unless does not keep, and returns them; nobody was logged in: none. unless may be nil; it is
// called when nobody else can change the sessions, and an error of its ends the log-out.
func (p *plugin) logout(ctx context.Context, w whom, reason, by string, unless func(*session) (keep bool, err error)) ([]*session, error) {
	if err := p.wait(ctx); err != nil {
		return nil, err
	}
	var all, ending []*session
	release, err := p.desk.claim(ctx, func() []string {
		ending = nil
		user := w.user
		if at := p.desk.at(w.place); user == "" && at != nil {
			user = at.User
		}
		all = p.desk.of(user)
		for _, s := range all {
			if w.place.name == "" || s.place() == w.place {
				ending = append(ending, s)
			}
		}
		return claims(all...)
	})
	if err != nil {
		return nil, err
	}
	defer release()
	if unless != nil {
		var left []*session
		for _, s := range ending {
			keep, err := unless(s)
			if err != nil {
				return nil, err
			}
			if !keep {
				left = append(left, s)
			}
		}
		ending = left
	}
	if len(ending) == 0 {
		return nil, nil
	}
	if err := p.change(ctx, all, without(all, ending)); err != nil {
		return nil, err
	}
	for _, s := range ending {
		p.loggedOut(s, reason, by)
	}
	return ending, nil
}

// without are those of all that are not among some.
func without(all, some []*session) (left []*session) {
each:
	for _, s := range all {
		for _, other := range some {
			if s == other {
				continue each
			}
		}
		left = append(left, s)
	}
	return left
}

// expire ends what is over: logins whose time is, and those at phones that have been unreachable for too long. Never during a
// call: that ends first.
func (p *plugin) expire(ctx context.Context, now time.Time) {
	over := func(s *session) string {
		state := p.devices.get(s.Server, s.Device)
		switch {
		case inCall(state.state), !p.devices.isComplete(s.Server): // who may be in a call for all that is known
			return ""
		case !s.Expires.IsZero() && !now.Before(s.Expires):
			return reasonExpired
		case p.config.Unregistered > 0 && state.state == stateUnavailable && now.Sub(state.since) >= p.config.Unregistered && now.Sub(s.Since) >= p.config.Unregistered:
			return reasonUnregistered
		}
		return ""
	}
	for _, s := range p.desk.all() {
		reason := over(s)
		if reason == "" || ctx.Err() != nil {
			continue
		}
		_, err := p.logout(ctx, whom{s.User, s.place()}, reason, "astproxy", func(now *session) (bool, error) { return over(now) != reason, nil })
		if err != nil && ctx.Err() == nil {
			p.log.Warn("somebody could not be logged out", "user", s.User, "device", s.Device, "reason", reason, "error", err)
		}
	}
}

// dismiss ends the sessions of those who are users no more, or disabled. Where the users cannot be read nobody is.
func (p *plugin) dismiss(ctx context.Context) {
	people, err := p.directory.people(ctx)
	if err != nil || !people.whole {
		return
	}
	for _, s := range p.desk.all() {
		if user, known := people.find(s.User); known && !user.Disabled || ctx.Err() != nil {
			continue
		}
		_, err := p.logout(ctx, whom{s.User, s.place()}, reasonAdmin, "astproxy", func(s *session) (bool, error) {
			return inCall(p.devices.get(s.Server, s.Device).state), nil
		})
		if err != nil && ctx.Err() == nil {
			p.log.Warn("somebody could not be logged out", "user", s.User, "device", s.Device, "error", err)
		}
	}
}

// loggedIn logs and tells that somebody is at a phone.
func (p *plugin) loggedIn(s *session, by string) {
	p.log.Info("logged in", "user", s.User, "server", s.Server, "device", s.Device, "client", by)
	p.emit(s.Server, describe(ami.NewEvent("HotdeskLoggedIn"), s))
}

// loggedOut logs and tells that somebody is there no more.
func (p *plugin) loggedOut(s *session, reason, by string) {
	p.log.Info("logged out", "user", s.User, "server", s.Server, "device", s.Device, "reason", reason, "client", by)
	p.emit(s.Server, ami.NewEvent("HotdeskLoggedOut").Add("User", s.User).AddNonEmpty("UserName", s.Name).
		Add("Device", s.Device).Add("Reason", reason))
}

// describe adds what there is to say of a session.
func describe(b *ami.Builder, s *session) *ami.Builder {
	var queues, paused []string
	for _, q := range s.Queues {
		queues = append(queues, q.String())
		if _, is := s.paused(q.Queue); is {
			paused = append(paused, q.Queue)
		}
	}
	b.Add("User", s.User).AddNonEmpty("UserName", s.Name).Add("Device", s.Device).
		Add("Queues", strings.Join(queues, ",")).AddNonEmpty("Paused", strings.Join(paused, ",")).
		Add("Since", s.Since.UTC().Format(time.RFC3339))
	if !s.Expires.IsZero() {
		b.Add("Expires", s.Expires.UTC().Format(time.RFC3339))
	}
	return b
}

// asError finds what is meant for whoever asked.
func asError(err error) (*plugins.Error, bool) {
	var told *plugins.Error
	if errors.As(err, &told) {
		return told, true
	}
	if isGone(err) {
		return plugins.Refuse(plugins.CodeServerDown, "The server is not connected"), true
	}
	return nil, false
}

// gone makes an error of a server that cannot be asked one that is told.
func gone(err error) error {
	if isGone(err) && !errors.Is(err, plugins.ErrDown) {
		return fmt.Errorf("%w: %w", plugins.ErrDown, err)
	}
	return err
}
