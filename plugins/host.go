package plugins

import (
	"context"
	"errors"
	"log/slog"
	"time"

	"github.com/astproxy/astproxy/access"
	"github.com/astproxy/astproxy/ami"
)

// Host is what a plugin acts by. Its methods may be called by any goroutine from the beginning of Run to its end.
type Host interface {
	// Log is for the plugin; it has its name.
	Log() *slog.Logger
	// Clock tells the time, and of time that has passed.
	Clock() Clock
	// Servers are those configured, the first one first.
	Servers() []Server

	// Send sends one action to a server and waits for the whole answer: a response, and its list. It is
	// run as the proxy itself and judged by nobody: what a user may is asked of Caller.User.Judge before. An
	// error of Asterisk's is no error: look at the response. The error is one of ErrDown, ErrNotSent,
	// ErrOutcomeUnknown and ErrTimeout, wrapped, or ctx's. Actions of several Sends at once overtake each other. An
	// Originate needs Async: true. An event that Asterisk has sent before the response may be heard behind it.
	Send(ctx context.Context, server string, action ami.Message) (Reply, error)

	// Follow hears what happens to one call: events of which a Uniqueid (Uniqueid, DestUniqueid, and so
	// on) is this one, and what Event tells besides. It begins with what comes after Follow is called, so call it before
	// the action that makes the call. End it by Close; with the plugin it ends by itself.
	Follow(server, uniqueid string) Following
	// Channels knows the calls of a server, by the tracker that all share. There is always one; of a server that is not
	// there it knows nothing.
	Channels(server string) Channels

	// Judge decides whether somebody may send an action of Asterisk's, of these classes, to by.Server. It is Caller.User.Judge by
	// what is known of the server's channels: of a user of a tenant, and of one with a channel filter, it tells which are
	// his. The dialplan may do everything.
	Judge(by Caller, class ami.Class, action ami.Message) access.Decision

	// Run has an action of another plugin done for somebody, as if he had asked for it himself: judged by his rights and
	// checked like any. It returns what that plugin answers; a Job of it is his as well. An error of it is an *Error. Wait
	// and Server in the action mean nothing: it is about by.Server.
	Run(ctx context.Context, by Caller, action ami.Message) (Answer, error)

	// Emit tells everybody who may see events of the class, and of the tenant if one is given. Server is
	// the one it is about, or "". Privilege and Server are added. If it names channels of the server, it is seen by those
	// alone who see these.
	Emit(server string, class ami.Class, tenant string, event *ami.Builder)

	// NewJob begins work that goes on behind an answer: run, on a goroutine of its own. Its end is when
	// run returns. by is who may look at it and cancel it, besides administrators. action is one of the plugin's own. The
	// error is an *Error: by has as many as he may, or the plugin ends.
	NewJob(action string, by Caller, run func(ctx context.Context, j Job) error) (Job, error)
}

// Server is an Asterisk.
type Server struct {
	Name string
	Up   bool
}

// Reply is the answer to an action.
type Reply struct {
	Response ami.Message
	Items    []ami.Message // of its list, with the event that completes it
}

// OK tells whether Asterisk has done it.
func (r Reply) OK() bool { return r.Response.Response() == "Success" }

// Why an action has no answer.
var (
	ErrDown           = errors.New("the server is not connected")
	ErrNotSent        = errors.New("the server was lost before the action was sent")
	ErrOutcomeUnknown = errors.New("the server was lost before it answered")
	ErrTimeout        = errors.New("the server did not answer in time")
)

// Following is a call that is followed.
type Following interface {
	// Events is closed by Close. One that is not received in time is dropped, and Missed comes in its place.
	Events() <-chan Event
	// Close ends it. It may be called more than once.
	Close()
}

// Channels is what is known of a server's channels, in the order of its events. What is asked of it is as of the latest
// event; a call that began before the server was connected may be unknown for a moment.
type Channels interface {
	// Channel finds one by its name or Uniqueid.
	Channel(nameOrUniqueid string) (Channel, bool)
	// Bridged are the others in the bridge that a channel is in, by its name or Uniqueid; Local channels' other
	// halves are looked through.
	Bridged(nameOrUniqueid string) []Channel
}

// Channel is a channel of a server.
type Channel struct {
	Name, Uniqueid, Linkedid string
	Context, AccountCode     string
	CallerIDNum              string
	Bridge                   string // the BridgeUniqueid of where it is; "": nowhere
}

// Job is work that goes on. Its events are JobProgress and JobComplete, of the class of its action, with its JobID.
type Job interface {
	// ID is the JobID: not to be guessed.
	ID() string
	// Tell tells of progress: the fields are shown by GET /api/v1/jobs/{id}, the latest ones, and go to who
	// follows the job.
	Tell(progress *ami.Builder)
	// Done is closed at its end.
	Done() <-chan struct{}
	// Result is what the answer has that has waited for it (Wait: yes). Call SetResult before the end.
	SetResult(result *ami.Builder)
	// Cancel ends run's ctx.
	Cancel()
}

// Clock is time, which tests may stop.
type Clock interface {
	Now() time.Time
	// AfterFunc calls f on a goroutine of its own when d has passed; stop tells whether that was prevented.
	AfterFunc(d time.Duration, f func()) (stop func() bool)
}
