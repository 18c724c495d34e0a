package hotdesk

import (
	"context"
	"fmt"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/astproxy/astproxy/ami"
	"github.com/astproxy/astproxy/plugins"
)

// difference is something that an Asterisk has and should not, or should and has not.
type difference struct {
	claim string        // of whoever it is about
	text  string        // for the log
	steps func() []step // what puts it right; asked when nobody else changes it
}

const (
	// syncing is how many differences are put right at once.
	syncing = 8
	// told is how many of them are logged one by one.
	told = 20
	// askTimeout is how long a list may take.
	askTimeout = 30 * time.Second
)

// sync compares what a server has with what it should have, puts right what differs, and tells how much that was. Who
// changes something meanwhile is right.
func (p *plugin) sync(ctx context.Context, server string) (differences int, err error) {
	turn := p.worker(server).turn
	select {
	case <-turn:
	case <-ctx.Done():
		return 0, context.Cause(ctx)
	}
	defer func() { turn <- struct{}{} }()

	people, err := p.directory.people(ctx)
	if err != nil {
		return 0, err
	}
	versions := p.desk.versions()
	found, err := p.look(ctx, server)
	if err != nil {
		return 0, err
	}
	want := p.config.picture(server, p.desk.all())
	all := p.compareEntries(server, want, found, people)
	all = append(all, p.compareMembers(server, want, found, people)...)
	all = append(all, p.compareLamps(server, want, found, people)...)
	n, err := p.putRight(ctx, server, all, versions)
	if n > 0 {
		p.log.Warn("Asterisk differed from who is logged in, and was put right", "server", server, "differences", n)
	}
	return n, err
}

// putRight does the steps, several at once, but for those whose users or places were changed since versions, and tells how
// many it did.
func (p *plugin) putRight(ctx context.Context, server string, all []difference, versions map[string]uint64) (n int, err error) {
	var group sync.WaitGroup
	var mu sync.Mutex
	next := make(chan difference)
	for range min(syncing, len(all)) {
		group.Go(func() {
			for d := range next {
				did, failed := p.putOneRight(ctx, d, versions)
				mu.Lock()
				if did {
					n++
				}
				if err == nil {
					err = failed
				}
				tell := did && n <= told
				mu.Unlock()
				if tell {
					p.log.Info("difference", "server", server, "step", d.text)
				}
			}
		})
	}
	for _, d := range all {
		mu.Lock()
		over := isGone(err) || ctx.Err() != nil
		mu.Unlock()
		if over {
			break
		}
		next <- d
	}
	close(next)
	group.Wait()
	return n, err
}

// putOneRight puts one thing right, unless it has been changed since versions.
func (p *plugin) putOneRight(ctx context.Context, d difference, versions map[string]uint64) (did bool, err error) {
	release, err := p.desk.claim(ctx, func() []string { return []string{d.claim} })
	if err != nil {
		return false, err
	}
	defer release()
	if p.desk.changedSince(versions, d.claim) {
		return false, nil
	}
	for _, s := range d.steps() {
		if err := p.do(ctx, s); err != nil {
			return false, err
		}
	}
	return true, nil
}

// differing makes a difference of steps.
func differing(claim string, steps ...step) difference {
	return difference{claim, steps[len(steps)-1].text, func() []step { return steps }}
}

// found is what an Asterisk has.
type found struct {
	entries map[string]string
	members map[seat]foundMember // whom queues call as the plugin has them do
	lamps   map[string]string    // by extension
}

type foundMember struct {
	member
	dynamic bool
	lamp    string // its StateInterface
}

// look asks a server what it has.
func (p *plugin) look(ctx context.Context, server string) (f found, err error) {
	f = found{entries: map[string]string{}, members: map[seat]foundMember{}, lamps: map[string]string{}}
	if err := p.lookAtDevices(ctx, server, f.lamps); err != nil {
		return f, err
	}
	families := []string{p.config.Family}
	if p.config.FreePBX {
		families = append(families, "DEVICE", "AMPUSER")
	}
	for _, family := range families {
		items, err := p.list(ctx, server, ami.NewAction("DBGetTree").Add("Family", family).Message())
		if err != nil {
			return f, err
		}
		for _, item := range items {
			if item.Event() == "DBGetTreeResponse" {
				f.entries[strings.TrimPrefix(item.Get("Key"), "/")] = item.Get("Val")
			}
		}
	}
	items, err := p.list(ctx, server, ami.NewAction("QueueStatus").Message())
	if err != nil {
		return f, err
	}
	for _, item := range items {
		extension, is := p.config.extensionOf(item.Get("Location"))
		if item.Event() != "QueueMember" || !is {
			continue
		}
		penalty, _ := strconv.Atoi(item.Get("Penalty"))
		f.members[seat{item.Get("Queue"), extension}] = foundMember{
			member:  member{name: item.Get("Name"), penalty: penalty, paused: item.Get("Paused") == "1", reason: item.Get("PausedReason")},
			dynamic: item.Get("Membership") == "dynamic", lamp: item.Get("StateInterface"),
		}
	}
	return f, nil
}

