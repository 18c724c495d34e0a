package listen

import (
	"fmt"
	"net/netip"
	"slices"
	"testing"
	"testing/synctest"
	"time"
)

func prefix(text string) netip.Prefix { return netip.MustParsePrefix(text) }

//astproxy:attack
func TestAnAddressHasNoMoreConnectionsThanItLeavesFree(t *testing.T) {
	const limit = 100
	var c crowd
	fill := func(network netip.Prefix) (entered int) {
		for c.enter(network, limit) {
			entered++
		}
		return entered
	}
	for i, want := range []int{50, 25, 13, 6, 3, 2, 1} { // whoever comes next finds room
		if got := fill(prefix(fmt.Sprintf("192.0.2.%d/32", i))); got != want {
			t.Errorf("address %d has %d, not %d", i, got, want)
		}
	}
	for range 50 {
		c.leave(prefix("192.0.2.0/32"))
	}
	if got := fill(prefix("127.0.0.1/32")); got != 50 {
		t.Errorf("this machine has %d of those that are free", got)
	}
	if c.enter(prefix("192.0.2.99/32"), limit) {
		t.Error("there are more than may be")
	}
	if _, remembered := c.of[prefix("192.0.2.0/32")]; remembered {
		t.Error("an address without connections is remembered")
	}
}

//astproxy:attack
func TestRefusalsDoNotFillTheLog(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var r refusals
		lines := 0
		for range 1000 {
			if _, tell := r.attributes("client", "x"); tell {
				lines++
			}
		}
		time.Sleep(time.Second)
		if attributes, _ := r.attributes("client", "x"); lines != 1 || !slices.Equal(attributes, []any{"client", "x", "unlogged", 999}) {
			t.Errorf("%d lines, and then %v", lines, attributes)
		}
	})
}
