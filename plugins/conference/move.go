package conference

import (
	"context"
	"errors"
	"strconv"
	"sync"

	"github.com/astproxy/astproxy/ami"
	"github.com/astproxy/astproxy/plugins"
)

// move has a Transfer done.
type move struct {
	plugin   *Plugin
	by       plugins.Caller
	transfer *Transfer
	watch    *watch
	jobID    string
	changed  []Party // not told yet; guarded by Plugin.mu
}

// beginMove begins to hear what happens to the parties. End it by close.
func (p *Plugin) beginMove(by plugins.Caller, t *Transfer) *move {
	v := &move{plugin: p, by: by, transfer: t}
	v.watch = p.watch(by.Server, func(event ami.Message) bool {
		party := t.Hear(event)
		v.note(party)
		return party != nil
	})
	return v
}

func (v *move) close() { v.plugin.unwatch(v.watch) }

// note remembers what has become of parties, to be told. Plugin.mu is held.
func (v *move) note(parties ...*Party) {
	for _, party := range parties {
		if party != nil {
			v.changed = append(v.changed, *party)
		}
	}
}

// locked calls f with Plugin.mu held.
func (v *move) locked(f func()) {
	v.plugin.mu.Lock()
	defer v.plugin.mu.Unlock()
	f()
}

// tell tells of what has changed.
func (v *move) tell() {
	var changed []Party
	v.locked(func() { changed, v.changed = v.changed, nil })
	for _, party := range changed {
		v.plugin.emitParty(v.by, v.jobID, v.transfer.Room, party)
	}
}

// emitParty tells everybody of a party.
func (p *Plugin) emitParty(by plugins.Caller, jobID, room string, party Party) {
	p.emit(by, ami.NewEvent("ConferenceParty").Add("Conference", room).AddNonEmpty("JobID", jobID).
		Add("Channel", party.Channel).Add("Uniqueid", party.Uniqueid).Add("Number", party.Number).
		Add("State", string(party.State)).AddNonEmpty("Reason", party.Reason))
}

func (p *Plugin) emit(by plugins.Caller, event *ami.Builder) {
	p.host.Emit(by.Server, ami.ClassCall, by.Tenant(), event)
}

// actions are those that are needed for a party before it is redirected. They are judged with the channel's name, which
// rules are about, and sent with its Uniqueid, which stays.
func (party *Party) actions(room, channel string) []ami.Message {
	actions := []ami.Message{
		setvar(channel, variableRoom, room),
		setvar(channel, variableOptions, party.Options.text()),
	}
	if party.Options.PIN != "" {
		actions = append(actions, setvar(channel, variablePIN, party.Options.PIN))
	}
	return actions
}

// sent is the Redirect as Asterisk is asked for it.
func (r Redirect) sent(context string) ami.Message {
	return redirect(r, context, func(p *Party) string { return p.Uniqueid })
}

// judged is the Redirect as it is judged. The context is the plugin's own, and can be no tenant's: what his user needs is the
// channel, which is where it is, and the conference.
func (r Redirect) judged(context string, tenant bool) ami.Message {
	if tenant {
		context = r.First.Context
	}
	return redirect(r, context, func(p *Party) string { return p.Channel })
}

func redirect(r Redirect, context string, channel func(*Party) string) ami.Message {
	b := ami.NewAction("Redirect").Add("Channel", channel(r.First))
	if r.Second != nil {
		b.Add("ExtraChannel", channel(r.Second))
	}
	b.Add("Context", context).Add("Exten", joinExtension).Add("Priority", "1")
	if r.Second != nil {
		b.Add("ExtraContext", context).Add("ExtraExten", joinExtension).Add("ExtraPriority", "1")
	}
	return b.Message()
}

// judge refuses it before anything is done, if its user may not.
func (v *move) judge() error {
	for _, party := range v.transfer.Parties {
		for _, action := range party.actions(v.transfer.Room, party.Channel) {
			if err := v.plugin.judge(v.by, action); err != nil {
				return err
			}
		}
	}
	var next Redirect
	var is bool
	v.locked(func() { next, is = v.transfer.Next() })
	if !is {
		return nil
	}
	return v.judgeRedirect(next)
}

