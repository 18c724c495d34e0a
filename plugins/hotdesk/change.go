package hotdesk

import (
	"context"
	"time"

	"github.com/astproxy/astproxy/plugins"
)

// pair is a step, and what undoes it.
type pair struct{ do, undo step }

// changeTimeout is how long a change may take in all, whatever else ends meanwhile: half of one is worse than a late one.
const changeTimeout = 30 * time.Second

// change makes after of before, whose users and places the caller has claimed: in Asterisk, in the store, and here. If anything
// fails, what was done is undone, and before stays. ctx does not end it.
func (p *plugin) change(ctx context.Context, before, after []*session) error {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), changeTimeout)
	defer cancel()
	var done []pair
	undo := func() {
		for i := len(done) - 1; i >= 0; i-- {
			if err := p.do(ctx, done[i].undo); err != nil {
				p.log.Warn("a step could not be undone; the next sync puts it right", "server", done[i].undo.server, "step", done[i].undo.text, "error", err)
				p.worker(done[i].undo.server).wantSync()
			}
		}
	}
	for _, step := range p.steps(before, after) {
		settled, err := p.try(ctx, step.do)
		if settled && step.do.recheck {
			defer p.worker(step.do.server).wantSync() // when it is clear what should be there
		}
		if err != nil && step.do.releases && isGone(err) {
			p.log.Info("a step waits until the server is back", "server", step.do.server, "step", step.do.text, "error", err)
			p.worker(step.do.server).wantSync()
			continue
		}
		done = append(done, step) // one that has failed may have been done all the same
		if err != nil {
			undo()
			return err
		}
	}
	if err := save(ctx, p.store, before, after); err != nil {
		undo()
		p.log.Error("the state cannot be written", "error", err)
		return plugins.Refuse(codeStore, "The state cannot be written; the proxy's log tells why")
	}
	p.desk.swap(before, after)
	for _, s := range append(before, after...) {
		p.worker(s.Server).wantLamp(s.User)
	}
	return nil
}

// steps lead from the pictures of before to those of after, for every server that is in either: who leaves first, so that
// nobody is at two places.
func (p *plugin) steps(before, after []*session) (all []pair) {
	var servers []string
	seen := map[string]bool{}
	for _, s := range append(append([]*session{}, before...), after...) {
		if !seen[s.Server] {
			seen[s.Server] = true
			servers = append(servers, s.Server)
		}
	}
	for _, server := range servers {
		from, to := p.config.picture(server, before), p.config.picture(server, after)
		all = append(all, p.leaving(server, from, to)...)
	}
	for _, server := range servers {
		from, to := p.config.picture(server, before), p.config.picture(server, after)
		all = append(all, p.entering(server, from, to)...)
	}
	return all
}

// leaving is what to has not of what from has.
func (p *plugin) leaving(server string, from, to picture) (all []pair) {
	for _, at := range seatsOf(from.members) {
		if was, is := from.members[at], to.members[at]; !has(to.members, at) || was.penalty != is.penalty || was.name != is.name {
			all = append(all, pair{p.config.leave(server, at), p.config.join(server, at, was)})
		}
	}
	for _, path := range keysOf(from.entries) {
		if !has(to.entries, path) {
			all = append(all, pair{deleteEntry(server, path), putEntry(server, path, from.entries[path])})
		}
	}
	for _, user := range keysOf(from.lamps) {
		if !has(to.lamps, user) {
			off := p.config.light(server, user, stateUnavailable)
			off.releases = true
			all = append(all, pair{off, p.config.light(server, user, p.devices.combined(server, from.lamps[user]))})
		}
	}
	return all
}

// entering is what from has not of what to has. What both have is done again: it is no harm, and who logs in again may
// have missed something.
func (p *plugin) entering(server string, from, to picture) (all []pair) {
	for _, path := range keysOf(to.entries) {
		undo := deleteEntry(server, path)
		if has(from.entries, path) {
			undo = putEntry(server, path, from.entries[path])
		}
		all = append(all, pair{putEntry(server, path, to.entries[path]), undo})
	}
	for _, at := range seatsOf(to.members) {
		was, is := from.members[at], to.members[at]
		same := has(from.members, at) && was.penalty == is.penalty && was.name == is.name
		undo := p.config.leave(server, at)
		if same {
			undo = p.config.join(server, at, was)
		}
		join := p.config.join(server, at, is)
		join.recheck = !same
		all = append(all, pair{join, undo})
		if same && was != is {
			all = append(all, pair{p.config.pause(server, at, is), p.config.pause(server, at, was)})
		}
	}
	for _, user := range keysOf(to.lamps) {
		undo := p.config.light(server, user, stateUnavailable)
		if has(from.lamps, user) {
			undo = p.config.light(server, user, p.devices.combined(server, from.lamps[user]))
		}
		all = append(all, pair{p.config.light(server, user, p.devices.combined(server, to.lamps[user])), undo})
	}
	return all
}

func has[K comparable, V any](m map[K]V, key K) bool {
	_, is := m[key]
	return is
}
