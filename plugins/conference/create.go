package conference

import (
	"context"

	"github.com/astproxy/astproxy/ami"
	"github.com/astproxy/astproxy/plugins"
)

// create is ConferenceCreate.
func (p *Plugin) create(ctx context.Context, by plugins.Caller, m ami.Message) (plugins.Answer, error) {
	initiator, peers, err := p.parties(by, m)
	if err != nil {
		return plugins.Answer{}, err
	}
	return p.enter(ctx, by, m, initiator, peers)
}

// join is ConferenceJoin.
func (p *Plugin) join(ctx context.Context, by plugins.Caller, m ami.Message) (plugins.Answer, error) {
	who, err := p.channel(by, m.Get("Channel"))
	if err == nil {
		err = p.outside(by.Server, who)
	}
	if err != nil {
		return plugins.Answer{}, err
	}
	return p.enter(ctx, by, m, who, nil)
}

// parties are who is in the call.
func (p *Plugin) parties(by plugins.Caller, m ami.Message) (initiator plugins.Channel, peers []plugins.Channel, err error) {
	if initiator, err = p.channel(by, m.Get("Channel")); err != nil {
		return
	}
	if err = p.outside(by.Server, initiator); err != nil {
		return
	}
	for name := range m.Values("Peer") {
		if name == "" {
			continue
		}
		peer, err := p.channel(by, name)
		if err == nil {
			err = p.outside(by.Server, peer)
		}
		if err != nil {
			return initiator, nil, err
		}
		peers = append(peers, peer)
	}
	if len(peers) == 0 {
		peers = p.host.Channels(by.Server).Bridged(initiator.Uniqueid)
	}
	peers = others(initiator, peers)
	if len(peers) == 0 {
		err = plugins.Refuse(CodeNoPeer, "%s is in no call", initiator.Name)
	}
	return
}

// others are peers once each, without the initiator.
func others(initiator plugins.Channel, peers []plugins.Channel) []plugins.Channel {
	seen := map[string]bool{initiator.Uniqueid: true}
	var once []plugins.Channel
	for _, peer := range peers {
		if !seen[peer.Uniqueid] {
			seen[peer.Uniqueid] = true
			once = append(once, peer)
		}
	}
	return once
}

// enter takes the initiator, and his peers if there are any, into a room. It answers when Asterisk is about to be told.
func (p *Plugin) enter(ctx context.Context, by plugins.Caller, m ami.Message, initiator plugins.Channel, peers []plugins.Channel) (plugins.Answer, error) {
	c, err := p.claim(ctx, by, m, known(initiator.CallerIDNum))
	if err != nil {
		return plugins.Answer{}, err
	}
	v := p.beginMove(by, newTransfer(c, entry(m), initiator, peers, ami.IsTrue(m.Get("Recall"))))
	answer, err := p.startMove(by, m, c, v)
	if err != nil {
		v.close()
		c.release()
	}
	return answer, err
}

// newTransfer is one of which the initiator is what the action says he is, and the others nothing: but muted, if that is
// said of a call, which is of no use to who has asked.
func newTransfer(c *claim, options Options, initiator plugins.Channel, peers []plugins.Channel, recall bool) *Transfer {
	t := &Transfer{Room: c.key.name, Alone: recall || len(peers) == 0}
	mine, theirs := options, Options{PIN: c.pin}
	mine.PIN = c.pin
	if len(peers) > 0 {
		mine.StartMuted, theirs.StartMuted = false, options.StartMuted
	}
	t.Parties = append(t.Parties, newParty(initiator, mine))
	for _, peer := range peers {
		t.Parties = append(t.Parties, newParty(peer, theirs))
	}
	return t
}

func newParty(c plugins.Channel, o Options) *Party {
	return &Party{
		Channel: c.Name, Uniqueid: c.Uniqueid, Number: known(c.CallerIDNum), Context: c.Context, Options: o, State: PartyReady,
	}
}

// startMove judges a move and begins the job that does it. The claim and the move end with that.
func (p *Plugin) startMove(by plugins.Caller, m ami.Message, c *claim, v *move) (plugins.Answer, error) {
	if err := v.judge(); err != nil {
		return plugins.Answer{}, err
	}
	recall := ami.IsTrue(m.Get("Recall"))
	job, err := p.host.NewJob(m.Action(), by, func(ctx context.Context, j plugins.Job) error {
		defer c.release()
		defer v.close()
		v.jobID = j.ID()
		return p.doMove(ctx, j, v, recall)
	})
	if err != nil {
		return plugins.Answer{}, err
	}
	return plugins.Answer{Response: atOnce(m, c.key.name), Job: job}, nil
}

// atOnce is what is answered before the end: where it goes. Who waits is told with the result.
func atOnce(m ami.Message, room string) *ami.Builder {
	if ami.IsTrue(m.Get("Wait")) {
		return nil
	}
	return new(ami.Builder).Add("Conference", room)
}

// doMove is the job of a move.
func (p *Plugin) doMove(ctx context.Context, j plugins.Job, v *move, recall bool) error {
	err := v.send(ctx)
	if err == nil {
		v.await(ctx)
	}
	parties, result := v.parties()
	if err == nil && recall && result != Failed {
		parties, result = p.recall(ctx, v, parties)
	}
	j.SetResult(resultOf(v.transfer.Room, parties, result))
	if err == nil && result == Failed {
		err = plugins.Refuse(CodeNobodyJoined, "Nobody has joined conference %s", v.transfer.Room)
	}
	if err != nil {
		p.tellChannel(ctx, v.by, codeOf(err))
	}
	return err
}

// recall calls those back who were lost.
func (p *Plugin) recall(ctx context.Context, v *move, parties []Party) ([]Party, Result) {
	called := make([]*invitation, len(parties))
	for i, party := range parties {
		if party.State == PartyJoined {
			continue
		}
		inv, err := p.newInvitation(v.by, v.transfer.Room, party.Number, p.callable(party), party.Options)
		if err == nil {
			err = p.invite(ctx, inv, p.config.RingTime, "")
		}
		if err != nil {
			parties[i].Reason += "; not called back: " + err.Error()
			continue
		}
		called[i] = inv
	}
	result := Complete
	for i := range parties {
		if called[i] != nil {
			if state := p.awaitInvitation(ctx, called[i], p.config.RingTime, v.jobID); state == InviteJoined {
				parties[i].State, parties[i].Reason = PartyJoined, ""
			} else {
				parties[i].Reason += "; called back: " + string(state)
			}
		}
		if parties[i].State != PartyJoined {
			result = Partial
		}
	}
	return parties, result
}
