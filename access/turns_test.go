package access

import (
	"net/netip"
	"testing"
	"testing/synctest"
)

//astproxy:attack
func TestAnAddressWithManyLoginsKeepsAnotherWaitingForOne(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var turns Turns
		took := make(chan netip.Addr)
		take := func(address netip.Addr) {
			done := turns.Take(address)
			took <- address
			done()
		}
		for range 100 {
			go take(attacker)
		}
		synctest.Wait() // one has its turn
		go take(home)
		synctest.Wait()
		if len(turns.queues) != 2 || turns.queues[NetworkOf(attacker)].count != 100 || len(turns.queues[NetworkOf(home)].turn) != 1 {
			t.Errorf("they wait: %v", turns.queues)
		}
		for range 101 {
			<-took
		}
		synctest.Wait()
		if len(turns.queues) != 0 {
			t.Errorf("%d are remembered", len(turns.queues))
		}
	})
}

// What a login costs is told by how often a hash was compared.
//
//astproxy:attack
func TestALoginThatIsTooLateIsNotLookedAt(t *testing.T) {
	hash, err := HashSecret("right")
	if err != nil {
		t.Fatal(err)
	}
	compared := 0
	original := compareHash
	compareHash = func(hash, secret []byte) error {
		compared++
		return original(hash, secret)
	}
	t.Cleanup(func() { compareHash = original })
	users, err := NewUsers([]UserConfig{{Name: "anna", Secret: Secret(hash)}, {Name: "clear", Secret: "right"}})
	if err != nil {
		t.Fatal(err)
	}
	late := users.InTurn(func() bool { return false })
	if _, ok := late.Authenticate("anna", "right"); ok || compared != 0 {
		t.Errorf("in: %t, comparisons: %d", ok, compared)
	}
	if _, ok := late.Authenticate("clear", "right"); !ok || compared != 0 {
		t.Errorf("who need not wait is in: %t", ok)
	}
	if _, ok := users.Authenticate("anna", "right"); !ok || compared != 1 {
		t.Errorf("in: %t, comparisons: %d", ok, compared)
	}
	if _, ok := late.Authenticate("anna", "right"); !ok {
		t.Error("one that is remembered has to wait")
	}
}
