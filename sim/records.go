package sim

import (
	"fmt"
	"time"
)

const recordTime = "2006-01-02 15:04:05"

// cel sends a channel event log record (cel_manager.c); more is Peer and Extra.
func (p *pbx) cel(name string, c *channel, more ...string) {
	application, data := c.application, c.data
	switch name {
	case "HANGUP", "CHAN_END", "LINKEDID_END":
		application, data = "", ""
		if c.calledWith != "" {
			application, data = c.calledWith, outgoingData
		}
	}
	var peer, extra, ani string
	if len(more) == 2 {
		peer, extra = more[0], more[1]
	}
	if c.calledWith != "" && name != "CHAN_START" {
		ani = c.caller.number
	}
	p.tell("CEL", "call", nil,
		"EventName", name,
		"AccountCode", c.account,
		"CallerIDnum", c.caller.number,
		"CallerIDname", c.caller.name,
		"CallerIDani", ani,
		"CallerIDrdnis", "",
		"CallerIDdnid", "",
		"Exten", c.exten,
		"Context", c.context,
		"Channel", c.name,
		"Application", application,
		"AppData", data,
		"EventTime", time.Now().UTC().Format(recordTime),
		"AMAFlags", "DOCUMENTATION",
		"UniqueID", c.uniqueid,
		"LinkedID", c.linkedid,
		"Userfield", "",
		"Peer", peer,
		"PeerAccount", c.account,
		"Extra", extra)
}

// celHangup sends the records of a channel's end.
func (p *pbx) celHangup(c *channel) {
	p.cel("HANGUP", c, "", fmt.Sprintf(`{"hangupcause":%d,"hangupsource":%q,"dialstatus":""}`, c.cause, c.hangupSource))
	p.cel("CHAN_END", c)
	if !p.linked(c.linkedid) {
		p.cel("LINKEDID_END", c)
	}
}

// cdr sends the call detail record of a channel that was answered (cdr_manager.c); the channels that a Dial or
// Queue called are in that of their caller. Calls without an answer have none, as unanswered=no is
// Asterisk's default.
func (p *pbx) cdr(c *channel) {
	if c.answered.IsZero() || c.calledWith == dialApplication || c.calledWith == queueApplication {
		return
	}
	now := time.Now()
	seconds := func(since time.Time) string { return fmt.Sprint(int(now.Sub(since).Seconds())) }
	at := func(t time.Time) string { return t.UTC().Format(recordTime) }
	p.tell("Cdr", "cdr", nil,
		"AccountCode", c.account,
		"Source", c.caller.number,
		"Destination", c.exten,
		"DestinationContext", c.context,
		"CallerID", fmt.Sprintf("%q <%s>", c.caller.name, c.caller.number),
		"Channel", c.name,
		"DestinationChannel", c.bridgedTo,
		"LastApplication", c.application,
		"LastData", c.data,
		"StartTime", at(c.created),
		"AnswerTime", at(c.answered),
		"EndTime", at(now),
		"Duration", seconds(c.created),
		"BillableSeconds", seconds(c.answered),
		"Disposition", "ANSWERED",
		"AMAFlags", "DOCUMENTATION",
		"UniqueID", c.uniqueid,
		"UserField", "")
}
