package proxy

import (
	"net"
	"sync"
	"time"

	"github.com/hashicorp/golang-lru/v2/simplelru"
)

// refusals tell in the log of actions that were refused, of one user at most one a second: who sends nothing else,
// by however many connections or requests, must not fill it.
type refusals struct {
	mu    sync.Mutex
	users *simplelru.LRU[string, refused] // by name, or before the login by address
}

// refused is what was told last.
type refused struct {
	logged   time.Time
	unlogged int // since then
}

// refusalsKept bounds how many are told apart.
const refusalsKept = 1024

func newRefusals() refusals {
	users, err := simplelru.NewLRU[string, refused](refusalsKept, nil)
	if err != nil {
		panic(err) // the size is positive
	}
	return refusals{users: users}
}

// take tells whether a refusal may be logged, and how many were not since the last that was.
func (r *refusals) take(who string, now time.Time) (unlogged int, log bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	last, known := r.users.Get(who)
	if known && now.Sub(last.logged) < time.Second {
		last.unlogged++
		r.users.Add(who, last)
		return 0, false
	}
	r.users.Add(who, refused{logged: now})
	return last.unlogged, true
}

// logRefusal logs a refused action, unless one of this user was logged just now.
func (a *asker) logRefusal(attributes ...any) {
	unlogged, log := a.proxy.refusals.take(a.who(), time.Now())
	if !log {
		return
	}
	if unlogged > 0 {
		attributes = append(attributes, "unlogged", unlogged)
	}
	a.log().Warn("action refused", attributes...)
}

// who is the user's name, or before the login where the client is.
func (a *asker) who() string {
	if user := a.user.Load(); user != nil {
		return "user " + user.Name()
	}
	if host, _, err := net.SplitHostPort(a.remote); err == nil {
		return host
	}
	return a.remote
}
