package upstream

import (
	"context"
	"math/rand/v2"
	"time"
)

// backoff makes the waits between connections: each twice the last, up to greatest, and of each
// between a half and all by chance, so that several proxies do not come at once.
type backoff struct {
	least, greatest, last time.Duration
}

func (b *backoff) next() time.Duration {
	b.last = min(max(b.least, 2*b.last), b.greatest)
	return b.last/2 + rand.N(b.last/2+1)
}

// reset begins anew, after a session that stayed up.
func (b *backoff) reset() { b.last = 0 }

// sleep waits, and tells whether ctx let it.
func sleep(ctx context.Context, d time.Duration) bool {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return true
	case <-ctx.Done():
		return false
	}
}
