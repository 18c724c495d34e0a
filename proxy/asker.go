package proxy

import (
	"log/slog"
	"sync"
	"sync/atomic"
	"time"

	"github.com/astproxy/astproxy/access"
	"github.com/astproxy/astproxy/ami"
	"github.com/astproxy/astproxy/formats"
	"github.com/astproxy/astproxy/upstream"
)

// output takes what is said to an asker. Messages reach him in the order of the calls.
type output interface {
	// queue adds a message at the present place. It goes out at the next flush or wake. The reason is
	// that of an error of the proxy's own.
	queue(m ami.Message, o formats.Options, reason Reason)
	// flush writes what was queued, without waiting; wake has that done soon, by another goroutine.
	flush()
	wake()
	// gone is closed when nobody is there any more.
	gone() <-chan struct{}
}

// asker is somebody who sends actions: a Client by its connection, or who called Ask. One goroutine
// at a time sends them.
type asker struct {
	// set at construction
	proxy   *Proxy
	remote  string
	started time.Time
	output  output

	// owned by the goroutine that sends
	requesters map[*server]*upstream.Requester

	user       atomic.Pointer[access.User]
	pending    atomic.Int64 // actions that count for the user
	originates atomic.Int64 // synchronous ones outstanding, of those counted for the user
	leading    atomic.Bool  // he has asked for what others may share: see polls

	// guarded by mu
	mu          sync.Mutex
	outstanding int           // actions without their last answer
	looking     int           // of those, the ones that change nothing: see polls
	latest      *pings        // the action that was begun last, if it is an unanswered Ping; else nil
	idle        chan struct{} // closed when outstanding falls to zero; nil: nobody waits
	lastID      string        // ActionID of the latest action, for ListSessions
	lists       int           // of answers that have begun and not ended
	listsEnded  chan struct{} // closed when lists falls to zero; nil: nobody waits
}

func (p *Proxy) newAsker(remote string) asker {
	return asker{proxy: p, remote: remote, started: time.Now()}
}

// log is where an asker's doings are told. It is made when there is something to tell: most who Ask
// leave no trace.
func (a *asker) log() *slog.Logger { return a.proxy.log.With("client", a.remote) }

// Authenticated tells whether the client has logged in. Any goroutine.
func (a *asker) Authenticated() bool { return a.user.Load() != nil }

// send has a message written soon. A server is given where the proxy answers in its stead.
func (a *asker) send(m ami.Message, server string) {
	a.say(m, formats.Options{Server: server}, "")
}

// say has a message of the proxy's own written soon, behind what of Asterisk's is under way.
func (a *asker) say(m ami.Message, o formats.Options, reason Reason) {
	a.betweenLists(func() { a.output.queue(m, o, reason) })
	a.output.wake()
}

// fail answers an action with an error of the proxy's own.
func (a *asker) fail(m ami.Message, reason Reason, message string) {
	a.say(ami.NewError(m.ActionID(), message), formats.Options{}, reason)
}

// close lets go of what an asker who has gone still wanted.
func (a *asker) close() {
	for _, q := range a.requesters {
		q.Close()
	}
	a.forgetOriginates()
	a.forgetPending()
}

// begin counts an action that has to be answered, done its last answer.
func (a *asker) begin() {
	a.mu.Lock()
	a.outstanding++
	a.latest = nil
	a.mu.Unlock()
}

// looks says of an action that was begun that it changes nothing, and tells whether that goes for all that are
// outstanding.
func (a *asker) looks() (all bool) {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.looking++
	return a.looking == a.outstanding
}

func (a *asker) done(looked bool) {
	a.mu.Lock()
	if looked {
		a.looking--
	}
	if a.outstanding--; a.outstanding == 0 && a.idle != nil {
		close(a.idle)
		a.idle = nil
	}
	a.mu.Unlock()
}

// waitIdle waits until all actions are answered, the asker has gone, or enough is.
func (a *asker) waitIdle(enough <-chan struct{}) {
	a.mu.Lock()
	if a.outstanding == 0 {
		a.mu.Unlock()
		return
	}
	if a.idle == nil {
		a.idle = make(chan struct{})
	}
	idle := a.idle
	a.mu.Unlock()
	select {
	case <-idle:
	case <-a.output.gone():
	case <-enough:
	}
}
