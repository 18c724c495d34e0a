package load

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"slices"
	"strconv"
	"time"
)

// pipelineBlock is how many pings go one way before the next has its turn.
const pipelineBlock = 10_000

// measurePipeline sends o.Pipeline pings on one connection through the proxy, each without waiting for the answers to
// those before it, and as many directly to the played Asterisk and through a bare relay to it; without one (a nil) only
// through the proxy. A block on each way comes before them to warm up.
func measurePipeline(ctx context.Context, o Options, a *asterisk, server *process) (*PipelineReport, error) {
	addresses := []string{o.Address}
	if a != nil {
		c, err := startChild(ctx, childRelay, a.address())
		if err != nil {
			return nil, err
		}
		defer c.stop()
		addresses = append(addresses, a.address(), c.address)
	}
	var ways []*pipeline
	for _, address := range addresses {
		p, err := openPinger(ctx, o, address)
		if err != nil {
			return nil, err
		}
		defer p.conn.Close()
		ways = append(ways, &pipeline{pinger: p})
	}
	if server != nil {
		ways[0].clock = server.cpu
	}
	if a != nil {
		ways[1].clock = process{os.Getpid()}.cpu
	}
	if err := pipelineInTurns(ctx, ways, o); err != nil {
		return nil, err
	}
	r := &PipelineReport{Count: o.Pipeline, Proxy: ways[0].rate(), ServerCPU: ways[0].cpu / int64(o.Pipeline)}
	if a != nil {
		r.Direct, r.DirectCPU, r.Relay = ways[1].rate(), ways[1].cpu/int64(o.Pipeline), ways[2].rate()
		r.ProxyToDirect = r.Proxy / r.Direct
	}
	return r, nil
}

// pipelineInTurns has the ways take turns.
func pipelineInTurns(ctx context.Context, ways []*pipeline, o Options) error {
	for _, p := range ways {
		if err := p.ping(ctx, pingBlock, o.Timeout); err != nil {
			return err
		}
		p.rates = nil
	}
	for done := 0; done < o.Pipeline; done += pipelineBlock {
		for _, p := range ways {
			if err := p.measure(ctx, min(pipelineBlock, o.Pipeline-done), o.Timeout); err != nil {
				return err
			}
		}
	}
	return nil
}

// A pipeline is one logged-in session, and how many pings a second it got answered, block by block.
type pipeline struct {
	*pinger
	rates []float64
	clock func() (int64, error) // the CPU time of who is measured, in nanoseconds; nil: nobody's
	cpu   int64                 // of it, in all blocks
}

// measure is ping, and what it costs whose clock it has.
func (p *pipeline) measure(ctx context.Context, n int, timeout time.Duration) error {
	if p.clock == nil {
		return p.ping(ctx, n, timeout)
	}
	before, err := p.clock()
	if err != nil {
		return err
	}
	if err := p.ping(ctx, n, timeout); err != nil {
		return err
	}
	after, err := p.clock()
	p.cpu += after - before
	return err
}

// ping sends n pings as fast as the connection takes them, and reads their answers meanwhile; timeout bounds the whole.
func (p *pipeline) ping(ctx context.Context, n int, timeout time.Duration) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	if err := p.conn.SetDeadline(time.Now().Add(timeout)); err != nil {
		return err
	}
	var actions []byte
	for i := range n {
		actions = append(actions, "Action: Ping\r\nActionID: p"...)
		actions = strconv.AppendInt(actions, int64(p.sent+1+i), 10)
		actions = append(actions, blockEnd...)
	}
	begin := sinceEpoch()
	written := make(chan error, 1)
	go func() {
		_, err := p.conn.Write(actions)
		written <- err
	}()
	err := p.answers(n)
	if err != nil {
		p.conn.Close() // or the writer could wait for one who reads no more
	}
	if err = errors.Join(err, <-written); err != nil {
		return fmt.Errorf("pipelined pings through %s: %w", p.address, err)
	}
	p.rates = append(p.rates, float64(n)/seconds(sinceEpoch()-begin))
	return nil
}

var pipelineID = []byte("ActionID: p")

// answers reads up to the answer to the last of n pings; they must come in order.
func (p *pipeline) answers(n int) error {
	for last := p.sent + n; p.sent < last; {
		line, err := p.reader.ReadSlice('\n')
		if err != nil {
			return err
		}
		digits, is := bytes.CutPrefix(bytes.TrimRight(line, "\r\n"), pipelineID)
		if !is {
			continue
		}
		if id, err := strconv.Atoi(string(digits)); err != nil || id != p.sent+1 {
			return fmt.Errorf("the answer to ping %s where that to %d is due", digits, p.sent+1)
		}
		p.sent++
	}
	return nil
}

// rate is the median of the blocks.
func (p *pipeline) rate() float64 {
	if len(p.rates) == 0 {
		return 0
	}
	slices.Sort(p.rates)
	return p.rates[len(p.rates)/2]
}