// lookAtDevices learns the states of phones, and what lamps show.
func (p *plugin) lookAtDevices(ctx context.Context, server string, lamps map[string]string) error {
	items, err := p.list(ctx, server, ami.NewAction("DeviceStateList").Message())
	if err != nil {
		return err
	}
	now := p.host.Clock().Now()
	for _, item := range items {
		if item.Event() != "DeviceStateChange" {
			continue
		}
		device := item.Get("Device")
		if extension, is := strings.CutPrefix(device, "Custom:"+p.config.Lamp); is {
			lamps[extension] = item.Get("State")
		}
		p.devices.asked(server, device, item.Get("State"), now)
	}
	p.devices.complete(server)
	return nil
}

// list asks for a list.
func (p *plugin) list(ctx context.Context, server string, action ami.Message) ([]ami.Message, error) {
	ctx, cancel := context.WithTimeout(ctx, askTimeout)
	defer cancel()
	reply, err := p.host.Send(ctx, server, action)
	switch {
	case err != nil:
		return nil, fmt.Errorf("%s: %w", action.Action(), err)
	case !reply.OK() && strings.Contains(reply.Response.Get("Message"), "not found"): // an empty one
		return nil, nil
	case !reply.OK():
		return nil, plugins.Refuse(plugins.CodeFailed, "Asterisk has refused %s: %s", action.Action(), reply.Response.Get("Message"))
	}
	return reply.Items, nil
}

func (p *plugin) compareEntries(server string, want picture, have found, people *people) (all []difference) {
	for _, path := range keysOf(want.entries) {
		if value, is := have.entries[path]; !is || value != want.entries[path] {
			claim, _ := p.config.ours(server, path)
			all = append(all, differing(claim, putEntry(server, path, want.entries[path])))
		}
	}
	for _, path := range keysOf(have.entries) {
		claim, ours := p.config.ours(server, path)
		if !ours || has(want.entries, path) || have.entries[path] == noUser(path) {
			continue
		}
		if !strings.HasPrefix(path, p.config.Family+"/") && !p.isFreePBXUser(path, have.entries[path], people) {
			continue
		}
		all = append(all, differing(claim, deleteEntry(server, path)))
	}
	return all
}

// isFreePBXUser tells whether an entry of FreePBX's is about one of the plugin's users: it has others, too.
func (p *plugin) isFreePBXUser(path, value string, people *people) bool {
	if rest, is := strings.CutPrefix(path, "AMPUSER/"); is {
		value, _, _ = strings.Cut(rest, "/")
	}
	_, known := people.find(value)
	return known
}

func (p *plugin) compareMembers(server string, want picture, have found, people *people) (all []difference) {
	for _, at := range seatsOf(want.members) {
		is, there := have.members[at]
		is.name, is.reason = want.members[at].name, want.members[at].reason // nobody calls by them
		switch claim := userClaim(at.extension); {
		case there && is.member == want.members[at] && is.lamp == p.config.lampOf(at.extension):
		case there && !is.dynamic: // of queues.conf, which is the owner's
		case there:
			all = append(all, differing(claim, p.config.leave(server, at), p.config.join(server, at, want.members[at])))
		default:
			all = append(all, differing(claim, p.config.join(server, at, want.members[at])))
		}
	}
	for at, m := range have.members {
		if _, known := people.find(at.extension); known && m.dynamic && !has(want.members, at) {
			all = append(all, differing(userClaim(at.extension), p.config.leave(server, at)))
		}
	}
	return all
}

func (p *plugin) compareLamps(server string, want picture, have found, people *people) (all []difference) {
	set := func(extension, state string) {
		if have.lamps[extension] == state {
			return
		}
		now := func() []step { return []step{p.config.light(server, extension, p.lampState(server, extension))} }
		all = append(all, difference{userClaim(extension), "set the lamp of " + extension, now})
	}
	for _, user := range keysOf(want.lamps) {
		set(user, p.devices.combined(server, want.lamps[user]))
	}
	for _, user := range keysOf(people.byExtension) {
		if extension := people.byExtension[user].Extension; !has(want.lamps, extension) {
			set(extension, stateUnavailable)
		}
	}
	return all
}
