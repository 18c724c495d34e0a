package access

import (
	"fmt"
	"net/netip"
	"testing"
	"time"
)

var (
	attacker = netip.MustParseAddr("192.0.2.66")
	home     = netip.MustParseAddr("192.0.2.1")
)

func lockoutOf(addressFailures, userFailures int) (*Lockout, time.Time) {
	return NewLockout(LockoutConfig{AddressFailures: addressFailures, UserFailures: userFailures, Lock: time.Minute}), time.Unix(1e9, 0)
}

// isLocked tells whether no secret of the user's is of use.
func isLocked(l *Lockout, address netip.Addr, name string, now time.Time) bool {
	return l.AddressLocked(address, now) || l.UserLocked(address, name, now)
}

//astproxy:attack
func TestAnAddressIsLockedForATimeAndNoOther(t *testing.T) {
	l, now := lockoutOf(3, 0)
	for i := range 3 {
		if isLocked(l, attacker, "anna", now) {
			t.Fatalf("locked after %d", i)
		}
		if _, locked := l.Failed(attacker, "anna", true, now); locked != (i == 2) {
			t.Errorf("failure %d locks: %t", i+1, locked)
		}
	}
	for _, name := range []string{"anna", "berta", ""} {
		if !isLocked(l, attacker, name, now) || isLocked(l, home, name, now) {
			t.Errorf("%q: the wrong address is locked", name)
		}
	}
	if isLocked(l, attacker, "anna", now.Add(time.Minute)) {
		t.Error("the lock has no end")
	}
	l.Failed(home, "anna", true, now)
	l.Failed(home, "anna", true, now)
	if _, locked := l.Failed(home, "anna", true, now.Add(time.Minute)); locked {
		t.Error("failures of long ago count")
	}
}

//astproxy:attack
func TestTheNeighboursOfAnIPv6AddressAreTheSame(t *testing.T) {
	l, now := lockoutOf(100, 0)
	for i := range 100 {
		l.Failed(netip.MustParseAddr(fmt.Sprintf("2001:db8::%x", i)), "anna", true, now)
	}
	if !isLocked(l, netip.MustParseAddr("2001:db8::ffff"), "anna", now) || isLocked(l, netip.MustParseAddr("2001:db8:0:1::1"), "anna", now) {
		t.Error("another than the network of 64 bits is locked")
	}
}

//astproxy:attack
func TestAUserWhoIsTriedFromEverywhereGetsInFromWhereHeHasBeen(t *testing.T) {
	l, now := lockoutOf(0, 50)
	l.Succeeded(home, "Anna")
	for i := range 50 {
		l.Failed(netip.AddrFrom4([4]byte{10, 0, 0, byte(i)}), "anna", true, now)
	}
	if !isLocked(l, attacker, "ANNA", now) {
		t.Error("the user is not locked")
	}
	if isLocked(l, home, "anna", now) || isLocked(l, attacker, "berta", now) {
		t.Error("the wrong one is locked")
	}
}

//astproxy:attack
func TestManyNamesAndManyAddressesPushNoLockOut(t *testing.T) {
	l, now := lockoutOf(3, 3)
	for range 3 {
		l.Failed(attacker, "anna", true, now)
	}
	for i := range 3 * maxLocked {
		a := netip.AddrFrom4([4]byte{10, byte(i >> 16), byte(i >> 8), byte(i)})
		l.Failed(a, fmt.Sprintf("nobody%d", i), false, now)
	}
	if !isLocked(l, attacker, "", now) || !isLocked(l, home, "anna", now) {
		t.Error("a lock was pushed out")
	}
	if len(l.users) > 1 || l.failing.Len() > maxFailing {
		t.Errorf("%d users and %d addresses are remembered", len(l.users), l.failing.Len())
	}
}

//astproxy:attack
func TestWhoHasOneUsersSecretIsNotForgivenForAnothers(t *testing.T) {
	l, now := lockoutOf(4, 0)
	for range 4 {
		l.Failed(attacker, "anna", true, now)
		l.Succeeded(attacker, "mallory")
	}
	if !isLocked(l, attacker, "anna", now) {
		t.Error("his own login makes him innocent")
	}
}

//astproxy:attack
func TestALockOfAUserIsNotMadeLonger(t *testing.T) {
	l, now := lockoutOf(0, 2)
	for i := range 10 {
		l.Failed(attacker, "anna", true, now.Add(time.Duration(i)*20*time.Second))
	}
	if l.UserLocked(attacker, "anna", now.Add(30*time.Second)) == false || l.UserLocked(home, "anna", now.Add(4*time.Minute)) {
		t.Error("who goes on keeps the user out for ever")
	}
}

//astproxy:attack
func TestWhatIsNoGuessLocksNobodyAndIsToldOnlyAtFirst(t *testing.T) {
	l, now := lockoutOf(3, 3)
	for i := range 10 {
		if l.Strayed(attacker, now) != (i < 3) {
			t.Errorf("failure %d is told: %t", i+1, i >= 3)
		}
	}
	if isLocked(l, attacker, "anna", now) || !l.Strayed(attacker, now.Add(time.Minute)) || !l.Strayed(home, now) {
		t.Error("it locks, or is never told again, or another's is not")
	}
}
