package groupcall

import (
	"context"
	"time"

	"github.com/astproxy/astproxy/ami"
	"github.com/astproxy/astproxy/plugins"
	"github.com/astproxy/astproxy/plugins/groupcall/legs"
)

// into are the calls into a conference that are not over.
func (p *Plugin) into(server, conference string) (all []*call) {
	p.mu.Lock()
	defer p.mu.Unlock()
	for _, c := range p.calls {
		if c.ended.IsZero() && c.server == server && c.request.conference == conference {
			all = append(all, c)
		}
	}
	return all
}

// cancel is the action GroupCancel.
func (p *Plugin) cancel(_ context.Context, by plugins.Caller, m ami.Message) (plugins.Answer, error) {
	c, err := p.find(m.Get("JobID"), by)
	if err != nil {
		return plugins.Answer{}, err
	}
	keepAnswered := ami.IsTrue(m.Get("KeepAnswered"))
	message := "Group call is being ended"
	if !c.inbox.put(func(l *legs.Call, now time.Time) []legs.Effect { return l.Cancel(now, keepAnswered, "cancelled") }) {
		message = "Group call is over"
	}
	return plugins.Answer{Response: new(ami.Builder).Add("Message", message)}, nil
}

// status is the action GroupStatus.
func (p *Plugin) status(_ context.Context, by plugins.Caller, m ami.Message) (plugins.Answer, error) {
	c, err := p.find(m.Get("JobID"), by)
	if err != nil {
		return plugins.Answer{}, err
	}
	answer := plugins.Answer{Response: new(ami.Builder).Add("Message", "Group call status will follow"), List: []ami.Message{}, Complete: "GroupStatusComplete"}
	for _, l := range c.snapshot() {
		answer.List = append(answer.List, describe(c.event("GroupStatus"), l).Message())
	}
	return answer, nil
}

// list is the action GroupList.
func (p *Plugin) list(ctx context.Context, _ plugins.Caller, _ ami.Message) (plugins.Answer, error) {
	all, err := p.groups.Groups(ctx)
	message := "Groups will follow"
	if err != nil {
		p.host.Log().Warn("groups not all known", "error", err)
		message = "Groups will follow; a source of more did not answer"
	}
	answer := plugins.Answer{Response: new(ami.Builder).Add("Message", message), List: []ami.Message{}, Complete: "GroupListComplete"}
	for _, g := range all {
		item := ami.NewEvent("GroupList").Add("Group", g.Name).AddNonEmpty("Description", g.Description).Add("Source", g.Source)
		answer.List = append(answer.List, item.Message())
	}
	return answer, nil
}

// show is the action GroupShow.
func (p *Plugin) show(ctx context.Context, _ plugins.Caller, m ami.Message) (plugins.Answer, error) {
	group := m.Get("Group")
	members, err := p.groups.Members(ctx, group)
	if err != nil {
		return plugins.Answer{}, p.groupError(group, err)
	}
	answer := plugins.Answer{Response: new(ami.Builder).Add("Message", "Members will follow"), List: []ami.Message{}, Complete: "GroupShowComplete"}
	for _, member := range members {
		item := ami.NewEvent("GroupMember").Add("Group", group).Add("Destination", member.Number).AddNonEmpty("Name", member.Name).
			AddNonEmpty("Description", member.Description)
		if d, err := p.config.destination(member.Number, ""); err != nil {
			item.Add("Invalid", err.Error())
		} else {
			item.Add("Dials", d.Channel)
		}
		answer.List = append(answer.List, item.Message())
	}
	return answer, nil
}
