package conference

import (
	"context"
	"fmt"
	"slices"

	"github.com/astproxy/astproxy/ami"
	"github.com/astproxy/astproxy/plugins"
)

// callGroup is ConferenceCallGroup: whoever asks enters the room at once, and the plugin groupcall calls the group into it.
func (p *Plugin) callGroup(ctx context.Context, by plugins.Caller, m ami.Message) (plugins.Answer, error) {
	var initiator plugins.Channel
	var inside string // the conference he is in already
	if m.Get("Channel") != "" || own(by) != "" {
		var err error
		if initiator, err = p.channel(by, m.Get("Channel")); err != nil {
			return plugins.Answer{}, err
		}
		inside = p.insideOf(by.Server, initiator)
	}
	if _, err := timeout(m, p.config.RingTime); err != nil {
		return plugins.Answer{}, err
	}
	if inside != "" {
		if name := m.Get("Conference"); name != "" && name != inside {
			return plugins.Answer{}, plugins.Refuse(CodeInside, "%s is in conference %s", initiator.Name, inside)
		}
		m = m.Without(func(name string) bool { return is(name, "Conference") || is(name, "Existing") }).
			Adding("Conference", inside).Adding("Existing", existingJoin)
	}
	c, err := p.claim(ctx, by, m, known(initiator.CallerIDNum))
	if err != nil {
		return plugins.Answer{}, err
	}
	t := newTransfer(c, Options{}, initiator, nil, false)
	if initiator.Uniqueid == "" || inside != "" {
		t.Parties = nil // nobody has to enter
	}
	v := p.beginMove(by, t)
	answer, err := p.startGroup(by, m, c, v, initiator)
	if err != nil {
		v.close()
		c.release()
	}
	return answer, err
}

// insideOf is the conference that a channel is in, "" if none.
func (p *Plugin) insideOf(server string, who plugins.Channel) string {
	p.mu.Lock()
	defer p.mu.Unlock()
	if room, _ := p.of(server).Of(who.Uniqueid); room != nil {
		return room.Name
	}
	return ""
}

func (p *Plugin) startGroup(by plugins.Caller, m ami.Message, c *claim, v *move, initiator plugins.Channel) (plugins.Answer, error) {
	if err := v.judge(); err != nil {
		return plugins.Answer{}, err
	}
	call := p.groupOriginate(by, m, c.key.name, initiator)
	job, err := p.host.NewJob(m.Action(), by, func(ctx context.Context, j plugins.Job) error {
		defer c.release()
		defer v.close()
		v.jobID = j.ID()
		return p.doGroup(ctx, j, v, call)
	})
	if err != nil {
		return plugins.Answer{}, err
	}
	return plugins.Answer{Response: atOnce(m, c.key.name), Job: job}, nil
}

// groupOriginate is what groupcall is asked for. Nobody is called who is in the room.
func (p *Plugin) groupOriginate(by plugins.Caller, m ami.Message, room string, initiator plugins.Channel) ami.Message {
	b := ami.NewAction("GroupOriginate").AddNonEmpty("Server", by.Server).Add("Group", m.Get("Group")).Add("Conference", room).
		AddNonEmpty("Timeout", m.Get("Timeout"))
	callerID := m.Get("CallerID")
	if callerID == "" && numberText.MatchString(initiator.CallerIDNum) {
		callerID = initiator.CallerIDNum
	}
	b.AddNonEmpty("CallerID", callerID)
	exclude := []string{}
	if n := known(initiator.CallerIDNum); n != "" {
		exclude = append(exclude, n)
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	if r := p.of(by.Server).Room(room); r != nil {
		for _, who := range r.Participants() {
			if who.Number != "" && !slices.Contains(exclude, who.Number) {
				exclude = append(exclude, who.Number)
			}
		}
	}
	for _, number := range exclude {
		b.Add("Exclude", number)
	}
	return b.Message()
}

// doGroup is the job of ConferenceCallGroup: it is over when the group's is. The group is called first, which takes no
// longer than to find out who belongs to it: nobody is to sit in a conference because of a group that there is not.
func (p *Plugin) doGroup(ctx context.Context, j plugins.Job, v *move, call ami.Message) error {
	// The room ends when he leaves it before anybody has come.
	ended := false
	end := p.watch(v.by.Server, func(event ami.Message) bool {
		if event.Event() != "ConfbridgeEnd" || event.Get("Conference") != v.transfer.Room {
			return false
		}
		ended = true
		return true
	})
	defer p.unwatch(end)
	answer, err := p.host.Run(ctx, v.by, call)
	if err == nil && answer.Job == nil {
		err = plugins.Refuse(plugins.CodeFailed, "GroupOriginate began nothing")
	}
	if err != nil {
		p.tellChannel(ctx, v.by, codeOf(err))
		return err
	}
	if err := p.enterFirst(ctx, v); err != nil {
		answer.Job.Cancel()
		p.tellChannel(ctx, v.by, codeOf(err))
		return err
	}
	for {
		select {
		case <-answer.Job.Done():
			parties, _ := v.parties()
			j.SetResult(new(ami.Builder).Add("Conference", v.transfer.Room).Add("GroupJobID", answer.Job.ID()).
				Add("Initiator", stateOf(parties)))
			return nil
		case <-ctx.Done():
			answer.Job.Cancel()
			return ctx.Err()
		case <-end.signal:
			if p.lockedBool(&ended) {
				answer.Job.Cancel()
			}
		}
	}
}

// enterFirst has the initiator enter, if there is one who is not there.
func (p *Plugin) enterFirst(ctx context.Context, v *move) error {
	if len(v.transfer.Parties) == 0 {
		return nil
	}
	if err := v.send(ctx); err != nil {
		return err
	}
	v.await(ctx)
	if _, result := v.parties(); result == Failed {
		return plugins.Refuse(CodeNobodyJoined, "Who calls has not entered conference %s", v.transfer.Room)
	}
	return nil
}

// stateOf is what has become of the initiator.
func stateOf(parties []Party) string {
	if len(parties) == 0 {
		return "none"
	}
	return fmt.Sprint(parties[0].State)
}
