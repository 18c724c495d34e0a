package load

import (
	"context"
	"crypto/tls"
	"errors"
	"sync"
)

// openAtOnce bounds how many clients log in at the same time.
const openAtOnce = 64

// A crowd is the clients of one measurement.
type crowd struct {
	reading, slow, frozen []*client
	progress              *progress
	latency               []*histogram // of the reading clients, one a reader

	readers   []*reader
	threads   []int // the readers' thread ids
	followers *followers
	trickle   *trickle
}

// newCrowd logs everybody in and starts reading; close ends it. last is the number of the last
// event that will be sent.
func newCrowd(ctx context.Context, k kind, rec *recording, o Options, last uint64) (*crowd, error) {
	all, err := openAll(ctx, k, o.Clients+o.Slow+o.Frozen)
	if err != nil {
		return nil, err
	}
	w := &crowd{
		reading:  all[:o.Clients],
		slow:     all[o.Clients : o.Clients+o.Slow],
		frozen:   all[o.Clients+o.Slow:],
		progress: &progress{last: last, started: newGate(o.Clients), ended: newGate(o.Clients)},
		trickle:  newTrickle(nil), followers: follow(nil, nil),
	}
	for i, c := range all {
		c.rec, c.wire = rec, k.wire()
		if rec.narrow > 0 {
			c.share = share{of: uint64(rec.narrow), client: uint64(i)}
		}
	}
	if err := w.start(max(o.Readers, 1)); err != nil {
		w.close()
		return nil, err
	}
	return w, nil
}

// openAll logs n clients in, some at a time. The first error ends it and closes all.
func openAll(ctx context.Context, k kind, n int) ([]*client, error) {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	clients, failures := make([]*client, n), make([]error, n)
	numbers := make(chan int)
	var wait sync.WaitGroup
	for range min(openAtOnce, n) {
		wait.Go(func() {
			for i := range numbers {
				if clients[i], failures[i] = openOne(ctx, k, i); failures[i] != nil {
					cancel() // the others need not try
				}
			}
		})
	}
	for i := range n {
		numbers <- i
	}
	close(numbers)
	wait.Wait()
	if err := firstCause(failures); err != nil {
		for _, c := range clients {
			if c != nil {
				c.conn.close()
			}
		}
		return nil, err
	}
	return clients, nil
}

func openOne(ctx context.Context, k kind, n int) (*client, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	conn, rest, err := k.open(ctx, n)
	if err != nil {
		return nil, err
	}
	c := &client{}
	c.carry = rest
	if _, secure := conn.(*tls.Conn); secure {
		c.conn = secureConn{conn}
	} else if c.conn, err = takeConn(conn); err != nil {
		return nil, err
	}
	return c, nil
}

// firstCause prefers an error that is not only the consequence of another client's.
func firstCause(failures []error) (err error) {
	for _, failure := range failures {
		if failure != nil && (err == nil || errors.Is(err, context.Canceled)) {
			err = failure
		}
	}
	return err
}

// start has the clients read.
func (w *crowd) start(readers int) error {
	latency := &histogram{}
	for _, c := range w.slow {
		c.latency = latency
	}
	if len(w.reading) > 0 {
		if _, secure := w.reading[0].conn.(secureConn); secure {
			for _, c := range w.reading {
				c.latency = &histogram{}
				w.latency = append(w.latency, c.latency)
			}
			w.followers = follow(w.reading, w.progress)
			return nil
		}
	}
	if err := w.share(readers); err != nil {
		return err
	}
	w.trickle = newTrickle(w.slow)
	return nil
}

// share shares the clients out among readers. Frozen ones go along with the first, which only
// notes when they are closed.
func (w *crowd) share(readers int) error {
	for i := range readers {
		latency := &histogram{}
		w.latency = append(w.latency, latency)
		var share []*client
		for n := i; n < len(w.reading); n += readers {
			w.reading[n].latency = latency
			share = append(share, w.reading[n])
		}
		if i == 0 {
			for _, c := range w.frozen {
				c.frozen = true
				share = append(share, c)
			}
		}
		r, err := newReader(share, w.progress)
		if err != nil {
			return err
		}
		w.readers = append(w.readers, r)
		w.threads = append(w.threads, <-r.thread)
	}
	return nil
}

// cpu returns what the readers have used so far, in nanoseconds of CPU time.
func (w *crowd) cpu() (total int64) {
	for _, tid := range w.threads {
		if t, err := clockGettime(threadClock(tid)); err == nil {
			total += t
		}
	}
	return total
}

// stopReading waits for the readers; after it the clients' counters may be read. It may be called
// more than once.
func (w *crowd) stopReading() {
	for _, r := range w.readers {
		r.stop()
	}
	w.followers.stop()
	w.trickle.stop()
	w.readers, w.followers, w.trickle = nil, follow(nil, nil), newTrickle(nil)
}

// close stops reading and closes all connections.
func (w *crowd) close() {
	w.stopReading()
	for _, list := range [][]*client{w.reading, w.slow, w.frozen} {
		for _, c := range list {
			c.conn.close()
		}
	}
}
