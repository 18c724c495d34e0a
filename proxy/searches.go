package proxy

import (
	"errors"
	"fmt"

	"github.com/astproxy/astproxy/access"
	"github.com/astproxy/astproxy/ami"
	"github.com/astproxy/astproxy/filters"
)

// maxSearches is how many filters that all of a user's connections have added may have to be tried on every
// event: those that no index finds, regular expressions above all. Each costs everybody's events
// a few microseconds, and some 15 KB of memory. Connections that select the same count once, as they cost
// once.
const maxSearches = 1000

// ErrSearches is why filters are refused that a user may not have besides the others.
var ErrSearches = fmt.Errorf("Too many filters that search every event: %d are allowed for all connections of a user", maxSearches)

// search is what one connection's filters count as. The zero search is nothing.
type search struct {
	user string
	key  string // the same for connections that select the same
	n    int
}

// newSearch is what filters that a user adds count as.
func newSearch(user *access.User, key string, set filters.Set) search {
	if _, found := set.Hints(); set.Len() == 0 || found && user.Redaction() == nil {
		return search{}
	}
	return search{user.Name(), key, set.Len()}
}

// searches are those of one user. Guarded by limits.mu.
type searches struct {
	connections map[string]int // by key
	n           int
}

// replaceSearch counts one in the place of another; false: there would be too many, and nothing changes.
func (l *limits) replaceSearch(old, next search) bool {
	if old == next {
		return true
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	l.count(old, -1)
	if !l.fits(next) {
		l.count(old, 1)
		return false
	}
	l.count(next, 1)
	return true
}

// fits tells whether there is room for a search. With mu held, as for count.
func (l *limits) fits(s search) bool {
	if s.n == 0 {
		return true
	}
	of := l.searchesOf(s.user)
	return of.connections[s.key] > 0 || of.n+s.n <= maxSearches
}

// count counts a connection's search, by 1 or -1.
func (l *limits) count(s search, by int) {
	if s.n == 0 {
		return
	}
	of := l.searchesOf(s.user)
	before := of.connections[s.key]
	switch of.connections[s.key] += by; {
	case before == 0:
		of.n += s.n
	case before+by == 0:
		delete(of.connections, s.key)
		of.n -= s.n
	}
}

func (l *limits) searchesOf(user string) *searches {
	s := l.searches[user]
	if s == nil {
		if l.searches == nil {
			l.searches = map[string]*searches{}
		}
		s = &searches{connections: map[string]int{}}
		l.searches[user] = s
	}
	return s
}

// mayAdd counts filters that the client is to have in the place of those it has; false: they are too many.
// On the goroutine that reads.
func (c *Client) mayAdd(user *access.User, mask ami.Class, set filters.Set) bool {
	next := newSearch(user, fmt.Sprintf("%x %s", uint32(mask&user.Read()), set.Key()), set)
	if !c.proxy.limits.replaceSearch(c.searching, next) {
		return false
	}
	c.searching = next
	return true
}

// errOver is for a Watch that has been closed.
var errOver = errors.New("Permission denied")

// mayAdd is Client's, for a Watch. With mu held.
func (w *Watch) mayAdd(set filters.Set) error {
	if w.closed {
		return errOver
	}
	next := newSearch(w.user, fmt.Sprintf("%p", w), set)
	if !w.proxy.limits.replaceSearch(w.searching, next) {
		return ErrSearches
	}
	w.searching = next
	return nil
}
