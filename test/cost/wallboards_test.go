//go:build linux

package cost

import (
	"fmt"
	"sync"
	"testing"
	"time"

	"github.com/astproxy/astproxy/test/asterisk"
)

// The queues that wallboards show.
const (
	queues  = 5
	members = 20 // of each

	queueItems = queues*(1+members) + 2 // and the queues of every Asterisk of the tests, support and sales, have no members
)

const cacheOfSecond = `QueueStatus = "1s"`

// startQueues starts an Asterisk that has them.
func startQueues(tb testing.TB) *asterisk.Server {
	tb.Helper()
	s := asterisk.Start(tb, "22")
	for i := range queues {
		s.AddQueue(fmt.Sprintf("queue%d", i+1), members)
	}
	return s
}

// wallboardWays are who asks for QueueStatus every interval, n of them where there are many.
func wallboardWays(s *asterisk.Server, n int, interval time.Duration) []way {
	direct := func(n int) func(testing.TB) running {
		return func(tb testing.TB) running {
			return wallboards(tb, s.AMIAddress, s, n, interval, false)
		}
	}
	through := func(n int, cache string, atOnce bool) func(testing.TB) running {
		return func(tb testing.TB) running {
			p := startCounted(tb, s, cache)
			return wallboards(tb, p.address, s, n, interval, atOnce).behind(p)
		}
	}
	return []way{
		{name: "nobody", begin: nobody},
		{name: "1 directly", begin: direct(1)},
		{name: "1 through astproxy, cache on", begin: through(1, cacheOfSecond, false)},
		{name: fmt.Sprint(n, " through astproxy, cache on"), begin: through(n, cacheOfSecond, false)},
		{name: fmt.Sprint(n, " through astproxy, cache on, all at the same moment"), begin: through(n, cacheOfSecond, true)},
		{name: fmt.Sprint(n, " through astproxy, no cache"), begin: through(n, "", false)},
		{name: fmt.Sprint(n, " through astproxy, no cache, all at the same moment"), begin: through(n, "", true)},
		{name: fmt.Sprint(n, " directly"), begin: direct(n)},
	}
}

// wallboards has n clients ask every interval: spread over it, or all at the same moment.
func wallboards(tb testing.TB, address string, s *asterisk.Server, n int, interval time.Duration, atOnce bool) running {
	tb.Helper()
	all := openAll(tb, address, s, n)
	stop := make(chan struct{})
	var boards, begun sync.WaitGroup
	begun.Add(n)
	var mu sync.Mutex
	polls := -n // the first does not count
	first := time.Now()
	for i, c := range all {
		due := first
		if !atOnce {
			due = due.Add(interval * time.Duration(i) / time.Duration(n))
		}
		boards.Go(func() {
			n, err := c.poll(due, interval, stop, begun.Done)
			mu.Lock()
			defer mu.Unlock()
			if polls += n; err != nil {
				tb.Errorf("wallboard %d: %v", i, err)
			}
		})
	}
	begun.Wait()
	return running{end: func() int {
		close(stop)
		boards.Wait()
		closeAll(all)
		return polls
	}}
}

// poll asks at a moment and then every interval, until it is stopped. It returns how often it has, twice at least, and
// has begun called behind the first answer. One that has not been answered in time skips its turn.
func (c *session) poll(due time.Time, interval time.Duration, stop <-chan struct{}, begun func()) (polls int, err error) {
	begun = sync.OnceFunc(begun)
	defer begun()
	timer := time.NewTimer(time.Until(due))
	defer timer.Stop()
	for {
		end := stop
		if polls < 2 {
			end = nil
		}
		select {
		case <-end:
			return polls, nil
		case <-timer.C:
		}
		items, err := c.list("QueueStatus")
		if err == nil && items != queueItems {
			err = fmt.Errorf("%d items of %d", items, queueItems)
		}
		if err != nil {
			return polls, err
		}
		polls++
		begun()
		for ; time.Until(due) <= 0; due = due.Add(interval) {
		}
		timer.Reset(time.Until(due))
	}
}