func (v *move) judgeRedirect(r Redirect) error {
	return v.plugin.judge(v.by, r.judged(v.plugin.config.Context, ofTenant(v.by)))
}

// send has Asterisk told of everybody. The error is why nobody was redirected at all.
func (v *move) send(ctx context.Context) error {
	if err := v.plugin.prepareDialplan(ctx, v.by.Server); err != nil {
		return err
	}
	if err := v.prepare(ctx); err != nil {
		return err
	}
	for sent := false; ; sent = true {
		var next Redirect
		var is bool
		v.locked(func() { next, is = v.transfer.Next() })
		if !is {
			return nil
		}
		reply, err := v.redirect(ctx, next)
		switch {
		case err == nil:
			v.locked(func() {
				v.transfer.Answered(next, reply.Response)
				v.note(next.First, next.Second)
			})
		case !sent && !errors.Is(err, plugins.ErrOutcomeUnknown) && !errors.Is(err, plugins.ErrTimeout):
			return err
		default:
			v.locked(func() {
				v.transfer.Unanswered(next, err)
				v.note(next.First, next.Second)
			})
		}
		v.tell()
	}
}

// redirect judges a Redirect and has it done.
func (v *move) redirect(ctx context.Context, r Redirect) (plugins.Reply, error) {
	if err := v.judgeRedirect(r); err != nil {
		return plugins.Reply{}, err
	}
	return v.plugin.host.Send(ctx, v.by.Server, r.sent(v.plugin.config.Context))
}

// prepare sets the variables of all parties, at once.
func (v *move) prepare(ctx context.Context) error {
	var setting sync.WaitGroup
	failed := make([]error, len(v.transfer.Parties))
	for i, party := range v.transfer.Parties {
		setting.Go(func() {
			for _, action := range party.actions(v.transfer.Room, party.Uniqueid) {
				reply, err := v.plugin.host.Send(ctx, v.by.Server, action)
				if err != nil {
					failed[i] = err
					return
				}
				if !reply.OK() {
					v.locked(func() {
						v.transfer.Prepared(party, reply.Response)
						v.note(party)
					})
					return
				}
			}
		})
	}
	setting.Wait()
	v.tell()
	return errors.Join(failed...)
}

// await waits until everybody has joined or is lost.
func (v *move) await(ctx context.Context) {
	p, t := v.plugin, v.transfer
	look := func() {
		room, _, err := p.room(ctx, v.by.Server, t.Room)
		if err != nil {
			return
		}
		v.locked(func() {
			v.note(t.Listed(func(uniqueid string) bool { return room.participants[uniqueid] != nil })...)
		})
	}
	if !p.await(ctx, v.watch, p.config.JoinTime, t.Over, v.tell, look) {
		v.locked(func() { v.note(t.Expire("did not join within " + p.config.JoinTime.String())...) })
		v.tell()
	}
}

// parties are copies of all, and how it went.
func (v *move) parties() (parties []Party, result Result) {
	v.locked(func() {
		for _, party := range v.transfer.Parties {
			parties = append(parties, *party)
		}
		result = v.transfer.Result()
	})
	return parties, result
}

// result is what an action that moves has to say at its end.
func resultOf(room string, parties []Party, result Result) *ami.Builder {
	b := new(ami.Builder).Add("Conference", room).Add("Result", string(result))
	joined := 0
	for _, party := range parties {
		if party.State == PartyJoined {
			joined++
		}
	}
	b.Add("Joined", strconv.Itoa(joined)).Add("Parties", strconv.Itoa(len(parties)))
	for _, party := range parties {
		if party.State != PartyJoined {
			b.Add("Lost", party.Channel).Add("LostNumber", party.Number).Add("LostState", string(party.State)).Add("LostReason", party.Reason)
		}
	}
	return b
}
