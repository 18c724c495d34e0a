package sim

import "strconv"

// originate places the call of an Originate; ended is called once, with the channel that answered or nil.
func (p *pbx) originate(o originate, ended func(reason, *channel)) {
	p.calls.processed++
	call := o.outgoing
	call.ringTime = p.config.RingTime
	call.answered = func(c *channel) {
		// Told only behind the answer: the dialplan has not begun yet.
		c.threaded = o.application == ""
		ended(reasonAnswered, c)
	}
	call.connected = func(c *channel) { p.connect(c, o) }
	call.failed = func(why reason) { ended(why, nil) }
	p.place(&call)
}

// connect gives an answered channel what the Originate wants it to have.
func (p *pbx) connect(c *channel, o originate) {
	if o.application != "" {
		c.application, c.data = o.application, o.data
		p.apply(c, o.application, o.data, func() { p.hangup(c) })
		return
	}
	c.context, c.exten, c.priority = o.context, o.exten, max(o.priority, 1)
	p.execute(c)
}

// originateResponse tells all how an asynchronous Originate ended. A synchronous one has none.
func (p *pbx) originateResponse(actionID string, o originate, why reason, c *channel) {
	b := begin("OriginateResponse", "call").AddNonEmpty("ActionID", actionID)
	response, name, uniqueid := "Failure", o.technology+"/"+o.number, o.channelID
	if c != nil {
		response, name, uniqueid = "Success", c.name, c.uniqueid
	}
	b.Add("Response", response).Add("Channel", name)
	if o.application != "" {
		b.Add("Application", o.application).Add("Data", o.data)
	} else {
		b.Add("Context", o.context).Add("Exten", o.exten)
	}
	b.Add("Reason", strconv.Itoa(int(why)))
	b.Add("Uniqueid", orUnknown(uniqueid)).
		Add("CallerIDNum", orUnknown(o.caller.number)).
		Add("CallerIDName", orUnknown(o.caller.name))
	p.send(b)
}
