package plugins

import (
	"context"

	"github.com/astproxy/astproxy/access"
	"github.com/astproxy/astproxy/ami"
)

// Action is an action that a plugin adds to Asterisk's own. It is asked for by every door in the same way, and
// described by what is said here: in ListCommands, in the OpenAPI document, in `astproxy explain`.
type Action struct {
	Name    string    // "GroupOriginate"
	Class   ami.Class // of these a user needs one, as for Asterisk's own actions
	Summary string    // one line, as ListCommands has it
	Headers []Header  // those it knows; any other is refused, and so is one that comes twice and may not
	// FromDialplan lets the dialplan ask for it, by UserEvent(Astproxy,Do: NAME,...).
	FromDialplan bool
	// Run does it, on a goroutine of its own, any number of which there may be. The headers were checked. ctx ends when the
	// plugin has to stop; whoever asked may have gone before.
	Run func(ctx context.Context, by Caller, m ami.Message) (Answer, error)
}

// Header is a header of an Action.
type Header struct {
	Name        string
	Description string
	Required    bool
	Repeated    bool
}

// Caller is who asks.
type Caller struct {
	// User has the rights that what is done for him is judged by. It is nil for the dialplan, which may
	// do what it likes anyway.
	User   *access.User
	Remote string // his address, for the log; the channel's name for the dialplan
	// Server is the one that is meant: the header Server's, the user's, or the first one; the channel's for the dialplan.
	Server string
	// Channel is that of the dialplan that asks, as its UserEvent tells it: Channel, Uniqueid, Linkedid, Context,
	// Exten, CallerIDNum and so on. Zero for others.
	Channel ami.Message
}

// Tenant is the name of the tenant whose user it is; "" is of none. It is for Host.Emit.
func (c Caller) Tenant() string {
	if c.User == nil {
		return ""
	}
	return c.User.Tenant()
}

// Rewritten is an action as it is to be judged for whoever asks, and sent: an Originate has his account, and its Local channel
// his context, where his configuration says so.
func (c Caller) Rewritten(action ami.Message) ami.Message {
	if c.User == nil {
		return action
	}
	return c.User.Rewrite(action.Action(), action)
}

// Answer is what is answered: a response, whose Response and ActionID are the host's to add, and what
// follows it.
type Answer struct {
	Response *ami.Builder // its headers; nil: none besides
	// List are events that follow as items. Where it is not nil, the response tells EventList: start, and Complete
	// is the name of the event behind them, which gets EventList: Complete and ListItems.
	List     []ami.Message
	Complete string
	// Job, if there is one, is work that goes on. The response gets its JobID; with Wait: yes it waits
	// for its end, and has its result.
	Job Job
}
