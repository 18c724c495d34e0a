package hotdesk

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/astproxy/astproxy/ami"
	"github.com/astproxy/astproxy/plugins"
)

// step is one thing done to an Asterisk. It may be done again without harm.
type step struct {
	server string
	text   string // what it does, for the log
	action ami.Message
	// settled are the beginnings of refusals that mean that it has been done already.
	settled []string
	// releases tells that it takes something away, for which nobody waits for an Asterisk that is gone: whatever it has
	// is put right when it comes back.
	releases bool
	// recheck tells that what is there already may not be as it should.
	recheck bool
}

// sendTimeout is how long a step may take: one that takes longer has failed.
const sendTimeout = 10 * time.Second

// CodeUnknownQueue and so on are the codes of what goes wrong.
const (
	codeUnknownQueue  = "unknown_queue"
	codeUnknownDevice = "unknown_device"
	codeRefused       = "login_refused"
	codeLocked        = "locked_out"
	codeDisabled      = "user_disabled"
	codeElsewhere     = "logged_in_elsewhere"
	codeTaken         = "device_taken"
	codeNotLoggedIn   = "not_logged_in"
	codeInCall        = "in_call"
	codeStore         = "store_failed"
)

// do does a step. The error is a plugins.Error where it tells who asked something.
func (p *plugin) do(ctx context.Context, s step) error {
	_, err := p.try(ctx, s)
	return err
}

// try is do that tells whether it had been done already.
func (p *plugin) try(ctx context.Context, s step) (settled bool, err error) {
	ctx, cancel := context.WithTimeout(ctx, sendTimeout)
	defer cancel()
	reply, err := p.host.Send(ctx, s.server, s.action)
	if err != nil {
		return false, fmt.Errorf("%s: %w", s.text, err)
	}
	if reply.OK() {
		return false, nil
	}
	message := reply.Response.Get("Message")
	for _, begin := range s.settled {
		if strings.HasPrefix(message, begin) {
			return true, nil
		}
	}
	if strings.HasSuffix(message, "No such queue") {
		return false, plugins.Refuse(codeUnknownQueue, "There is no queue %s", s.action.Get("Queue"))
	}
	return false, plugins.Refuse(plugins.CodeFailed, "Asterisk has refused to %s: %s", s.text, message)
}

// isGone tells whether an error is that the server cannot be asked.
func isGone(err error) bool {
	return errors.Is(err, plugins.ErrDown) || errors.Is(err, plugins.ErrNotSent) || errors.Is(err, plugins.ErrOutcomeUnknown) ||
		errors.Is(err, plugins.ErrTimeout) || errors.Is(err, context.DeadlineExceeded)
}

// databasePath makes family and key of a path.
func databaseAction(name, path string) *ami.Builder {
	family, key, _ := strings.Cut(path, "/")
	return ami.NewAction(name).Add("Family", family).Add("Key", key)
}

func putEntry(server, path, value string) step {
	return step{server: server, text: "put AstDB's " + path, action: databaseAction("DBPut", path).Add("Val", value).Message()}
}

func deleteEntry(server, path string) step {
	if instead := noUser(path); instead != "" {
		s := putEntry(server, path, instead)
		s.releases = true
		return s
	}
	return step{
		server: server, text: "delete AstDB's " + path, action: databaseAction("DBDel", path).Message(), releases: true,
		settled: []string{"Database entry not found", "Database entry could not be deleted"},
	}
}

func (c *Config) join(server string, at seat, m member) step {
	b := ami.NewAction("QueueAdd").Add("Queue", at.queue).Add("Interface", c.interfaceName(at.extension)).
		Add("Penalty", strconv.Itoa(m.penalty)).AddNonEmpty("MemberName", m.name).
		Add("StateInterface", c.lampOf(at.extension))
	if m.paused {
		b.Add("Paused", "true").AddNonEmpty("Reason", m.reason)
	}
	return step{
		server: server, text: "add " + at.extension + " to queue " + at.queue, action: b.Message(),
		settled: []string{"Unable to add interface: Already there"}, recheck: true,
	}
}

func (c *Config) leave(server string, at seat) step {
	return step{
		server: server, text: "remove " + at.extension + " from queue " + at.queue, releases: true,
		action: ami.NewAction("QueueRemove").Add("Queue", at.queue).Add("Interface", c.interfaceName(at.extension)).Message(),
		settled: []string{
			"Unable to remove interface: Not there", "Unable to remove interface from queue: No such queue",
		},
	}
}

func (c *Config) pause(server string, at seat, m member) step {
	return step{
		server: server, text: "pause or unpause " + at.extension + " in queue " + at.queue,
		action: ami.NewAction("QueuePause").Add("Queue", at.queue).Add("Interface", c.interfaceName(at.extension)).
			Add("Paused", strconv.FormatBool(m.paused)).AddNonEmpty("Reason", m.reason).Message(),
		settled: []string{"Interface not found"}, // the next sync adds it
	}
}

func (c *Config) light(server, extension, state string) step {
	return step{
		server: server, text: "set the lamp of " + extension,
		action: ami.NewAction("Setvar").Add("Variable", "DEVICE_STATE("+c.lampOf(extension)+")").Add("Value", state).Message(),
	}
}
