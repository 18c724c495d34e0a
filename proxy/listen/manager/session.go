package manager

import (
	"time"

	"github.com/astproxy/astproxy/access"
)

const (
	// sessionTimeout is how long a session lasts without a request (manager.conf, httptimeout).
	sessionTimeout = time.Minute
	// unauthenticatedTimeout is that of one that has not logged in (manager.c, generic_http_callback).
	unauthenticatedTimeout = 5 * time.Second
	// waitReserve is by how much a WaitEvent ends before its session would (manager.c,
	// action_waitevent_http).
	waitReserve = 10 * time.Second
)

// session is somebody with a cookie, or with a nonce. All of it is guarded by sessions.mu, but for
// what never changes and for events.
type session struct {
	events events

	id        string       // "" for one that is known by its nonce
	user      *access.User // nil: has not logged in
	challenge string       // of a login by MD5
	requests  int          // being served
	expires   time.Time    // unless there are requests
	ended     bool         // and not in the table any more
}

// timeout is how long it lasts without a request.
func (s *session) timeout() time.Duration {
	if s.user == nil {
		return unauthenticatedTimeout
	}
	return sessionTimeout
}

// userName is "" before the login.
func (s *session) userName() string {
	if s.user == nil {
		return ""
	}
	return s.user.Name()
}

// over tells whether nothing has been heard of it for too long.
func (s *session) over(now time.Time) bool { return s.requests == 0 && now.After(s.expires) }
