package proxy

import (
	"slices"
	"time"

	"github.com/astproxy/astproxy/formats"
	"github.com/astproxy/astproxy/upstream"
)

// ClientState is a client as an administrator sees it.
type ClientState struct {
	Remote      string // its address
	User        string // "" before login
	Connected   time.Time
	ActionID    string // of its latest action
	Input       string // the format it writes
	Output      string // the format it is written in
	Outstanding int    // actions unanswered
	Lag         uint64 // events of its view it was not sent yet
	Unread      int    // bytes of answers it was not sent yet
	Delivered   uint64 // bytes sent
}

// Clients are the connected ones, the longest connected first. Any goroutine.
func (p *Proxy) Clients() []ClientState {
	var all []ClientState
	for _, c := range p.snapshot() {
		all = append(all, c.state())
	}
	slices.SortStableFunc(all, func(a, b ClientState) int { return a.Connected.Compare(b.Connected) })
	return all
}

func (c *Client) state() ClientState {
	s := ClientState{
		Remote:    c.remote,
		Connected: c.started,
		Input:     "standard",
		Output:    formats.Name(c.encoding.Load().Format),
		Lag:       c.stream.Lag(),
		Unread:    c.stream.Waiting(),
		Delivered: c.stream.Delivered(),
	}
	if input := c.input.Load(); input != nil {
		s.Input = *input
	}
	if user := c.user.Load(); user != nil {
		s.User = user.Name()
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	s.ActionID, s.Outstanding = c.lastID, c.outstanding
	return s
}

// ServerState is an Asterisk as an administrator sees it.
type ServerState struct {
	Name     string
	Address  string
	Username string // the proxy's own, there
	upstream.Status
}

// Servers are all that are configured, in that order. Any goroutine.
func (p *Proxy) Servers() []ServerState {
	all := make([]ServerState, 0, len(p.inUse()))
	for _, s := range p.inUse() {
		all = append(all, ServerState{s.name, s.config.Address, s.config.Username, s.session.Status()})
	}
	return all
}
