package proxy

import (
	"crypto/rand"
	"encoding/hex"
	"net/netip"
	"strconv"
	"time"

	"github.com/astproxy/astproxy/ami"
)

// securityEvent is the name of an event of class security, as Asterisk 22 has them
// (security_events.c, sec_events; manager.c, authenticate).
type securityEvent string

const (
	successfulAuth          securityEvent = "SuccessfulAuth"
	invalidAccountID        securityEvent = "InvalidAccountID"
	invalidPassword         securityEvent = "InvalidPassword"
	challengeResponseFailed securityEvent = "ChallengeResponseFailed"
	failedACL               securityEvent = "FailedACL"
)

// tell sends a security event to those who may see them, with the headers and in the order of Asterisk's.
func (p *Proxy) tell(a Attempt, event securityEvent) {
	now := time.Now().Format("2006-01-02T15:04:05.000-0700")
	severity, version := "Error", "1"
	switch event {
	case successfulAuth:
		severity = "Informational"
	case invalidPassword:
		version = "2"
	}
	var session [6]byte
	_, _ = rand.Read(session[:]) // never fails
	b := ami.NewEvent(string(event)).Add("Privilege", "security,all").
		Add("EventTV", now).Add("Severity", severity).Add("Service", "AMI").Add("EventVersion", version).
		Add("AccountID", shortened(a.Name)).Add("SessionID", "0x"+hex.EncodeToString(session[:])).
		Add("LocalAddress", a.transport(a.Local)).Add("RemoteAddress", a.transport(a.Remote))
	switch event {
	case successfulAuth:
		b.Add("UsingPassword", "0")
	case challengeResponseFailed:
		// Asterisk has an ExpectedResponse behind it, from which the secret could be guessed.
		b.Add("Challenge", shortened(a.Challenge)).Add("Response", shortened(a.Response))
	}
	p.feed.Append("", ami.ClassSecurity, b.Add("SessionTV", now).Message())
}

// transport is an address as security events have it: IPV4/TCP/127.0.0.1/5038.
func (a Attempt) transport(address string) string {
	with, err := netip.ParseAddrPort(address)
	if err != nil {
		return ""
	}
	family, protocol, ip := "IPV4", "TCP", with.Addr().Unmap().WithZone("")
	if ip.Is6() {
		family = "IPV6"
	}
	if a.TLS {
		protocol = "TLS"
	}
	return family + "/" + protocol + "/" + ip.String() + "/" + strconv.Itoa(int(with.Port()))
}
