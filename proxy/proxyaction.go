package proxy

import (
	"net"
	"strconv"
	"strings"

	"github.com/astproxy/astproxy/ami"
)

// proxyAction answers an action about the proxy itself, with the names and headers its
// predecessor had.
func (c *Client) proxyAction(m ami.Message) (more bool) {
	user := c.user.Load()
	if user == nil {
		c.fail(m, permissionDenied)
		return true
	}
	action := strings.ToLower(m.Get("ProxyAction"))
	switch {
	case action == "logoff":
		c.waitForAnswers()
		c.stream.Finish(encode(goodbye(m), ""))
		return false
	case action != "listsessions" && action != "listservers":
		c.send(proxyResponse("Error", m).Add("Message", "Invalid Proxy Action").Message())
	case !user.Admin():
		c.send(proxyResponse("Error", m).Add("Message", permissionDenied).Message())
	case action == "listsessions":
		c.send(c.proxy.listSessions(m))
	case action == "listservers":
		c.send(c.proxy.listServers(m))
	}
	return true
}

func proxyResponse(kind string, m ami.Message) *ami.Builder {
	return new(ami.Builder).Add("ProxyResponse", kind).AddNonEmpty("ActionID", m.ActionID())
}

// listSessions names every client and server. The first four headers of a client are the
// predecessor's.
func (p *Proxy) listSessions(m ami.Message) ami.Message {
	b := proxyResponse("Success", m)
	for _, c := range p.snapshot() {
		c.mu.Lock()
		lastID, outstanding := c.lastID, c.outstanding
		c.mu.Unlock()
		b.Add("ProxyClientSession", c.remote)
		b.Add("ProxyClientActionID", lastID)
		b.Add("ProxyClientInputHandler", "standard")
		b.Add("ProxyClientOutputHandler", "standard")
		name := ""
		if user := c.user.Load(); user != nil {
			name = user.Name()
		}
		b.Add("ProxyClientUser", name)
		b.Add("ProxyClientConnected", strconv.FormatInt(c.started.Unix(), 10))
		b.Add("ProxyClientOutstanding", strconv.Itoa(outstanding))
		b.Add("ProxyClientLag", strconv.FormatUint(c.stream.Lag(), 10))
		b.Add("ProxyClientUnread", strconv.Itoa(c.stream.Waiting()))
		b.Add("ProxyClientDelivered", strconv.FormatUint(c.stream.Delivered(), 10))
	}
	for _, s := range p.servers {
		b.Add("ProxyServerSession", s.name)
	}
	return b.Message()
}

// listServers has a line a server as the predecessor wrote it, and whether it is connected.
func (p *Proxy) listServers(m ami.Message) ami.Message {
	b := proxyResponse("Success", m)
	for _, s := range p.servers {
		host, port, _ := net.SplitHostPort(s.config.Address)
		status := s.session.Status()
		state := "up"
		if !status.Up {
			state = "down"
		}
		b.Add("ProxyListServer I", strings.Join([]string{
			s.name, "H:", host, "U:", s.config.Username, "P:", port, "E:", "on", "S:", state}, " "))
		b.AddNonEmpty("ProxyServerReason", status.Reason)
	}
	return b.Message()
}
