package soak_test

import (
	"fmt"
	"strconv"
	"strings"
)

// steps is how many numbered steps a call of the caller takes.
const steps = 8

// callPrefix begins the Uniqueids of the caller's channels: soak-NUMBER-1 and -2.
const callPrefix = "soak-"

// endedKept is how many channels that have ended a client remembers, to know one that ends twice.
const endedKept = 256

// calls judges the events of the caller's channels as a client gets them.
type calls struct {
	told *told

	live  map[string]int // the latest step of each channel whose beginning has come
	since int            // of calls with a higher number the beginning must have come
	ended []string       // a ring
	at    int
}

// begin is for who has just been let in, or has lost something.
func (c *calls) begin() {
	c.live, c.since = map[string]int{}, c.told.now().calls
}

// ofLife are the events that Asterisk tells in the order of a channel's life. Call records and others come by ways of
// their own.
var ofLife = map[string]bool{"Newchannel": true, "Newstate": true, "Newexten": true, "VarSet": true, "Hangup": true}

// take is an event, of whatever channel.
func (c *calls) take(event string, m message) error {
	if !ofLife[event] {
		return nil
	}
	id := m.Get("Uniqueid")
	number, ours := strings.CutPrefix(id, callPrefix)
	if !ours {
		return nil
	}
	number, _, _ = strings.Cut(number, "-")
	call, err := strconv.Atoi(number)
	if err != nil {
		return fmt.Errorf("there is a channel %q", id)
	}
	step, known := c.live[id]
	for _, ended := range c.ended {
		if ended == id {
			return fmt.Errorf("channel %s has an event %s behind its Hangup", id, event)
		}
	}
	if event == "Newchannel" {
		c.live[id] = 0
		if known {
			return fmt.Errorf("channel %s has a second Newchannel", id)
		}
		return nil
	}
	if !known {
		if call > c.since {
			return fmt.Errorf("channel %s has an event %s, and its Newchannel is missing", id, event)
		}
		return nil
	}
	switch {
	case event == "Hangup":
		delete(c.live, id)
		c.remember(id)
		if strings.HasSuffix(id, "-2") && step != steps && !c.told.interrupted(call) {
			return fmt.Errorf("channel %s has its Hangup behind step %d of %d", id, step, steps)
		}
	case event == "VarSet" && m.Get("Variable") == "STEP":
		c.live[id] = step + 1
		if m.Get("Value") != strconv.Itoa(step+1) {
			return fmt.Errorf("channel %s takes step %s behind step %d", id, m.Get("Value"), step)
		}
	}
	return nil
}

func (c *calls) remember(id string) {
	if len(c.ended) < endedKept {
		c.ended = append(c.ended, id)
		return
	}
	c.ended[c.at] = id
	c.at = (c.at + 1) % endedKept
}

// left is a channel that has not ended; "" is none.
func (c *calls) left() string {
	for id := range c.live {
		return id
	}
	return ""
}
