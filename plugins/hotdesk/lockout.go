package hotdesk

import (
	"sync"
	"time"

	lru "github.com/hashicorp/golang-lru/v2"
)

// maxTried is how many users and phones are remembered whose PINs were wrong.
const maxTried = 20_000

// lockout counts wrong PINs, of users and of phones.
type lockout struct {
	most int // 0: any number
	lock time.Duration

	mu    sync.Mutex
	tried *lru.Cache[string, tries]
}

// tries are the latest, and when the last was.
type tries struct {
	count int
	last  time.Time
}

func newLockout(most int, lock time.Duration) *lockout {
	tried, _ := lru.New[string, tries](maxTried) // fails for sizes below one alone
	return &lockout{most: most, lock: lock, tried: tried}
}

// try counts a try that may turn out right; false: one of these is locked. Many at once are counted as well as one
// after the other.
func (l *lockout) try(now time.Time, keys ...string) bool {
	if l.most == 0 {
		return true
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	for _, key := range keys {
		if t, known := l.tried.Peek(key); known && t.count >= l.most && now.Sub(t.last) < l.lock {
			return false
		}
	}
	for _, key := range keys {
		t, _ := l.tried.Get(key)
		if now.Sub(t.last) >= l.lock {
			t.count = 0
		}
		l.tried.Add(key, tries{t.count + 1, now})
	}
	return true
}

// right takes a try back: the PIN was right. The user begins anew, but not the phone: who knows one PIN may be
// looking for another's.
func (l *lockout) right(user, phone string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.tried.Remove(user)
	if t, known := l.tried.Peek(phone); known {
		t.count--
		l.tried.Add(phone, t)
	}
}

// unlock forgets what was wrong, and tells whether there was anything.
func (l *lockout) unlock(key string) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.tried.Remove(key)
}
