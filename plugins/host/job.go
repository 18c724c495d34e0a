package host

import (
	"context"
	"crypto/rand"
	"errors"
	"strings"
	"sync"
	"time"

	"github.com/astproxy/astproxy/access"
	"github.com/astproxy/astproxy/ami"
	"github.com/astproxy/astproxy/plugins"
)

// job implements plugins.Job.
type job struct {
	// set at construction
	id       string
	action   string
	class    ami.Class
	server   string
	by       plugins.Caller
	instance *instance
	begun    time.Time
	cancel   context.CancelFunc
	done     chan struct{}

	mu        sync.Mutex
	progress  ami.Message
	result    ami.Message
	err       error
	ended     time.Time     // zero: it goes on
	cancelled bool          // somebody wants it to end
	changed   chan struct{} // closed at the next change
}

// state is a job at one moment.
type state struct {
	name     string // "running", "done", "failed", "cancelled"
	progress ami.Message
	result   ami.Message
	err      error // why it failed or was cancelled
	ended    time.Time
	changed  <-chan struct{} // closed when this is not so any more
}

// The names of states, which are the header Status of JobComplete.
const (
	running   = "running"
	completed = "done"
	failed    = "failed"
	cancelled = "cancelled"
)

// NewJob implements plugins.Host.
func (i *instance) NewJob(action string, by plugins.Caller, run func(context.Context, plugins.Job) error) (plugins.Job, error) {
	j := &job{
		id: strings.ToLower(rand.Text()), action: action, by: by, server: by.Server, instance: i,
		begun: i.host.clock.Now(), done: make(chan struct{}), changed: make(chan struct{}),
	}
	for _, a := range i.actions {
		if strings.EqualFold(a.Name, action) {
			j.action, j.class = a.Name, a.Class
		}
	}
	ctx, cancel := context.WithCancel(i.ctx)
	j.cancel = cancel
	if !i.begin() {
		cancel()
		return nil, errStopped
	}
	if !i.host.jobs.add(j) {
		i.work.Done()
		cancel()
		return nil, plugins.Refuse(plugins.CodeBusy, "Too many jobs at once: %d are allowed", mostJobs(by.User))
	}
	go func() {
		defer i.work.Done()
		defer cancel()
		j.end(i.safely("job of "+action, func() error { return run(ctx, j) }))
	}()
	return j, nil
}

// jobsOfDialplans is how many jobs that dialplans have begun there may be at once.
const jobsOfDialplans = 200

// mostJobs is how many jobs of a user's may go on at once; nil is the dialplan.
func mostJobs(user *access.User) int {
	if user == nil {
		return jobsOfDialplans
	}
	return user.MaxOwnActions()
}

// ID implements plugins.Job.
func (j *job) ID() string { return j.id }

// Done implements plugins.Job.
func (j *job) Done() <-chan struct{} { return j.done }

// Tell implements plugins.Job.
func (j *job) Tell(progress *ami.Builder) {
	m := progress.Message()
	j.change(func() { j.progress = m })
	j.emit(appended(j.event("JobProgress"), m).Message())
}

// SetResult implements plugins.Job.
func (j *job) SetResult(result *ami.Builder) {
	m := result.Message()
	j.change(func() { j.result = m })
}

// Cancel implements plugins.Job.
func (j *job) Cancel() {
	j.change(func() { j.cancelled = true })
	j.cancel()
}

// end is called when run has returned.
func (j *job) end(err error) {
	now := j.instance.host.clock.Now()
	j.change(func() { j.err, j.ended = err, now })
	s := j.snapshot()
	b := j.event("JobComplete").Add("Status", s.name)
	if s.err != nil {
		told := j.instance.told("job of "+j.action, j.by, s.err)
		b.Add("Code", told.Code).Add("Message", told.Text)
	}
	j.emit(appended(b, s.result).Message())
	j.instance.host.jobs.ended(j)
	close(j.done)
}

// event begins an event about the job.
func (j *job) event(name string) *ami.Builder {
	return ami.NewEvent(name).Add("JobID", j.id).Add("JobAction", j.action)
}

// emit tells those who may see the job's class, and its owner if he may not.
func (j *job) emit(m ami.Message) {
	p := j.instance.host.proxy
	m = asEvent(j.class, m)
	p.Emit(j.server, j.class, j.by.Tenant(), m)
	if j.by.User == nil {
		return
	}
	if user, is := p.Users().Named(j.by.User.Name()); is && !user.MaySee(j.class) {
		p.TellUser(user.Name(), j.server, j.class, m)
	}
}

func (j *job) change(f func()) {
	j.mu.Lock()
	defer j.mu.Unlock()
	f()
	close(j.changed)
	j.changed = make(chan struct{})
}

// snapshot is how it is.
func (j *job) snapshot() state {
	j.mu.Lock()
	defer j.mu.Unlock()
	s := state{running, j.progress, j.result, j.err, j.ended, j.changed}
	switch {
	case j.ended.IsZero():
	case j.cancelled && (j.err == nil || errors.Is(j.err, context.Canceled)):
		s.name, s.err = cancelled, context.Canceled
	case j.err != nil:
		s.name = failed
	default:
		s.name = completed
	}
	return s
}

// isOf tells whether a user may look at the job and cancel it. A token of its owner's that may not begin one may not.
func (j *job) isOf(user *access.User) bool {
	return user.Admin() || j.by.User != nil && j.by.User.Name() == user.Name() && user.MayRun(j.action, j.class).Allowed
}
