package groupcall

import (
	"strconv"
	"time"

	"github.com/astproxy/astproxy/ami"
	"github.com/astproxy/astproxy/plugins/groupcall/legs"
)

// progressEvery is the least time between two of a job's JobProgress: a large group changes hundreds of times a second.
const progressEvery = 250 * time.Millisecond

// headerOf are the headers that count legs.
var headerOf = map[legs.State]string{
	legs.Queued: "Queued", legs.Dialing: "Dialing", legs.Ringing: "Ringing", legs.Answered: "Answered", legs.Joined: "Joined", legs.Busy: "Busy",
	legs.NoAnswer: "NoAnswer", legs.Congestion: "Congestion", legs.Failed: "Failed", legs.Cancelled: "Cancelled", legs.Left: "Left",
	legs.Unknown: "Unknown",
}

func itoa(n int) string { return strconv.Itoa(n) }

func milliseconds(d time.Duration) string { return strconv.FormatInt(d.Milliseconds(), 10) }

// event begins an event about the call.
func (c *call) event(name string) *ami.Builder {
	return ami.NewEvent(name).Add("JobID", c.job.ID()).AddNonEmpty("Group", c.request.group).AddNonEmpty("Conference", c.request.conference)
}

// describe adds a leg.
func describe(b *ami.Builder, l legs.Leg) *ami.Builder {
	b.Add("Leg", itoa(l.Index+1)).Add("Destination", l.Number).AddNonEmpty("Name", l.Name).Add("State", l.State.String()).
		AddNonEmpty("Reason", l.Reason)
	if l.Cause != 0 {
		b.Add("Cause", itoa(l.Cause))
	}
	return b.Add("Attempt", itoa(l.Attempt)).AddNonEmpty("Uniqueid", l.Uniqueid).AddNonEmpty("Channel", l.ChannelName)
}

// tellLeg is the event GroupLeg.
func (c *call) tellLeg(l legs.Leg) {
	elapsed := c.legs.Elapsed(c.plugin.host.Clock().Now())
	c.plugin.host.Emit(c.server, ami.ClassCall, c.by.Tenant(), describe(c.event("GroupLeg"), l).Add("Elapsed", milliseconds(elapsed)))
}

// settle is the end of the gathering: the event GroupComplete, and the job's result.
func (c *call) settle() {
	if c.isSettled() {
		return
	}
	result := c.result()
	complete := c.event("GroupComplete")
	for name, value := range result.Message().All() {
		complete.Add(name, value)
	}
	c.plugin.host.Emit(c.server, ami.ClassCall, c.by.Tenant(), complete)
	c.job.SetResult(result)
	close(c.settled)
}

// result is what came of it.
func (c *call) result() *ami.Builder {
	t := c.legs.Totals()
	count := 0
	for _, n := range t {
		count += n
	}
	b := totals(new(ami.Builder).Add("Total", itoa(count)), t)
	if w := c.legs.Winner(); w != nil {
		b.Add("Winner", w.Number).Add("WinnerUniqueid", w.Uniqueid)
	}
	return b.Add("Elapsed", milliseconds(c.legs.Elapsed(c.plugin.host.Clock().Now())))
}

// tellProgress is the job's JobProgress, now or soon.
func (c *call) tellProgress() {
	c.told = true
	if c.progress {
		return
	}
	c.progress = true
	c.plugin.host.Clock().AfterFunc(progressEvery, func() {
		c.inbox.put(func(*legs.Call, time.Time) []legs.Effect {
			c.progress = false
			if c.told && !c.isSettled() {
				c.told = false
				c.job.Tell(c.result())
			}
			return nil
		})
	})
}

func (c *call) isSettled() bool {
	select {
	case <-c.settled:
		return true
	default:
		return false
	}
}
