package proxy

import (
	"context"
	"errors"
	"net/netip"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/astproxy/astproxy/access"
)

// Attempt is a login, at any door.
type Attempt struct {
	Name          string // as given; "" where what is given tells the user, as a token does
	Remote, Local string // addresses with ports
	TLS           bool

	// Challenge and Response are those of a login by MD5.
	Challenge, Response string

	// Every tells that every request logs in anew: only failures are worth telling.
	Every bool
	// Unguessable is a token, a ticket or a certificate. Who shows a wrong one guesses nothing, and a right
	// one is let in whoever guesses beside him.
	Unguessable bool
}

// ErrNetwork is why a client is disconnected whose user may not come from its address any more.
var ErrNetwork = errors.New("the user may not come from this address")

// Authenticate judges a login by what check finds, by where it comes from, and by how many have failed
// before; it tells administrators (security.go) and the log. Who fails is kept waiting by
// PauseFailedLogin. Any goroutine.
//
// Of a user whose secret is hashed it can wait for other logins, of its own address for all of them.
func (p *Proxy) Authenticate(a Attempt, check func(*access.Users) (*access.User, bool)) (*access.User, bool) {
	users, address := p.Users(), addressOf(a.Remote)
	locked := func() bool { return !a.Unguessable && p.lockout.AddressLocked(address, time.Now()) }
	if locked() {
		p.failed(a, address, "", "locked")
		return nil, false
	}
	done := func() {}
	defer func() { done() }() // when it is counted
	user, ok := check(users.InTurn(func() (ok bool) {
		done = p.turns.Take(address)
		return !locked()
	}))
	// Of many that come at once no more are worth anything than of those that come one by one.
	if locked() {
		p.failed(a, address, "", "locked")
		return nil, false
	}
	known := a.Name != "" && users.Knows(a.Name)
	switch {
	case !a.Unguessable && p.lockout.UserLocked(address, a.Name, time.Now()):
		p.refuse(a, address, known, invalidPassword, "locked") // right or wrong
	case ok && !user.MayComeFrom(address):
		a.Name = user.Name()
		p.refuse(a, address, true, failedACL, "acl")
	case ok:
		p.succeeded(a, address, user)
		return user, true
	case known && a.Challenge+a.Response != "":
		p.refuse(a, address, true, challengeResponseFailed, "secret")
	case known:
		p.refuse(a, address, true, invalidPassword, "secret")
	default:
		p.refuse(a, address, a.Name == "", invalidAccountID, "user")
	}
	return nil, false
}

// succeeded remembers and tells a login.
func (p *Proxy) succeeded(a Attempt, address netip.Addr, user *access.User) {
	p.lockout.Succeeded(address, user.Name())
	if a.Name == "" && !a.Unguessable {
		p.lockout.Succeeded(address, "") // by ProxyKey
	}
	if !a.Every {
		a.Name = user.Name()
		p.tell(a, successfulAuth)
	}
}

// refuse counts and tells a failed login. isUser is access.Lockout's.
func (p *Proxy) refuse(a Attempt, address netip.Addr, isUser bool, event securityEvent, reason string) {
	if a.Unguessable {
		if !p.lockout.Strayed(address, time.Now()) {
			event = ""
		}
		p.failed(a, address, event, reason)
		return
	}
	_, locked := p.lockout.Failed(address, a.Name, isUser, time.Now())
	p.failed(a, address, event, reason)
	if locked {
		p.log.Warn("address locked: too many logins have failed", "address", address)
	}
}

// failed tells of a login that failed. The line of the log is what fail2ban reads (docs/operations.md):
// the address stands before all that a client can choose.
func (p *Proxy) failed(a Attempt, address netip.Addr, event securityEvent, reason string) {
	if event == "" {
		p.log.Debug("login refused", "address", address, "client", a.Remote, "user", shortened(a.Name), "reason", reason)
		return
	}
	p.log.Warn("login failed", "address", address, "client", a.Remote, "user", shortened(a.Name), "reason", reason)
	p.tell(a, event)
}

// maxName is how much of a name is told: one that is longer is nobody's.
const maxName = 128

// shortened is what is told of a name, as one line.
func shortened(name string) string {
	if len(name) > maxName {
		name = name[:maxName]
	}
	return strings.ToValidUTF8(lineOf(name), string(utf8.RuneError))
}

// addressOf is the address without its port; the zero Addr is none.
func addressOf(remote string) netip.Addr {
	if with, err := netip.ParseAddrPort(remote); err == nil {
		return with.Addr().Unmap().WithZone("")
	}
	return netip.Addr{}
}

// longestPause is how many times as long as the first failed login one is kept waiting at most.
const longestPause = 4

// PauseFailedLogin keeps who has given a wrong name or secret waiting, as Asterisk does, the longer the
// more logins from his address have failed, unless ctx ends or he goes, and counts him.
func (p *Proxy) PauseFailedLogin(ctx context.Context, gone <-chan struct{}, remote string) {
	p.failedLogins.Add(1)
	failures := p.lockout.Failures(addressOf(remote), time.Now())
	timer := time.NewTimer(p.loginPause * time.Duration(min(max(failures, 1), longestPause)))
	defer timer.Stop()
	select {
	case <-timer.C:
	case <-gone:
	case <-ctx.Done():
	}
}
