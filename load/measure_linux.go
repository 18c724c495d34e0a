package load

import (
	"context"
	"fmt"
	"syscall"
	"time"
)

// A target is what a measurement is made of: a proxy, or the baseline's bare writer.
type target struct {
	name     string
	kind     kind
	asterisk publisher // who has the events for it; nil: nobody here
	server   *process  // nil: its CPU and memory are not known
}

// A publisher hands whole events to a target, and waits until it has taken them: the played Asterisk, or a
// nats-server's client.
type publisher interface {
	broadcast(events []byte) error
}

// A moment is the clocks at one time, all in nanoseconds.
type moment struct{ wall, server, generator, clients int64 }

func (t target) moment(w *crowd) (m moment, err error) {
	m.wall = sinceEpoch()
	m.clients = w.cpu()
	var usage syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &usage); err != nil {
		return m, fmt.Errorf("getrusage: %w", err)
	}
	m.generator = usage.Utime.Nano() + usage.Stime.Nano()
	if t.server != nil {
		m.server, err = t.server.cpu()
	}
	return m, err
}

// measure makes one measurement. On an error the report holds what was known by then.
func measure(ctx context.Context, o Options, rec *recording, t target) (Report, error) {
	r := Report{Target: t.name, Kind: t.kind.name(), Mode: o.mode(), Clients: o.Clients, EventsOffered: o.Events, EventBytes: rec.meanBytes()}
	if t.server != nil {
		r.Server = &ServerReport{PID: t.server.pid}
		var err error
		if r.Server.RSSBefore, err = t.server.resident(); err != nil {
			return r, err
		}
	}
	w, err := r.gather(ctx, o, rec, t)
	if err != nil {
		return r, err
	}
	defer w.close()
	if err := r.idle(ctx, o, t, w); err != nil {
		return r, err
	}
	err = r.send(ctx, o, rec, t, w)
	w.stopReading()
	r.count(w)
	r.derive()
	return r, err
}

// gather logs the clients in and returns when each has seen an event, so that the start is a fact.
func (r *Report) gather(ctx context.Context, o Options, rec *recording, t target) (*crowd, error) {
	ctx, cancel := context.WithTimeout(ctx, o.Timeout)
	defer cancel()
	begin := sinceEpoch()
	w, err := newCrowd(ctx, t.kind, rec, o, o.Events)
	if err != nil {
		return nil, err
	}
	r.LoginSeconds = seconds(sinceEpoch() - begin)
	if t.asterisk != nil {
		if err := w.awaitMarker(ctx, newFeed(rec, t.asterisk.broadcast)); err != nil {
			w.close()
			return nil, err
		}
	}
	return w, nil
}

// awaitMarker repeats the start marker until every client has seen one: a proxy may subscribe a
// client a little after it has answered the login.
func (w *crowd) awaitMarker(ctx context.Context, f *feed) error {
	ticker := time.NewTicker(200 * time.Millisecond)
	defer ticker.Stop()
	for {
		if err := f.marker(); err != nil {
			return err
		}
		select {
		case <-w.progress.started.open:
			return nil
		case <-ticker.C:
		case <-ctx.Done():
			return fmt.Errorf("%d of %d clients saw no event: %w",
				w.progress.started.left.Load(), len(w.reading), context.Cause(ctx))
		}
	}
}

// idle holds, then takes the memory with all clients connected.
func (r *Report) idle(ctx context.Context, o Options, t target, w *crowd) error {
	before, err := t.moment(w)
	if err != nil {
		return err
	}
	if o.Hold > 0 {
		hold := time.NewTimer(o.Hold)
		defer hold.Stop()
		select {
		case <-hold.C:
		case <-ctx.Done():
			return ctx.Err()
		}
	}
	after, err := t.moment(w)
	if err != nil || t.server == nil {
		return err
	}
	if o.Hold > 0 {
		r.Server.IdleCores = float64(after.server-before.server) / float64(after.wall-before.wall)
	}
	if r.Server.RSSClients, err = t.server.resident(); err != nil {
		return err
	}
	if n := o.Clients + o.Slow + o.Frozen; n > 0 {
		r.Server.RSSPerClient = float64(r.Server.RSSClients-r.Server.RSSBefore) / float64(n)
	}
	t.server.resetPeak()
	return nil
}

// send offers the events and waits until the clients have got all they will get.
func (r *Report) send(ctx context.Context, o Options, rec *recording, t target, w *crowd) error {
	if o.Events == 0 {
		return r.memory(t)
	}
	f := newFeed(rec, t.asterisk.broadcast)
	before, err := t.moment(w)
	if err != nil {
		return err
	}
	if err := f.run(ctx, o); err != nil {
		return err
	}
	if err := w.awaitEnd(ctx, o.Timeout); err != nil {
		return err
	}
	after, err := t.moment(w)
	if err != nil {
		return err
	}
	r.FeedLate = newLatencyReport(&f.late)
	r.WallSeconds = seconds(after.wall - before.wall)
	r.Generator.CPUSeconds = seconds(after.generator - before.generator)
	r.Generator.ClientCPUSeconds = seconds(after.clients - before.clients)
	if t.server != nil {
		r.Server.CPUSeconds = seconds(after.server - before.server)
	}
	return r.memory(t)
}

// run sends all events.
func (f *feed) run(ctx context.Context, o Options) error {
	if o.Rate == 0 {
		return f.burst(ctx, o.Events)
	}
	clock, err := newTimerClock()
	if err != nil {
		return err
	}
	defer clock.close()
	return f.paced(ctx, clock, o.Events, o.Rate)
}

// awaitEnd returns when every client has got its last event, or at the timeout: who is still behind
// then is in the report.
func (w *crowd) awaitEnd(ctx context.Context, timeout time.Duration) error {
	limit := time.NewTimer(timeout)
	defer limit.Stop()
	select {
	case <-w.progress.ended.open:
	case <-limit.C:
	case <-ctx.Done():
		return ctx.Err()
	}
	return nil
}

// memory takes what the server holds at the end.
func (r *Report) memory(t target) (err error) {
	if t.server == nil {
		return nil
	}
	if r.Server.RSSAfter, err = t.server.resident(); err != nil {
		return err
	}
	r.Server.RSSPeak, err = t.server.peak()
	return err
}

// derive computes the ratios from what was counted.
func (r *Report) derive() {
	if r.Deliveries == 0 {
		return
	}
	r.Generator.ClientsPerDelivery = r.Generator.ClientCPUSeconds * 1e9 / float64(r.Deliveries)
	if r.Server != nil && r.Server.CPUSeconds > 0 {
		r.Server.DeliveriesByCPU = float64(r.Deliveries) / r.Server.CPUSeconds
		r.Server.CPUByEvent = r.Server.CPUSeconds * 1e6 / float64(r.EventsOffered)
		r.Server.Cores = r.Server.CPUSeconds / r.WallSeconds
	}
}

func seconds(nanoseconds int64) float64 { return float64(nanoseconds) / 1e9 }
