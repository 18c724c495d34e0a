package listen

import (
	"errors"
	"sync"
	"time"
)

// errUnread is what ends an answer that others need the memory of.
var errUnread = errors.New("answers that clients do not read take too much memory")

// smallAnswer is how many bytes of an answer are not counted: net/http has as much for each connection.
const smallAnswer = 4 << 10

// unread are the answers of a door that are being written. When all together are more than may be, the
// one that has been written for longest is cut off. The one that comes in addition never is.
type unread struct {
	// guarded by mu, which is never held while anything is written
	mu      sync.Mutex
	limit   int64
	total   int64
	writing map[*answer]writing
}

// setLimit changes how much there may be from the next answer on.
func (u *unread) setLimit(limit int64) {
	u.mu.Lock()
	defer u.mu.Unlock()
	u.limit = limit
}

type writing struct {
	since time.Time
	bytes int64 // that are not written
}

// begin counts an answer's bytes.
func (u *unread) begin(a *answer, bytes int) {
	for _, cut := range u.add(a, int64(bytes)) {
		cut.door.log.Warn("client cut off", "client", cut.remote, "reason", errUnread)
	}
}

// add counts an answer and makes room for it, by those that are cut.
func (u *unread) add(a *answer, bytes int64) (cut []*answer) {
	u.mu.Lock()
	defer u.mu.Unlock()
	if u.writing == nil {
		u.writing = map[*answer]writing{}
	}
	u.writing[a] = writing{time.Now(), bytes}
	u.total += bytes
	for u.total > u.limit && len(u.writing) > 1 {
		cut = append(cut, u.cutLongest(a))
	}
	return cut
}

// cutLongest has the write fail of whoever has been at it for longest, but for one.
func (u *unread) cutLongest(but *answer) *answer {
	var longest *answer
	for a, w := range u.writing {
		if a != but && (longest == nil || w.since.Before(u.writing[longest].since)) {
			longest = a
		}
	}
	longest.cut = true
	longest.setWriteDeadline(time.Unix(1, 0)) // long ago
	u.forget(longest)
	return longest
}

func (u *unread) forget(a *answer) {
	u.total -= u.writing[a].bytes
	delete(u.writing, a)
}

// wrote tells that of an answer's bytes so many are written.
func (u *unread) wrote(a *answer, bytes int) {
	u.mu.Lock()
	defer u.mu.Unlock()
	if w, counted := u.writing[a]; counted {
		w.bytes -= int64(bytes)
		u.total -= int64(bytes)
		u.writing[a] = w
	}
}

// end tells that a write is over.
func (u *unread) end(a *answer) {
	u.mu.Lock()
	defer u.mu.Unlock()
	u.forget(a)
}
