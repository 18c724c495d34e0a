package proxy

import (
	"context"
	"fmt"
	"strings"
	"sync"
	"time"

	"github.com/astproxy/astproxy/access"
	"github.com/astproxy/astproxy/ami"
	"github.com/astproxy/astproxy/upstream"
)

const (
	// originateGrace is how long after its Timeout an Originate's outcome may still come.
	originateGrace = 10 * time.Second
	// defaultOriginateTimeout is Asterisk's, in milliseconds (manager.c, action_originate).
	defaultOriginateTimeout = 30000
	// unlimitedOriginate stands for the Timeout 0, which sets no bound to ringing.
	unlimitedOriginate = 7 * 24 * time.Hour
	// maxUniqueid is how long a ChannelId may be (AST_MAX_PUBLIC_UNIQUEID).
	maxUniqueid = 149
)

// originate runs a synchronous Originate so that it holds nobody: Asterisk gets it with
// Async: true, and the client is answered when its OriginateResponse comes, in the words Asterisk has
// for the synchronous form.
func (a *asker) originate(ctx context.Context, s *server, m ami.Message) {
	user := a.user.Load()
	blocking := s.blind.Load() // its outcome could not be heard
	if m.Get("PreDialGoSub") != "" {
		if !user.AllowBlocking() {
			a.fail(m, PermissionDenied, "PreDialGoSub works only in an Originate that holds everybody's actions while it rings: set allow_blocking for this user, or send Async: true, with which Asterisk ignores it")
			return
		}
		blocking = true
	}
	if blocking {
		a.request(ctx, s, upstream.Request{Action: m, Without: withoutOwn, Timeout: originateWait(m)}, a.newReply(s, m))
		return
	}
	if refusal := refusedWhenSynchronous(m); refusal != "" {
		a.send(asteriskError(m.ActionID(), refusal), s.name)
		return
	}
	if !a.proxy.originates.begin(user) {
		a.fail(m, TooMany, fmt.Sprintf("Too many Originates at once: %d are allowed", user.MaxOriginates()))
		return
	}
	receiver := a.newReply(s, m)
	receiver.convert = originateAnswer
	a.originates.Add(1)
	receiver.atEnd = func() {
		if a.originates.Add(-1) >= 0 { // else forgetOriginates has been
			a.proxy.originates.end(user, 1)
		}
	}
	a.request(ctx, s, upstream.Request{
		Action:    m.Adding("Async", "true"),
		Without:   withoutOwn,
		Originate: originateWait(m),
	}, receiver)
}

// originates counts the synchronous ones that each user has waiting, over all his connections.
type originates struct {
	mu    sync.Mutex
	count map[string]int // by the user's name
}

// begin counts one more, unless the user has as many as he may.
func (o *originates) begin(user *access.User) bool {
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.count[user.Name()] >= user.MaxOriginates() {
		return false
	}
	if o.count == nil {
		o.count = map[string]int{}
	}
	o.count[user.Name()]++
	return true
}

func (o *originates) end(user *access.User, n int) {
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.count[user.Name()] -= n; o.count[user.Name()] == 0 {
		delete(o.count, user.Name())
	}
}

// forgetOriginates is for an asker who has gone: his answers come to nobody, and count no more. No
// further one begins.
func (a *asker) forgetOriginates() {
	if n := a.originates.Swap(0); n > 0 {
		a.proxy.originates.end(a.user.Load(), int(n))
	}
}

// originateAnswer makes of an asynchronous Originate's replies the one of a synchronous one.
func originateAnswer(r upstream.Reply) (ami.Message, bool) {
	switch {
	case r.Message.IsResponse():
		return r.Message, r.Last // an error is the answer; success means only that it has begun
	case strings.EqualFold(r.Message.Get("Response"), "Success"):
		return ami.NewResponse("Success", "token").Add("Message", "Originate successfully queued").Message(), true
	}
	return ami.NewError("token", "Originate failed"), true
}

// originateWait is how long to wait for the outcome.
func originateWait(m ami.Message) time.Duration {
	milliseconds := defaultOriginateTimeout
	if text := m.Get("Timeout"); text != "" {
		milliseconds, _ = scanInt(text)
	}
	if milliseconds <= 0 {
		return unlimitedOriginate
	}
	return min(time.Duration(milliseconds)*time.Millisecond, unlimitedOriginate) + originateGrace
}

// asteriskError is ami.NewError in a server's stead: where Asterisk's text has a line end of its own, the
// line has no other.
func asteriskError(actionID, text string) ami.Message {
	message, cut := strings.CutSuffix(text, "\n")
	m := ami.NewError(actionID, message)
	if !cut {
		return m
	}
	return m.Replacing(m.Index("Message"), "Message: "+text)
}

// refusedWhenSynchronous is what Asterisk says to a synchronous Originate that it would run as an
// asynchronous one: without Application it needs a Priority. What it checks before that comes first,
// in its order (manager.c, action_originate). "" is no refusal.
func refusedWhenSynchronous(m ami.Message) string {
	if m.Get("Application") != "" {
		return ""
	}
	if text := m.Get("Priority"); text != "" {
		if priority, isNumber := scanInt(text); !isNumber || priority != 0 {
			return "" // Asterisk refuses both forms alike, or neither
		}
	}
	if len(m.Get("ChannelId")) > maxUniqueid || len(m.Get("OtherChannelId")) > maxUniqueid {
		return fmt.Sprintf("Uniqueid length exceeds maximum of %d\n", maxUniqueid)
	}
	channel := m.Get("Channel")
	if channel == "" {
		return "Channel not specified"
	}
	if text := m.Get("Timeout"); text != "" {
		if _, isNumber := scanInt(text); !isNumber {
			return "Invalid timeout"
		}
	}
	if !strings.Contains(channel, "/") {
		return "Invalid channel"
	}
	return "Originate with 'Exten' requires 'Context' and 'Priority'"
}

// scanInt reads a number as C's sscanf("%30d") does: what follows it does not matter.
func scanInt(text string) (n int, ok bool) {
	text = strings.TrimLeft(text, " \t\n\v\f\r")
	negative := false
	if text != "" && (text[0] == '-' || text[0] == '+') {
		negative = text[0] == '-'
		text = text[1:]
	}
	for _, digit := range []byte(text) {
		if digit < '0' || digit > '9' {
			break
		}
		ok = true
		n = min(n*10+int(digit-'0'), 1<<31-1)
	}
	if negative {
		n = -n
	}
	return n, ok
}
