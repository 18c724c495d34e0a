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

	mu     sync.Mutex
	byID   map[string]*session              // those with a cookie
	byUser map[string]map[*session]struct{} // all, by the name of the user; "" is who has not logged in
	count  int                              // of all
	nonces map[string]*nonce
	floor  time.Time   // nonces issued before are worth something only if they are in nonces
	timer  *time.Timer // runs as long as there is anything to sweep; nil: does not
	closed bool
}

func newSessions(now func() time.Time) *sessions {
	return &sessions{
		now: now, issuer: newIssuer(),
		byID: map[string]*session{}, byUser: map[string]map[*session]struct{}{}, nonces: map[string]*nonce{},
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
	if len(t.byUser[""]) >= maxUnauthenticated {
		t.endOldest("")
	}
	t.byID[s.id] = s
	t.add(s)
	return s
}

// add puts a session into the table, by its user; remove takes it out.
func (t *sessions) add(s *session) {
	name := s.userName()
	if t.byUser[name] == nil {
		t.byUser[name] = map[*session]struct{}{}
	}
	t.byUser[name][s] = struct{}{}
	t.count++
	if t.timer == nil {
		t.timer = time.AfterFunc(sweepInterval, t.sweep)
	}
}

func (t *sessions) remove(s *session) {
	name := s.userName()
	if delete(t.byUser[name], s); len(t.byUser[name]) == 0 {
		delete(t.byUser, name)
	}
	t.count--
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
	case s.ended || !t.makeRoom(user):
		return errTooMany
	}
	t.remove(s)
	s.user = user
	t.add(s)
	s.events.begin(user, watch)
	if renew {
		delete(t.byID, s.id)
		s.id = newSessionID()
		t.byID[s.id] = s
	}
	return nil
}

// makeRoom makes room for one more session of a user, if need be, and tells whether there is.
func (t *sessions) makeRoom(user *access.User) bool {
	if len(t.byUser[user.Name()]) < maxUserSessions && t.count-len(t.byUser[""]) < maxSessions {
		return true
	}
	return t.endOldest(user.Name())
}

// endOldest ends the session of a user that is unused for longest, but none that is in use. "" is nobody.
func (t *sessions) endOldest(user string) bool {
	var oldest *session
	for s := range t.byUser[user] {
		if s.requests == 0 && (oldest == nil || s.expires.Before(oldest.expires)) {
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
	delete(t.byID, s.id)
	t.remove(s)
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
	t.endEach(func(s *session) bool { return s.over(now) })
	t.sweepNonces(now)
	if t.timer = nil; t.count+len(t.nonces) > 0 {
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
	t.endEach(func(*session) bool { return true })
	clear(t.nonces)
}

// endEach ends those that which picks.
func (t *sessions) endEach(which func(*session) bool) {
	for _, sessions := range t.byUser {
		for s := range sessions {
			if which(s) {
				t.endLocked(s)
			}
		}
	}
}

// waitLimit is how long a WaitEvent of the session may take.
func (t *sessions) waitLimit(s *session) time.Duration {
	t.mu.Lock()
	defer t.mu.Unlock()
	return max(0, s.expires.Sub(t.now())-waitReserve)
}
