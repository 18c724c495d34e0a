package access

import (
	"net/netip"
	"sync"
	"time"

	lru "github.com/hashicorp/golang-lru/v2"
)

// LockoutConfig says how many logins may fail. 0 is any number.
type LockoutConfig struct {
	AddressFailures int           // from one address, before none succeeds from it for a time
	UserFailures    int           // as one user, before he gets in only from where he has been
	Lock            time.Duration // how long that is; failures that are older count no more
}

// How many addresses are remembered, each by a few dozen bytes.
const (
	maxFailing = 20_000 // from which logins have failed
	maxLocked  = 20_000 // that are locked: nobody else's first failure pushes one out
	maxKnown   = 20_000 // from which a user has logged in
)

// Lockout remembers failed logins. An address is one of IPv4, or a network of 64 bits of IPv6, which whoever
// has one address there has. Only names of users are remembered: who tries many others pushes nothing out.
//
// The name "" stands for whoever gives a secret without a name (ProxyKey): all who may do that are one user
// to a Lockout.
type Lockout struct {
	mu      sync.Mutex
	config  LockoutConfig
	failing *lru.Cache[netip.Prefix, failures]
	locked  *lru.Cache[netip.Prefix, time.Time] // until when
	users   map[string]failures                 // by the name in lower case
	known   *lru.Cache[origin, struct{}]
	strays  *lru.Cache[netip.Prefix, failures] // that were no guesses
}

// failures are the latest, and when the last was.
type failures struct {
	count int
	last  time.Time
}

// origin is where a user has logged in from.
type origin struct {
	user    string
	address netip.Prefix
}

// NewLockout makes one that has seen nothing.
func NewLockout(c LockoutConfig) *Lockout {
	failing, _ := lru.New[netip.Prefix, failures](maxFailing) // fails for sizes below one alone
	locked, _ := lru.New[netip.Prefix, time.Time](maxLocked)
	known, _ := lru.New[origin, struct{}](maxKnown)
	strays, _ := lru.New[netip.Prefix, failures](maxFailing)
	return &Lockout{config: c, failing: failing, locked: locked, users: map[string]failures{}, known: known, strays: strays}
}

// Configure changes how many may fail. What has been seen stays.
func (l *Lockout) Configure(c LockoutConfig) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.config = c
}

// NetworkOf is what an address counts as where somebody is bound by where he comes from: itself, or of IPv6
// its network of 64 bits, of which whoever has one address has all.
func NetworkOf(address netip.Addr) netip.Prefix {
	address = address.Unmap().WithZone("")
	bits := address.BitLen()
	if address.Is6() {
		bits = 64
	}
	prefix, _ := address.Prefix(bits) // the zero address makes the zero prefix
	return prefix
}

// AddressLocked tells whether no secret is of use from an address.
func (l *Lockout) AddressLocked(address netip.Addr, now time.Time) bool {
	network := NetworkOf(address)
	l.mu.Lock()
	defer l.mu.Unlock()
	until, locked := l.locked.Get(network)
	if !locked {
		return false
	}
	if now.Before(until) && l.config.AddressFailures > 0 {
		return true
	}
	l.locked.Remove(network)
	return false
}

// UserLocked tells whether a user's secret is of no use from an address, because too many have failed as
// him and he has not been seen there. It is to be asked when the secret was looked at: who is refused
// sooner than others is known to be a user.
func (l *Lockout) UserLocked(address netip.Addr, name string, now time.Time) bool {
	key := nameKey(name)
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.tooManyAs(key, now) && !l.known.Contains(origin{key, NetworkOf(address)})
}

// tooManyAs tells whether too many logins as a user have failed. With mu held.
func (l *Lockout) tooManyAs(key string, now time.Time) bool {
	f := l.users[key]
	return l.config.UserFailures > 0 && f.count >= l.config.UserFailures && !l.old(f, now)
}

func (l *Lockout) old(f failures, now time.Time) bool { return now.Sub(f.last) >= l.config.Lock }

// Failed counts a failed login, and tells how many there were of the address, and whether that has locked
// it. isUser tells whether there is a user of that name.
func (l *Lockout) Failed(address netip.Addr, name string, isUser bool, now time.Time) (count int, locked bool) {
	network := NetworkOf(address)
	l.mu.Lock()
	defer l.mu.Unlock()
	f, _ := l.failing.Get(network)
	f = l.counted(f, now)
	l.failing.Add(network, f)
	if key := nameKey(name); isUser && l.config.UserFailures > 0 && !l.tooManyAs(key, now) { // a lock is not made longer
		l.users[key] = l.counted(l.users[key], now)
	}
	if most := l.config.AddressFailures; most > 0 && f.count >= most {
		l.failing.Remove(network)
		l.locked.Add(network, now.Add(l.config.Lock))
		locked = true
	}
	return f.count, locked
}

// Strayed counts a failed login that was no guess, such as a token that has expired: it locks nobody out.
// It tells whether it is among the first, which are as many as failed logins may be; of the others nobody
// need hear.
func (l *Lockout) Strayed(address netip.Addr, now time.Time) (first bool) {
	network := NetworkOf(address)
	l.mu.Lock()
	defer l.mu.Unlock()
	f, _ := l.strays.Get(network)
	f = l.counted(f, now)
	l.strays.Add(network, f)
	return l.config.AddressFailures == 0 || f.count <= l.config.AddressFailures
}

// counted is one more failure. With mu held, as old.
func (l *Lockout) counted(f failures, now time.Time) failures {
	if l.old(f, now) {
		f.count = 0
	}
	return failures{f.count + 1, now}
}

// Failures is how many logins from an address have failed lately.
func (l *Lockout) Failures(address netip.Addr, now time.Time) int {
	l.mu.Lock()
	defer l.mu.Unlock()
	f, failing := l.failing.Peek(NetworkOf(address))
	if !failing {
		if _, locked := l.locked.Peek(NetworkOf(address)); locked {
			return l.config.AddressFailures
		}
	}
	if l.old(f, now) {
		return 0
	}
	return f.count
}

// Succeeded remembers where a user is. What has failed there counts on: who has one user's secret may be
// looking for another's.
func (l *Lockout) Succeeded(address netip.Addr, name string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.known.Add(origin{nameKey(name), NetworkOf(address)}, struct{}{})
}

// Knows tells whether there is a user of that name. What it tells is for the log and for administrators,
// not for who logs in.
func (u *Users) Knows(name string) bool {
	_, known := u.find(name)
	return known
}
