package load

import (
	"context"
	"fmt"
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
	r, err := runProxy(ctx, o, rec)
	if err != nil || o.Baseline == "" {
		return r, err
	}
	base, err := runBaseline(ctx, o, rec)
	if err != nil {
		return r, fmt.Errorf("baseline: %w", err)
	}
	r.Baseline = &base
	return r, nil
}

// runProxy measures the proxy itself: the events, then the pings.
func runProxy(ctx context.Context, o Options, rec *recording) (Report, error) {
	t := target{name: "proxy", kind: amiClients{address: o.Address, username: o.Username, secret: o.Secret}}
	if !o.External {
		a, err := playAsterisk(o.Listen, o.Timeout)
		if err != nil {
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
	if err := t.awaitLogin(ctx, o); err != nil {
		return Report{}, err
	}
	r, err := measure(ctx, o, rec, t)
	if err != nil || o.Pings == 0 {
		return r, err
	}
	r.Ping, err = measurePings(ctx, o, t.asterisk)
	return r, err
}

// awaitLogin waits until the target is logged in to the played Asterisk.
func (t target) awaitLogin(ctx context.Context, o Options) error {
	if t.asterisk == nil {
		return nil
	}
	ctx, cancel := context.WithTimeout(ctx, o.Timeout)
	defer cancel()
	return t.asterisk.waitForProxy(ctx)
}

// runBaseline measures the bare writer with the same clients and events, in a process of its own so
// that its CPU time is read the same way.
func runBaseline(ctx context.Context, o Options, rec *recording) (Report, error) {
	o.Slow, o.Frozen, o.Hold = 0, 0, 0 // the bare writer waits for each client
	a, err := playAsterisk("127.0.0.1:0", o.Timeout)
	if err != nil {
		return Report{}, err
	}
	defer a.close()
	defer context.AfterFunc(ctx, a.close)()
	c, err := startChild(ctx, childSockets, a.address())
	if err != nil {
		return Report{}, err
	}
	defer c.stop()
	t := target{
		name:     "bare sockets",
		kind:     amiClients{address: c.address, username: o.Username, secret: o.Secret},
		asterisk: a,
		server:   &process{pid: c.pid()},
	}
	if err := t.awaitLogin(ctx, o); err != nil {
		return Report{}, err
	}
	return measure(ctx, o, rec, t)
}
