package soak_test

import (
	"context"
	"flag"
	"fmt"
	"hash/fnv"
	"math/rand/v2"
	"sync"
	"sync/atomic"
	"testing"
	"time"
)

var (
	duration = flag.Duration("soak", 0, "have the soak with a real Asterisk be the large one, and take so long; `make soak` does")
	clients  = flag.Int("soak.clients", 500, "how many clients the large soak has")
	seedFlag = flag.Uint64("soak.seed", 0, "the seed of a soak that is to be done again; 0: a new one")
)

// plan is how large a soak is.
type plan struct {
	clients  int
	warmUp   time.Duration // with all clients, before the first measurement
	load     time.Duration // between the measurements
	restarts time.Duration // from one to the next
	stay     time.Duration // how long a connection lasts at most
	freeze   time.Duration // how long a client reads nothing at most
	away     time.Duration // how long a client is away at most that comes back to its place
	pause    time.Duration // how long a client does nothing but read at most
	calls    time.Duration // from one call, of some seventy events, to the next
	bursts   time.Duration // from one burst of large events to the next
	recent   string        // [events] recent, which the warm-up has to fill
}

// smallPlan is that of every day. What it lacks in time it has in haste.
var smallPlan = plan{
	clients: 40, warmUp: 5 * time.Second, load: 12 * time.Second, restarts: 4 * time.Second,
	stay: 6 * time.Second, freeze: 3 * time.Second, away: 3 * time.Second,
	pause: 2 * time.Second, calls: 400 * time.Millisecond, bursts: 1500 * time.Millisecond, recent: "2MiB",
}

func TestUnderLoadNothingIsLostUnannouncedAndTheProxyStaysAsLargeAsItWas(t *testing.T) {
	t.Parallel()
	run(t, smallPlan, startSimulated)
}

func TestUnderLoadOfARealAsteriskNothingIsLostUnannouncedAndTheProxyStaysAsLargeAsItWas(t *testing.T) {
	t.Parallel()
	if *duration > 0 {
		run(t, largePlan(*duration), startReal)
		return
	}
	run(t, smallPlan, startReal)
}

// largePlan is that of `make soak`.
func largePlan(d time.Duration) plan {
	warmUp := min(time.Minute, d/2)
	return plan{
		clients: *clients, warmUp: warmUp, load: d - warmUp, restarts: min(time.Minute, (d-warmUp)/3),
		stay: 20 * time.Second, freeze: 12 * time.Second, away: 80 * time.Second,
		pause: 5 * time.Second, calls: time.Second, bursts: 10 * time.Second, recent: "4MiB",
	}
}

// soak is one that runs.
type soak struct {
	t        *testing.T
	plan     plan
	seed     uint64
	exchange exchange
	proxy    *proxy
	told     *told

	stalls   stalls
	failures atomic.Int64
	hopeless context.CancelFunc // ends the load before its time
	restarts int
	kills    int

	mu     sync.Mutex
	counts map[string]*counts // by kind
}

// mostFailures is after how many a soak gives up.
const mostFailures = 20

// fail tells what is wrong. Any goroutine.
func (s *soak) fail(format string, args ...any) {
	switch n := s.failures.Add(1); {
	case n < mostFailures:
		s.t.Errorf(format, args...)
	case n == mostFailures:
		s.t.Error("and more of that")
		s.hopeless()
	}
}

// random is the source of chance of one client.
func (s *soak) random(kind string, number int) *rand.Rand {
	h := fnv.New64a()
	fmt.Fprintf(h, "%s %d", kind, number)
	return rand.New(rand.NewPCG(s.seed, h.Sum64()))
}

func run(t *testing.T, p plan, start func(*testing.T) exchange) {
	s := &soak{t: t, plan: p, seed: *seedFlag, told: &told{}, counts: map[string]*counts{}}
	if s.seed == 0 {
		s.seed = rand.Uint64()
	}
	t.Logf("the seed is %d: with -soak.seed it is done again", s.seed)
	s.exchange = start(t)
	s.proxy = startProxy(t, s.exchange, p.recent)
	if err := up(s.proxy); err != nil {
		t.Fatal(err)
	}
	s.load(p.warmUp)
	before := s.proxy.measure(t, func(level) bool { return true })
	s.load(p.load)
	after := s.proxy.wantLevel(t, before)
	s.report(before, after)
	s.wantShown()
}

// load is the load of so long, and returns when it is over and all have gone.
func (s *soak) load(d time.Duration) {
	s.t.Helper()
	life, err := beginLife(s)
	if err != nil {
		s.t.Fatal(err)
	}
	load, over := context.WithCancel(context.Background())
	s.hopeless = over
	gone := s.start(load)
	defer gone()
	defer over()
	stop := time.NewTimer(d)
	defer stop.Stop()
	restart := time.NewTicker(s.plan.restarts)
	defer restart.Stop()
	for going := true; going; {
		select {
		case <-stop.C:
			going = false
		case <-load.Done():
			going = false
		case <-restart.C:
			life = s.restart(life)
		}
	}
	s.end(life)
}

// end ends the life of the exchange: its calls end, and then it tells the last numbers.
func (s *soak) end(l *life) {
	l.stop()
	if err := hungUp(s); err != nil {
		s.fail("%v", err)
	}
	if err := finalNumbers(s); err != nil {
		s.fail("the last numbers: %v", err)
	}
}

// restart ends the exchange and has it come back, in the midst of everything: by turns it stops and is killed.
func (s *soak) restart(before *life) *life {
	s.t.Helper()
	s.told.end()
	if s.restarts++; s.restarts%2 == 1 {
		s.exchange.stop()
	} else {
		s.kills++
		s.exchange.kill()
	}
	before.stop()
	s.exchange.start()
	if err := up(s.proxy); err != nil {
		s.t.Fatal(err)
	}
	next, err := beginLife(s)
	if err != nil {
		s.t.Fatal(err)
	}
	return next
}

// start starts all clients. gone waits until they have gone.
func (s *soak) start(load context.Context) (gone func()) {
	var all sync.WaitGroup
	ctx, stopWatching := context.WithCancel(context.Background())
	var watching sync.WaitGroup
	watching.Go(func() { s.stalls.watch(ctx) })
	staying := 0
	for i := range kinds {
		k := &kinds[i]
		for n := range max(1, s.plan.clients*k.share/100) {
			staying++
			all.Go(func() {
				c := newClient(s, k, n)
				c.run(load)
				s.count(k.name, &c.counts, &c.answers, &c.numbers)
			})
		}
	}
	rest := max(2, s.plan.clients-staying)
	for n := range rest {
		all.Go(func() {
			if n%3 == 0 {
				c := newSession(s, n)
				c.run(load)
				s.count("HTTP session", &c.counts, &c.answers, &c.numbers)
				return
			}
			c := newRequester(s, n)
			c.run(load)
			s.count("HTTP actions", &c.counts, &c.answers, &c.numbers)
		})
	}
	return func() {
		all.Wait()
		stopWatching()
		watching.Wait()
	}
}
