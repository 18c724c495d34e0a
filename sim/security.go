package sim

import (
	"net"
	"strings"
	"time"

	"github.com/astproxy/astproxy/ami"
)

// The security events that logins and refused actions make (main/security_events.c).

const securityTime = "2006-01-02T15:04:05.000-0700"

// security begins a security event, up to who it is about.
func (s *Server) security(name, severity string) *ami.Builder {
	version := "1"
	if name == "InvalidPassword" {
		version = "2"
	}
	return ami.NewEvent(name).
		Add("Privilege", "security,all").
		Add("EventTV", time.Now().UTC().Format(securityTime)).
		Add("Severity", severity).
		Add("Service", "AMI").
		Add("EventVersion", version)
}

func (c *session) addSession(b *ami.Builder) *ami.Builder {
	return b.Add("SessionID", c.id).
		Add("LocalAddress", securityAddress(c.conn.LocalAddr())).
		Add("RemoteAddress", securityAddress(c.conn.RemoteAddr()))
}

// securityAddress is an address as security events have it: IPV4/TCP/127.0.0.1/5038.
func securityAddress(a net.Addr) string {
	host, port, err := net.SplitHostPort(a.String())
	if err != nil {
		return "IPV4/TCP/127.0.0.1/0"
	}
	family := "IPV4"
	if strings.Contains(host, ":") {
		family = "IPV6"
	}
	return family + "/TCP/" + host + "/" + port
}

func (c *session) accountID() string {
	if c.user == nil {
		return ""
	}
	return c.user.Name
}

// reportRequest tells all of an action that was refused.
func (s *Server) reportRequest(c *session, name, action string) {
	b := s.security(name, "Error")
	if name == "RequestNotAllowed" {
		c.addSession(b.Add("AccountID", c.accountID())).
			Add("RequestType", "Action: "+action).
			Add("SessionTV", c.loginTime())
		s.Broadcast(b.Message())
		return
	}
	c.addSession(b).
		Add("RequestType", "Action: "+action).
		Add("SessionTV", c.loginTime()).
		AddNonEmpty("AccountID", c.accountID())
	s.Broadcast(b.Message())
}

func (s *Server) reportSuccess(c *session) {
	b := s.security("SuccessfulAuth", "Informational").Add("AccountID", c.user.Name)
	s.Broadcast(c.addSession(b).
		Add("UsingPassword", "0").
		Add("SessionTV", c.loginTime()).Message())
}

// reportLogin tells all why a login failed; u is nil when there is no such user.
func (s *Server) reportLogin(c *session, u *User, m ami.Message) {
	var b *ami.Builder
	switch {
	case u == nil:
		b = c.addSession(s.security("InvalidAccountID", "Error").Add("AccountID", m.Get("Username")))
	case strings.EqualFold(m.Get("AuthType"), "MD5"):
		b = c.addSession(s.security("ChallengeResponseFailed", "Error").Add("AccountID", "")).
			Add("Challenge", c.challenge).
			Add("Response", m.Get("Key")).
			Add("ExpectedResponse", answer(c.challenge, u.Secret))
	default:
		b = c.addSession(s.security("InvalidPassword", "Error").Add("AccountID", m.Get("Username")))
	}
	s.Broadcast(b.Add("SessionTV", c.loginTime()).Message())
}

// loginTime is when the session logged in; before that Asterisk says 1970.
func (c *session) loginTime() string {
	t := time.Unix(0, 0)
	if c.user != nil {
		t = c.began
	}
	return t.UTC().Format(securityTime)
}
