package load

import (
	"bufio"
	"bytes"
	"context"
	"fmt"
	"io"
	"net"
	"slices"
	"strconv"
	"time"
)

// pingBlock is how many pings go one way before the other has its turn, so that whatever changes
// on the machine in between changes for both.
const pingBlock = 100

// measurePings sends o.Pings pings, one after the other, through the proxy, and as many through a bare
// relay to the same played Asterisk; without one (a nil) only through the proxy. A block on
// each way comes before them to warm up.
func measurePings(ctx context.Context, o Options, a *asterisk) (*PingReport, error) {
	proxy, err := openPinger(ctx, o, o.Address)
	if err != nil {
		return nil, err
	}
	defer proxy.conn.Close()
	ways := []*pinger{proxy}
	if a != nil {
		c, err := startChild(ctx, childRelay, a.address())
		if err != nil {
			return nil, err
		}
		defer c.stop()
		relay, err := openPinger(ctx, o, c.address)
		if err != nil {
			return nil, err
		}
		defer relay.conn.Close()
		ways = append(ways, relay)
	}
	if err := pingInTurns(ctx, ways, o); err != nil {
		return nil, err
	}
	r := &PingReport{Count: o.Pings}
	r.Proxy, r.ProxyP99 = proxy.summary()
	if len(ways) > 1 {
		r.Relay, r.RelayP99 = ways[1].summary()
		r.ProxyToBare = float64(r.Proxy) / float64(r.Relay)
	}
	return r, nil
}

func pingInTurns(ctx context.Context, ways []*pinger, o Options) error {
	for _, p := range ways {
		if err := p.ping(ctx, pingBlock, o.Timeout); err != nil {
			return err
		}
		p.times = p.times[:0]
	}
	for done := 0; done < o.Pings; done += pingBlock {
		for _, p := range ways {
			if err := p.ping(ctx, min(pingBlock, o.Pings-done), o.Timeout); err != nil {
				return err
			}
		}
	}
	return nil
}

// A pinger is one logged-in session and the times of its pings, in nanoseconds.
type pinger struct {
	address string
	conn    net.Conn
	reader  *bufio.Reader
	times   []int64
	sent    int
}

func openPinger(ctx context.Context, o Options, address string) (*pinger, error) {
	ctx, cancel := context.WithTimeout(ctx, o.Timeout)
	defer cancel()
	k := amiClients{address: address, username: o.Username, secret: o.Secret}
	conn, rest, err := k.open(ctx, 0)
	if err != nil {
		return nil, fmt.Errorf("ping: %w", err)
	}
	reader := bufio.NewReader(io.MultiReader(bytes.NewReader(rest), conn))
	return &pinger{address: address, conn: conn, reader: reader}, nil
}

// ping sends n pings, each after the response to the one before; timeout bounds each.
func (p *pinger) ping(ctx context.Context, n int, timeout time.Duration) error {
	for range n {
		if err := ctx.Err(); err != nil {
			return err
		}
		if err := p.conn.SetDeadline(time.Now().Add(timeout)); err != nil {
			return err
		}
		p.sent++
		id := "p" + strconv.Itoa(p.sent)
		action := []byte("Action: Ping\r\nActionID: " + id + "\r\n\r\n")
		begin := sinceEpoch()
		_, err := p.conn.Write(action)
		if err == nil {
			err = readReply(p.reader, id)
		}
		if err != nil {
			return fmt.Errorf("ping through %s: %w", p.address, err)
		}
		p.times = append(p.times, sinceEpoch()-begin)
	}
	return nil
}

// summary returns the median and the 99th percentile.
func (p *pinger) summary() (median, p99 int64) {
	if len(p.times) == 0 {
		return 0, 0
	}
	slices.Sort(p.times)
	return p.times[len(p.times)/2], p.times[len(p.times)*99/100]
}
