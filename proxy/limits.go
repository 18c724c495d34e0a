package proxy

import (
	"errors"
	"fmt"
	"sync"
	"time"

	"github.com/astproxy/astproxy/access"
	"github.com/astproxy/astproxy/ami"
)

// limits counts what each user's connections do together. There are as many entries as users who have
// done something.
type limits struct {
	mu     sync.Mutex
	byUser map[string]*usage // by the user's name

	searches map[string]*searches // by the user's name
}

// usage is what one user does. Guarded by limits.mu.
type usage struct {
	connections int
	pending     int

	// The bucket: so many more actions may come. It fills by the limit's number a second, up to that.
	tokens float64
	filled time.Time
}

func (l *limits) of(user *access.User) *usage {
	u := l.byUser[user.Name()]
	if u == nil {
		if l.byUser == nil {
			l.byUser = map[string]*usage{}
		}
		u = &usage{}
		l.byUser[user.Name()] = u
	}
	return u
}

// act counts an action at a time; false: there were too many.
func (l *limits) act(user *access.User, now time.Time) bool {
	most := float64(user.Limits().ActionsPerSecond)
	if most == 0 {
		return true
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	u := l.of(user)
	if u.filled.IsZero() {
		u.tokens = most
	} else {
		u.tokens = min(most, u.tokens+most*max(0, now.Sub(u.filled).Seconds()))
	}
	u.filled = now
	if u.tokens < 1 {
		return false
	}
	u.tokens--
	return true
}

// connect counts a connection that stays, begin an action that is to be answered; false: there are as
// many as may be. disconnect and end count them off.
func (l *limits) connect(user *access.User) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	u := l.of(user)
	if most := user.Limits().Connections; most > 0 && u.connections >= most {
		return false
	}
	u.connections++
	return true
}

func (l *limits) disconnect(user *access.User) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.of(user).connections--
}

func (l *limits) begin(user *access.User) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	u := l.of(user)
	if most := user.Limits().Pending; most > 0 && u.pending >= most {
		return false
	}
	u.pending++
	return true
}

func (l *limits) end(user *access.User, n int) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.of(user).pending -= n
}

// tooOften answers an action that comes too soon behind the others; false: it does not.
func (a *asker) tooOften(m ami.Message) bool {
	user := a.user.Load()
	if user == nil || a.proxy.limits.act(user, time.Now()) {
		return false
	}
	a.logRefusal("user", user, "reason", "actions_per_second")
	message := fmt.Sprintf("Too many actions: %d a second are allowed", user.Limits().ActionsPerSecond)
	if m.Action() == "" && m.Get("ProxyAction") != "" {
		a.proxyError(m, TooMany, message)
	} else {
		a.fail(m, TooMany, message)
	}
	return true
}

// pend counts an action as the user's until its last answer; false: he has as many as he may.
func (a *asker) pend(user *access.User, r *reply) bool {
	if !a.proxy.limits.begin(user) {
		return false
	}
	a.pending.Add(1)
	atEnd := r.atEnd
	r.atEnd = func() {
		if atEnd != nil {
			atEnd()
		}
		if a.pending.Add(-1) >= 0 { // else forgetPending has been
			a.proxy.limits.end(user, 1)
		}
	}
	return true
}

// forgetPending is for an asker who has gone.
func (a *asker) forgetPending() {
	if n := a.pending.Swap(0); n > 0 {
		a.proxy.limits.end(a.user.Load(), int(n))
	}
}

// tooManyConnections is what is said to one connection too many.
func tooManyConnections(user *access.User) error {
	return fmt.Errorf("%w: %d are allowed", ErrConnections, user.Limits().Connections)
}

// ErrConnections is why a connection ended that its user may not have besides the others.
var ErrConnections = errors.New("Too many connections")

// connect counts the client as a connection of its user's, until Close; false: there are too many.
func (c *Client) connect(user *access.User) bool {
	if !c.proxy.limits.connect(user) {
		c.log().Warn("login refused", "user", user, "reason", "max_connections")
		return false
	}
	c.connected = user
	return true
}
