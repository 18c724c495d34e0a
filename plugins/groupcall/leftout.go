package groupcall

import (
	"context"
	"fmt"
	"strings"

	"github.com/astproxy/astproxy/ami"
	"github.com/astproxy/astproxy/plugins"
	"github.com/astproxy/astproxy/plugins/groupcall/legs"
)

// leftOut are those who are not to be called: by channel, PJSIP/101, or by number; in lower case.
type leftOut map[string]bool

// leftOut are who is excluded, who asks, who is in the conference already, and who is being called into it.
func (p *Plugin) leftOut(ctx context.Context, r *request, by plugins.Caller) (leftOut, error) {
	out := leftOut{}
	for _, e := range r.exclude {
		d, err := p.config.destination(e, "")
		if err != nil {
			return nil, plugins.Refuse(CodeDestination, "Invalid Exclude %s: %v", shown(e), err)
		}
		out.add(d.Number)
		out.add(d.Channel)
	}
	out.addChannel(by.Channel.Get("Channel"), by.Channel.Get("CallerIDNum"))
	if r.conference == "" {
		return out, nil
	}
	p.addCalled(out, by.Server, r.conference)
	return out, p.addPresent(ctx, out, by.Server, r.conference)
}

// addPresent adds who is in a conference. Asterisk's error means that nobody is.
func (p *Plugin) addPresent(ctx context.Context, out leftOut, server, conference string) error {
	ctx, cancel := context.WithTimeout(ctx, sendTimeout)
	defer cancel()
	reply, err := p.host.Send(ctx, server, ami.NewAction("ConfbridgeList").Add("Conference", conference).Message())
	if err != nil {
		return fmt.Errorf("asking who is in conference %s: %w", conference, err)
	}
	for _, item := range reply.Items {
		if item.Event() == "ConfbridgeList" {
			out.addChannel(item.Get("Channel"), item.Get("CallerIDNum"))
		}
	}
	return nil
}

// addCalled adds the legs of our other calls into the same conference.
func (p *Plugin) addCalled(out leftOut, server, conference string) {
	for _, c := range p.into(server, conference) {
		for _, l := range c.snapshot() {
			if l.State == legs.Queued || l.Open() {
				out.add(l.Channel)
			}
		}
	}
}

func (o leftOut) add(who string) {
	if who != "" {
		o[strings.ToLower(who)] = true
	}
}

// addChannel adds who has a channel: PJSIP/101-0000000a is PJSIP/101, and 101.
func (o leftOut) addChannel(channel, callerIDNum string) {
	if callerIDNum != "<unknown>" {
		o.add(callerIDNum)
	}
	channel, _, _ = strings.Cut(channel, ";")
	if end := strings.LastIndexByte(channel, '-'); end > 0 {
		channel = channel[:end]
	}
	o.add(channel)
	if technology, resource, is := strings.Cut(channel, "/"); is && !strings.EqualFold(technology, "Local") {
		o.add(resource)
	}
}

// without are those who are left.
func (o leftOut) without(all []legs.Destination) (left []legs.Destination) {
	for _, d := range all {
		if !o[strings.ToLower(d.Number)] && !o[strings.ToLower(d.Channel)] {
			left = append(left, d)
		}
	}
	return left
}
