package hotdesk

import (
	"context"
	"maps"
	"strings"

	"github.com/astproxy/astproxy/plugins"
)

// setPaused pauses whoever is meant in a queue, "": in all of his, or ends that. It is remembered, and so outlives
// whatever takes the membership away but a log-out.
func (p *plugin) setPaused(ctx context.Context, w whom, queue string, paused bool, reason string) ([]*session, error) {
	if err := p.wait(ctx); err != nil {
		return nil, err
	}
	if strings.ContainsAny(reason, "\r\n\x00") || len(reason) > 80 {
		return nil, plugins.Refuse(plugins.CodeInvalid, "Reason is one line of up to 80 bytes")
	}
	var all []*session
	release, err := p.desk.claim(ctx, func() []string {
		user := w.user
		if at := p.desk.at(w.place); user == "" && at != nil {
			user = at.User
		}
		all = p.desk.of(user)
		return claims(all...)
	})
	if err != nil {
		return nil, err
	}
	defer release()
	if len(all) == 0 {
		return nil, plugins.Refuse(codeNotLoggedIn, "The user is not logged in")
	}
	var after []*session
	member := queue == ""
	for _, s := range all {
		changed := *s
		changed.Paused = pausedIn(s, queue, paused, reason)
		after = append(after, &changed)
		for _, q := range s.Queues {
			member = member || q.Queue == queue
		}
	}
	if !member {
		return nil, plugins.Refuse(codeUnknownQueue, "The user is in no queue %s", queue)
	}
	if err := p.change(ctx, all, after); err != nil {
		return nil, err
	}
	return after, nil
}

// pausedIn is what a session's Paused becomes.
func pausedIn(s *session, queue string, paused bool, reason string) map[string]string {
	if queue == "" {
		if paused {
			return map[string]string{"": reason}
		}
		return nil
	}
	now := map[string]string{}
	if why, everywhere := s.Paused[""]; everywhere {
		for _, q := range s.Queues {
			now[q.Queue] = why
		}
	} else {
		maps.Copy(now, s.Paused)
	}
	if delete(now, queue); paused {
		now[queue] = reason
	}
	return now
}
