package groupcall

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/astproxy/astproxy/ami"
	"github.com/astproxy/astproxy/plugins"
	"github.com/astproxy/astproxy/plugins/groupcall/groups"
	"github.com/astproxy/astproxy/plugins/groupcall/legs"
)

// originate is the action GroupOriginate.
func (p *Plugin) originate(ctx context.Context, by plugins.Caller, m ami.Message) (plugins.Answer, error) {
	r, err := p.config.parse(m)
	if err != nil {
		return plugins.Answer{}, err
	}
	if !p.up(by.Server) {
		return plugins.Answer{}, plugins.ErrDown
	}
	if err := p.refuseLoop(by); err != nil {
		return plugins.Answer{}, err
	}
	wanted, err := p.wanted(ctx, r)
	if err != nil {
		return plugins.Answer{}, err
	}
	if err := judge(r, by, wanted); err != nil {
		return plugins.Answer{}, err
	}
	out, err := p.leftOut(ctx, r, by)
	if err != nil {
		return plugins.Answer{}, err
	}
	called := out.without(wanted)
	if len(called) == 0 {
		return plugins.Answer{}, plugins.Refuse(CodeNobody, "Nobody is left to be called: all are excluded, or there already")
	}
	if !p.room() {
		return plugins.Answer{}, plugins.Refuse(plugins.CodeBusy, "Too many group calls at once: %d are allowed", p.config.Calls)
	}
	c, err := p.start(ctx, r, by, called)
	if err != nil {
		return plugins.Answer{}, err
	}
	answer := new(ami.Builder).Add("Message", "Group call begun").
		Add("Legs", strconv.Itoa(len(called))).Add("Excluded", strconv.Itoa(len(wanted)-len(called)))
	return plugins.Answer{Response: answer, Job: c.job}, nil
}

func (p *Plugin) up(server string) bool {
	for _, s := range p.host.Servers() {
		if s.Name == server {
			return s.Up
		}
	}
	return false
}

// wanted are all who are to be called, without duplicates.
func (p *Plugin) wanted(ctx context.Context, r *request) ([]legs.Destination, error) {
	var members []groups.Member
	for _, d := range r.destinations {
		members = append(members, groups.Member{Number: d})
	}
	if r.group != "" {
		var err error
		if members, err = p.groups.Members(ctx, r.group); err != nil {
			return nil, p.groupError(r.group, err)
		}
	}
	if len(members) > p.config.GroupSize {
		return nil, plugins.Refuse(CodeTooLarge, "Too many destinations: there are %d, and %d are allowed", len(members), p.config.GroupSize)
	}
	var all []legs.Destination
	seen := map[string]bool{}
	for _, m := range members {
		d, err := p.config.destination(m.Number, m.Name)
		if err != nil {
			return nil, plugins.Refuse(CodeDestination, "Invalid destination %s: %v", shown(m.Number), err)
		}
		if key := strings.ToLower(d.Channel); !seen[key] {
			seen[key] = true
			all = append(all, d)
		}
	}
	return all, nil
}

// shown is a text from outside as part of a message: on one line, and not without end.
func shown(text string) string {
	const most = 80
	if len(text) > most {
		text = text[:most] + "..."
	}
	return strconv.Quote(text)
}

// groupError is what who asks is told of why a group's members are not known. The source's own words are for the log.
func (p *Plugin) groupError(group string, err error) error {
	switch {
	case errors.Is(err, groups.ErrUnknown):
		return plugins.Refuse(CodeUnknownGroup, "There is no group %s", shown(group))
	case errors.Is(err, groups.ErrEmpty):
		return plugins.Refuse(CodeEmptyGroup, "Nobody is in the group %s", shown(group))
	case errors.Is(err, groups.ErrTooMany):
		return plugins.Refuse(CodeTooLarge, "Too many are in the group %s: %d are allowed", shown(group), p.config.GroupSize)
	}
	p.host.Log().Warn("group not known", "group", group, "error", err)
	return plugins.Refuse(CodeSource, "The members of %s are not known; the proxy's log tells why", shown(group))
}

// judge asks whether who asks may do what each leg is: an Originate. The dialplan may.
func judge(r *request, by plugins.Caller, all []legs.Destination) error {
	for _, d := range all {
		m := by.Rewritten(r.action(d.Channel, "", ""))
		if err := ami.CheckAction(m); err != nil {
			return plugins.Refuse(plugins.CodeInvalid, "%v", err)
		}
		if by.User == nil {
			continue
		}
		if decision := by.User.Judge("Originate", ami.ClassOriginate, m); !decision.Allowed {
			return plugins.Refuse(plugins.CodeDenied, "%s: %s", decision.Answer, shown(d.Number))
		}
	}
	return nil
}

// refuseLoop refuses a call that one of our own legs asks for from the dialplan in which it is being called: it would call
// itself without end. The half of a Local channel that runs the dialplan has the leg's Uniqueid for its Linkedid.
func (p *Plugin) refuseLoop(by plugins.Caller) error {
	if !strings.HasSuffix(by.Channel.Get("Channel"), ";2") {
		return nil
	}
	p.mu.Lock()
	_, ours := p.heard[heard{by.Server, by.Channel.Get("Linkedid")}]
	p.mu.Unlock()
	if ours {
		return plugins.Refuse(CodeLoop, "A leg of a group call must not call a group")
	}
	return nil
}

// start begins the call.
func (p *Plugin) start(ctx context.Context, r *request, by plugins.Caller, called []legs.Destination) (*call, error) {
	plan := r.plan
	plan.Destinations = called
	prefix, made := "groupcall-"+strings.ToLower(rand.Text())[:16], 0
	plan.Tokens = func() (uniqueid, actionID string) {
		made++
		return fmt.Sprintf("%s-%d", prefix, made), rand.Text()
	}
	c := newCall(p, by, r, legs.NewCall(plan))
	var err error
	c.job, err = p.host.NewJob("GroupOriginate", by, func(job context.Context, _ plugins.Job) error { return c.await(job, ctx) })
	if err != nil {
		return nil, err
	}
	if !p.begin(ctx, c) {
		close(c.settled)
		return nil, plugins.Refuse(plugins.CodeFailed, "The plugin ends")
	}
	return c, nil
}

// sendTimeout bounds what is asked before anybody is called.
const sendTimeout = 5 * time.Second
