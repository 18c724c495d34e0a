package host

import (
	"slices"
	"sync"
	"time"

	"github.com/astproxy/astproxy/access"
)

// How many jobs that have ended are remembered, and for how long.
const (
	jobsKept    = 1000
	jobsKeptFor = time.Hour
)

// jobs are all there are, of all plugins.
type jobs struct {
	host *Host

	mu      sync.Mutex
	byID    map[string]*job
	over    []*job         // of those, in the order in which they have ended
	running map[string]int // by user's name; "" is the dialplan
}

func newJobs(h *Host) *jobs {
	return &jobs{host: h, byID: map[string]*job{}, running: map[string]int{}}
}

// owner is whose job counts.
func owner(user *access.User) string {
	if user == nil {
		return ""
	}
	return user.Name()
}

// add counts a job as one that goes on; false: its user has as many as he may.
func (all *jobs) add(j *job) bool {
	all.mu.Lock()
	defer all.mu.Unlock()
	name := owner(j.by.User)
	if all.running[name] >= mostJobs(j.by.User) {
		return false
	}
	all.running[name]++
	all.byID[j.id] = j
	return true
}

// ended counts a job as one that has ended, and forgets the oldest of those.
func (all *jobs) ended(j *job) {
	all.mu.Lock()
	defer all.mu.Unlock()
	name := owner(j.by.User)
	if all.running[name]--; all.running[name] == 0 {
		delete(all.running, name)
	}
	all.over = append(all.over, j)
	all.forgetLocked()
}

// forgetLocked forgets the jobs that ended long ago, or before many others.
func (all *jobs) forgetLocked() {
	oldest := all.host.clock.Now().Add(-jobsKeptFor)
	for len(all.over) > jobsKept || len(all.over) > 0 && all.over[0].snapshot().ended.Before(oldest) {
		delete(all.byID, all.over[0].id)
		all.over = all.over[1:]
	}
}

// find is the job of that id, if the user may know of it.
func (all *jobs) find(id string, user *access.User) (*job, bool) {
	all.mu.Lock()
	defer all.mu.Unlock()
	all.forgetLocked()
	j, found := all.byID[id]
	return j, found && j.isOf(user)
}

// of are the jobs that a user may know of, the oldest first.
func (all *jobs) of(user *access.User) (list []*job) {
	all.mu.Lock()
	defer all.mu.Unlock()
	all.forgetLocked()
	for _, j := range all.byID {
		if j.isOf(user) {
			list = append(list, j)
		}
	}
	slices.SortFunc(list, func(a, b *job) int { return a.begun.Compare(b.begun) })
	return list
}
