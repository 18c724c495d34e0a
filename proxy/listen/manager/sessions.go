package manager

import (
	"cmp"
	"errors"
	"sync"
	"time"

	"github.com/astproxy/astproxy/access"
	"github.com/astproxy/astproxy/proxy"
)

// How many sessions there may be at once. Programs that log in for every action and never log off
// leave one behind each time, for a minute: the one of theirs unused for longest makes room.
const (
	maxSessions        = 10_000 // in all
	maxUserSessions    = 100
	maxUnauthenticated = 1_000 // the one unused for longest makes room
)

// sweepInterval is how often is looked for sessions whose time is over (manager.c, purge_old_stuff).
const sweepInterval = 5 * time.Second

// errTooMany is what one session too many is told: Asterisk's own words for a user who may have one only.
var errTooMany = errors.New("Login Already In Use")

// errAuthenticated is what a second login of a session is told.
var errAuthenticated = errors.New("Already authenticated")

// sessions are those of one door.
type sessions struct {
	now    func() time.Time
	issuer issuer

	mu              sync.Mutex
	all             map[*session]struct{}
	byID            map[string]*session // those with a cookie
	byUser          map[string]int      // how many have logged in, by the user's name
	unauthenticated int
	nonces          map[string]*nonce
	floor           time.Time   // nonces issued before are worth something only if they are in nonces
	timer           *time.Timer // runs as long as there is anything to sweep; nil: does not
	closed          bool
}

func newSessions(now func() time.Time) *sessions {
	return &sessions{
		now: now, issuer: newIssuer(),
		all: map[*session]struct{}{}, byID: map[string]*session{}, byUser: map[string]int{}, nonces: map[string]*nonce{},
	}
}

// byCookie is the session of that name with one more request, and its user if it has logged in; nil:
// there is none. release it.
func (t *sessions) byCookie(id string) (*session, *access.User) {
	t.mu.Lock()
	defer t.mu.Unlock()
	s := t.byID[id]
	if s == nil || s.over(t.now()) {
		return nil, nil
	}
	s.requests++
	return s, s.user
}

// begin makes a session that has not logged in, with one request. A name that a client brings along is
// never taken over: somebody else might know it. release it.
func (t *sessions) begin() *session {
	s := &session{id: newSessionID(), requests: 1}
	s.events.init()
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.closed {
		s.ended = true
		return s
	}
	if t.unauthenticated >= maxUnauthenticated {
		t.endOldest("")
	}
	t.unauthenticated++
	t.byID[s.id] = s
	t.addLocked(s)
	return s
}

func (t *sessions) addLocked(s *session) {
	t.all[s] = struct{}{}
	if t.timer == nil {
		t.timer = time.AfterFunc(sweepInterval, t.sweep)
	}
}

// release tells that a request is over: the session's time begins anew.
func (t *sessions) release(s *session) {
	t.mu.Lock()
	defer t.mu.Unlock()
	s.requests--
	s.expires = t.now().Add(s.timeout())
}

// name is what the session is called now.
func (t *sessions) name(s *session) string {
	t.mu.Lock()
	defer t.mu.Unlock()
	return s.id
}

// user is who has logged in, or nil.
func (t *sessions) user(s *session) *access.User {
	t.mu.Lock()
	defer t.mu.Unlock()
	return s.user
}

// challenge is the session's, or "": none was asked for.
func (t *sessions) challenge(s *session) string {
	t.mu.Lock()
	defer t.mu.Unlock()
	return s.challenge
}

// giveChallenge is the session's challenge, which stays the same (manager.c, action_challenge).
func (t *sessions) giveChallenge(s *session) string {
	t.mu.Lock()
	defer t.mu.Unlock()
	s.challenge = cmp.Or(s.challenge, access.NewChallenge())
	return s.challenge
}

// logIn makes the session a user's, whose events the watch has; it is the session's to close, unless there
// is an error: errAuthenticated or errTooMany. A session that is renewed gets another name, so that
// who knew it before the login does not know it afterwards.
func (t *sessions) logIn(s *session, user *access.User, watch *proxy.Watch, renew bool) error {
	t.mu.Lock()
	defer t.mu.Unlock()
	switch {
	case s.user != nil:
		return errAuthenticated
	case s.ended || !t.roomLocked(user):
		return errTooMany
	}
	t.unauthenticated--
	if renew {
		delete(t.byID, s.id)
		s.id = newSessionID()
		t.byID[s.id] = s
	}
	t.ownLocked(s, user, watch)
	return nil
}

func (t *sessions) ownLocked(s *session, user *access.User, watch *proxy.Watch) {
	s.user = user
	t.byUser[user.Name()]++
	s.events.begin(user, watch)
}

// roomLocked makes room for one more session of a user, if need be and if it can.
func (t *sessions) roomLocked(user *access.User) bool {
	if t.byUser[user.Name()] < maxUserSessions && len(t.all)-t.unauthenticated < maxSessions {
		return true
	}
	return t.endOldest(user.Name())
}

// endOldest ends the session of a user that is unused for longest, but none that is in use. "" is nobody.
func (t *sessions) endOldest(user string) bool {
	var oldest *session
	for s := range t.all {
		if s.userName() == user && s.requests == 0 && (oldest == nil || s.expires.Before(oldest.expires)) {
			oldest = s
		}
	}
	if oldest == nil {
		return false
	}
	t.endLocked(oldest)
	return true
}

// end ends a session for good. Who waits for its events is answered.
func (t *sessions) end(s *session) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.endLocked(s)
}

func (t *sessions) endLocked(s *session) {
	if s.ended {
		return
	}
	s.ended = true
	delete(t.all, s)
	delete(t.byID, s.id)
	if s.user == nil {
		t.unauthenticated--
	} else if t.byUser[s.userName()]--; t.byUser[s.userName()] == 0 {
		delete(t.byUser, s.userName())
	}
	s.events.end()
}

// sweep ends what is over, and has the timer go on if there is more.
func (t *sessions) sweep() {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.closed {
		return
	}
	now := t.now()
	for s := range t.all {
		if s.over(now) {
			t.endLocked(s)
		}
	}
	t.sweepNonces(now)
	if t.timer = nil; len(t.all)+len(t.nonces) > 0 {
		t.timer = time.AfterFunc(sweepInterval, t.sweep)
	}
}

// close ends all of them.
func (t *sessions) close() {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.closed = true
	if t.timer != nil {
		t.timer.Stop()
	}
	for s := range t.all {
		t.endLocked(s)
	}
	clear(t.nonces)
}

// waitLimit is how long a WaitEvent of the session may take.
func (t *sessions) waitLimit(s *session) time.Duration {
	t.mu.Lock()
	defer t.mu.Unlock()
	return max(0, s.expires.Sub(t.now())-waitReserve)
}
