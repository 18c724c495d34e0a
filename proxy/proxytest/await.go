package proxytest

import (
	"testing"
	"time"
)

// Await waits until something is so of which nothing tells: it looks again and again.
func Await(tb testing.TB, what string, is func() bool) {
	tb.Helper()
	tick := time.NewTicker(2 * time.Millisecond)
	defer tick.Stop()
	deadline := time.After(Patience)
	for !is() {
		select {
		case <-tick.C:
		case <-deadline:
			tb.Fatalf("it does not come to this: %s", what)
		}
	}
}
