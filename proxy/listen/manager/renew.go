package manager

import (
	"slices"

	"github.com/astproxy/astproxy/access"
	"github.com/astproxy/astproxy/ami"
	"github.com/astproxy/astproxy/proxy/feed"
)

// renew gives every session its user's rights of now, and ends those of who is nobody any more.
func (t *sessions) renew(users *access.Users) {
	t.mu.Lock()
	defer t.mu.Unlock()
	for _, sessions := range t.byUser {
		for s := range sessions {
			t.renewLocked(s, users)
		}
	}
	for text, n := range t.nonces {
		user, err := users.Renewed(n.user)
		if err != nil {
			delete(t.nonces, text)
			continue
		}
		n.user = user
	}
}

// renewOne is renew for one session.
func (t *sessions) renewOne(s *session, users *access.Users) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.renewLocked(s, users)
}

func (t *sessions) renewLocked(s *session, users *access.Users) {
	if s.ended || s.user == nil {
		return
	}
	user, err := users.Renewed(s.user)
	if err != nil {
		t.endLocked(s)
		return
	}
	s.user = user
	s.events.renew(user)
}

// renew judges what is unread by the user's rights of now, as what comes.
func (e *events) renew(user *access.User) {
	e.mu.Lock()
	defer e.mu.Unlock()
	before := e.user
	e.user = user
	if e.watch == nil || before == user {
		return
	}
	// First: what comes while it is selected anew is judged by the rights of now, too.
	e.watch.SetUser(user)
	_ = e.selectLocked(e.watch.Mask(), e.watch.Filters()) // which it has already
	if !user.SeesCallsOf(before) {
		e.loseLocked() // whose calls the events are about is not written in them
	}
}

// loseLocked has a ProxyGap in the place of what is unread.
func (e *events) loseLocked() {
	missed := uint64(0)
	for _, m := range slices.Concat(e.unread, e.watch.Read()) {
		missed += eventsOf(m)
	}
	if e.unread = nil; missed > 0 {
		e.unread = []ami.Message{feed.GapEvent(missed, feed.GapRights)}
	}
}
