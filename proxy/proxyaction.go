package proxy

import (
	"net"
	"strconv"
	"strings"

	"github.com/astproxy/astproxy/ami"
	"github.com/astproxy/astproxy/formats"
)

// proxyAction answers an action about the proxy itself, with the names and headers its
// predecessor had.
func (a *asker) proxyAction(m ami.Message) {
	name := strings.ToLower(m.Get("ProxyAction"))
	verb, known := proxyVerbs[name]
	user := a.user.Load()
	switch {
	case !known:
		a.proxyError(m, UnknownAction, "Invalid Proxy Action")
		return
	case !verb.everybody && !user.Admin():
		a.logRefusal("user", user, "action", name, "reason", "not an administrator")
		a.proxyError(m, PermissionDenied, permissionDenied)
		return
	}
	if !verb.quiet {
		a.log().Info("administrator's action", "user", user, "action", name)
	}
	verb.run(a, m)
}

func (a *asker) proxyError(m ami.Message, reason Reason, message string) {
	a.say(proxyResponse("Error", m).Add("Message", message).Message(), formats.Options{}, reason)
}

func proxyResponse(kind string, m ami.Message) *ami.Builder {
	return new(ami.Builder).Add("ProxyResponse", kind).AddNonEmpty("ActionID", m.ActionID())
}

// listSessions names every client and server. The first four headers of a client are the
// predecessor's.
func (p *Proxy) listSessions(m ami.Message) ami.Message {
	b := proxyResponse("Success", m)
	for _, c := range p.Clients() {
		b.Add("ProxyClientSession", c.Remote)
		b.Add("ProxyClientActionID", c.ActionID)
		b.Add("ProxyClientInputHandler", c.Input)
		b.Add("ProxyClientOutputHandler", c.Output)
		b.Add("ProxyClientUser", c.User)
		b.Add("ProxyClientConnected", strconv.FormatInt(c.Connected.Unix(), 10))
		b.Add("ProxyClientOutstanding", strconv.Itoa(c.Outstanding))
		b.Add("ProxyClientLag", strconv.FormatUint(c.Lag, 10))
		b.Add("ProxyClientUnread", strconv.Itoa(c.Unread))
		b.Add("ProxyClientDelivered", strconv.FormatUint(c.Delivered, 10))
	}
	for _, s := range p.inUse() {
		b.Add("ProxyServerSession", s.name)
	}
	return b.Message()
}

// listServers has a line a server as the predecessor wrote it, and whether it is connected.
func (p *Proxy) listServers(m ami.Message) ami.Message {
	b := proxyResponse("Success", m)
	for _, s := range p.inUse() {
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
