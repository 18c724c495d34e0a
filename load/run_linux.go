package load

import (
	"context"
	"fmt"
	"strconv"
)

// spareFiles are the descriptors a run needs besides its clients'.
const spareFiles = 64

// Run makes the measurement o asks for. It returns when everything it started has ended. On an
// error the report holds what was known by then.
func Run(ctx context.Context, o Options) (Report, error) {
	if err := o.Validate(); err != nil {
		return Report{}, err
	}
	o = o.withDefaults()
	if err := reserveFiles(uint64(o.Clients + o.Slow + o.Frozen + spareFiles)); err != nil {
		return Report{}, err
	}
	rec := newRecording(recorded)
	if o.Narrow {
		rec = rec.narrowed(o.Clients)
	}
	r, err := runProxy(ctx, o, rec)
	for _, name := range o.Baselines {
		if err != nil {
			break
		}
		run := runSockets
		if name == baselineNATS {
			run = runNATS
		}
		var base Report
		if base, err = run(ctx, o, rec); err != nil {
			return r, fmt.Errorf("baseline %s: %w", name, err)
		}
		r.Baselines = append(r.Baselines, base)
	}
	return r, err
}

// runProxy measures the proxy itself: the events, then the pings one by one, then those that do not wait.
func runProxy(ctx context.Context, o Options, rec *recording) (Report, error) {
	t := target{name: "proxy", kind: o.kind()}
	var a *asterisk
	if !o.External {
		var err error
		if a, err = playAsterisk(o.Listen, o.Timeout); err != nil {
			return Report{}, err
		}
		defer a.close()
		defer context.AfterFunc(ctx, a.close)() // ends a write that the proxy does not take
		t.asterisk = a
		if o.listening != nil {
			o.listening(a.address())
		}
	}
	if o.PID != 0 {
		t.server = &process{pid: o.PID}
	}
	if o.Spawn != "" {
		p, err := spawn(ctx, o)
		if err != nil {
			return Report{}, err
		}
		defer p.stop()
		t.server = &process{pid: p.pid()}
	}
	if err := a.awaitLogin(ctx, o); err != nil {
		return Report{}, err
	}
	r, err := measure(ctx, o, rec, t)
	if err == nil && o.Pings > 0 {
		r.Ping, err = measurePings(ctx, o, a)
	}
	if err == nil && o.Pipeline > 0 {
		r.Pipeline, err = measurePipeline(ctx, o, a, t.server)
	}
	return r, err
}

// awaitLogin waits until somebody is logged in to the played Asterisk, if one is played.
func (a *asterisk) awaitLogin(ctx context.Context, o Options) error {
	if a == nil {
		return nil
	}
	ctx, cancel := context.WithTimeout(ctx, o.Timeout)
	defer cancel()
	return a.waitForProxy(ctx)
}

// runSockets measures the bare writer with the same clients and events, in a process of its own so
// that its CPU time is read the same way.
func runSockets(ctx context.Context, o Options, rec *recording) (Report, error) {
	o.Slow, o.Frozen, o.Hold = 0, 0, 0 // the bare writer waits for each client
	a, err := playAsterisk("127.0.0.1:0", o.Timeout)
	if err != nil {
		return Report{}, err
	}
	defer a.close()
	defer context.AfterFunc(ctx, a.close)()
	role, name := childSockets, "bare sockets"
	switch {
	case o.Narrow:
		role = childNarrow + strconv.Itoa(o.Clients)
	case o.Kind == kindTLS:
		role, name = childSecure, "bare TLS"
	}
	c, err := startChild(ctx, role, a.address())
	if err != nil {
		return Report{}, err
	}
	defer c.stop()
	t := target{
		name:     name,
		kind:     amiClients{address: c.address, username: o.Username, secret: o.Secret, tls: role == childSecure},
		asterisk: a,
		server:   &process{pid: c.pid()},
	}
	if err := a.awaitLogin(ctx, o); err != nil {
		return Report{}, err
	}
	return measure(ctx, o, rec, t)
}
