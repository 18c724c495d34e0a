package sim

import (
	"crypto/md5"
	"encoding/hex"
	"fmt"
	"math/rand/v2"
	"strconv"
	"strings"
	"time"

	"github.com/astproxy/astproxy/ami"
)

func init() {
	simulates(map[string]func(*session, ami.Message) bool{
		"Login":        (*session).login,
		"Challenge":    (*session).giveChallenge,
		"Logoff":       (*session).logoff,
		"Ping":         (*session).ping,
		"Events":       (*session).events,
		"ListCommands": (*session).listCommands,
		"UserEvent":    (*session).userEvent,
	})
}

// handleLogin runs an action of somebody who has not logged in.
func (c *session) handleLogin(name string, m ami.Message) bool {
	switch strings.ToLower(name) {
	case "login", "challenge":
		if c.server.inUse(c.server.config.user(m.Get("Username"))) {
			c.wait(time.Second)
			c.fail(m, "Login Already In Use")
			return false
		}
		if strings.EqualFold(name, "Login") {
			return c.login(m)
		}
		return c.giveChallenge(m)
	case "logoff":
		return c.logoff(m)
	}
	c.server.reportRequest(c, "RequestNotAllowed", name)
	return c.fail(m, "Permission denied")
}

func (c *session) login(m ami.Message) bool {
	if c.user != nil {
		return c.ack(m, "Already authenticated")
	}
	u := c.server.config.user(m.Get("Username"))
	if u == nil || c.server.faults.refuseLogins.Load() || !c.authentic(u, m) {
		c.server.reportLogin(c, u, m)
		c.wait(c.server.config.LoginPause)
		c.fail(m, "Authentication failed")
		return false
	}
	_ = c.conn.SetReadDeadline(time.Time{})
	c.setMask(u, m.Get("Events"))
	c.server.login(c, u)
	c.server.reportSuccess(c)
	if !c.ack(m, "Authentication accepted") {
		return false
	}
	// FullyBooted comes with no regard to filters, and in a write of its own.
	if ami.Class(c.mask.Load())&ami.ClassSystem != 0 && !c.server.faults.booting.Load() {
		return c.write(appendBlock(nil, event{message: c.server.fullyBooted(false)}))
	}
	return true
}

// authentic tells whether the secret, or the answer to the challenge, is right.
func (c *session) authentic(u *User, m ami.Message) bool {
	if !strings.EqualFold(m.Get("AuthType"), "MD5") {
		return m.Get("Secret") == u.Secret
	}
	return c.challenge != "" && m.Get("Key") == answer(c.challenge, u.Secret)
}

// answer is the Key that a challenge asks for.
func answer(challenge, secret string) string {
	sum := md5.Sum([]byte(challenge + secret))
	return hex.EncodeToString(sum[:])
}

// setMask takes over what a client wants; an empty text at Login is all it may have.
func (c *session) setMask(u *User, text string) {
	mask, given := ami.ParseMask(text)
	if !given {
		mask = ami.ClassAll
	}
	c.mask.Store(uint32(mask & u.Read))
}

func (c *session) giveChallenge(m ami.Message) bool {
	if !strings.EqualFold(m.Get("AuthType"), "MD5") {
		return c.fail(m, "Must specify AuthType")
	}
	if c.challenge == "" {
		c.challenge = strconv.Itoa(int(rand.Int32()))
	}
	return c.send(success(m).Add("Challenge", c.challenge))
}

func (c *session) logoff(m ami.Message) bool {
	c.send(ami.NewResponse("Goodbye", m.ActionID()).Add("Message", "Thanks for all the fish."))
	return false
}

// ping answers in three writes, as Asterisk does.
func (c *session) ping(m ami.Message) bool {
	now := time.Now()
	if !c.write([]byte("Response: Success\r\n")) {
		return false
	}
	if id := m.ActionID(); id != "" && !c.write(ami.AppendHeader(nil, "ActionID", id)) {
		return false
	}
	return c.write(fmt.Appendf(nil, "Ping: Pong\r\nTimestamp: %d.%06d\r\n\r\n", now.Unix(), now.Nanosecond()/1000))
}

func (c *session) events(m ami.Message) bool {
	text := m.Get("EventMask")
	mask, given := ami.ParseMask(text)
	if !given {
		return c.fail(m, "Invalid event mask")
	}
	c.setMask(c.user, text)
	if mask == ami.ClassNone {
		return c.send(success(m).Add("Events", "Off"))
	}
	return c.send(success(m).Add("Events", "On"))
}

// userEvent copies all lines but its own two into a broadcast, those without a name too.
func (c *session) userEvent(m ami.Message) bool {
	text := ami.NewEvent("UserEvent").Add("Privilege", "user,all").Add("UserEvent", m.Get("UserEvent")).Message().Raw()
	for name, value := range m.All() {
		switch {
		case name == "":
			text += value + "\r\n"
		case !strings.EqualFold(name, "UserEvent") && !strings.EqualFold(name, "Action"):
			text += name + ": " + value + "\r\n"
		}
	}
	if !c.ack(m, "Event Sent") {
		return false
	}
	c.server.Broadcast(ami.Parse(text))
	return true
}

// fullyBooted is the event after a login, or the one to all at the end of the start, which has its headers in
// another order.
func (s *Server) fullyBooted(toAll bool) ami.Message {
	uptime := strconv.Itoa(int(time.Since(s.started).Seconds()))
	b := ami.NewEvent("FullyBooted").Add("Privilege", "system,all")
	if toAll {
		return b.Add("Status", "Fully Booted").Add("Uptime", uptime).Add("LastReload", uptime).Message()
	}
	return b.Add("Uptime", uptime).Add("LastReload", uptime).Add("Status", "Fully Booted").Message()
}
