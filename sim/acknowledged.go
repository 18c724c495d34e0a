package sim

import (
	"github.com/astproxy/astproxy/ami"
)

// acknowledged are actions whose success nobody can see but in the answer. Without what they need they are answered
// as recorded.
var acknowledged = map[string]struct {
	needs         []string
	noSuchChannel string // the answer when the header Channel names none; "" where it may
	message       string // of the success; "" for a response without one
}{
	"PlayDTMF":          {[]string{"Channel", "Digit"}, "Channel not found", "DTMF successfully queued"},
	"SendText":          {[]string{"Channel", "Message"}, "No such channel", "Success"},
	"MuteAudio":         {[]string{"Channel", "Direction", "State"}, "No such channel", ""},
	"MixMonitor":        {[]string{"Channel", "File"}, "No such channel", ""},
	"StopMixMonitor":    {[]string{"Channel"}, "No such channel", ""},
	"LocalOptimizeAway": {[]string{"Channel"}, "Channel does not exist.", "Queued channel to be optimized away"},
	"MessageSend":       {[]string{"To", "Body"}, "", "Message successfully sent"},
	"QueueLog":          {[]string{"Queue", "Event"}, "", "Event added successfully"},
}

func init() {
	for name, answer := range acknowledged {
		simulates(map[string]func(*session, ami.Message) bool{name: func(c *session, m ami.Message) bool {
			for _, header := range answer.needs {
				if m.Get(header) == "" {
					return c.replay(name, m)
				}
			}
			known := true
			p := c.server.pbx
			p.do(func() { known = p.find(m.Get("Channel")) != nil })
			switch {
			case answer.noSuchChannel != "" && !known:
				return c.fail(m, answer.noSuchChannel)
			case answer.message == "":
				return c.send(success(m))
			}
			return c.ack(m, answer.message)
		}})
	}
}
