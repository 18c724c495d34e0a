package load

import (
	"bufio"
	"bytes"
	"context"
	"fmt"
	"io"
	"net"
	"os/exec"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"time"
)

// A nats-server is what the proxy is compared with: a message broker, made for fan-out, whose subscribers all want
// one subject. Its protocol is text (docs.nats.io, "Client Protocol"): PUB load 410, and the subscribers get MSG load 1 410.
const natsSubject = "load"

// natsClients are subscribers. What they read is the events' text, as AMI clients do, between MSG lines.
type natsClients struct{ address string }

func (k natsClients) wire() *wire { return amiWire }

func (k natsClients) name() string { return baselineNATS }

func (k natsClients) open(ctx context.Context, n int) (net.Conn, []byte, error) {
	conn, err := dial(ctx, k.address)
	if err != nil {
		return nil, nil, err
	}
	r := bufio.NewReaderSize(conn, 4096) // INFO is a long line
	err = natsHello(conn, r, "SUB "+natsSubject+" 1\r\n")
	return conn, nil, settled(conn, n, k.address, err)
}

// natsHello introduces a client, has it do something, and waits until that is done.
func natsHello(conn net.Conn, r *bufio.Reader, do string) error {
	if line, err := r.ReadString('\n'); err != nil || !strings.HasPrefix(line, "INFO ") {
		return fmt.Errorf("no nats-server: %q %w", line, err)
	}
	if _, err := io.WriteString(conn, `CONNECT {"verbose":false,"pedantic":false,"name":"load"}`+"\r\n"+do+"PING\r\n"); err != nil {
		return err
	}
	for {
		line, err := r.ReadString('\n')
		if err != nil || line == "PONG\r\n" {
			return err
		}
	}
}

// A natsPublisher is who has the events.
type natsPublisher struct {
	conn net.Conn
	out  []byte
	wait sync.WaitGroup
	mu   sync.Mutex // one writer at a time
}

func newNATSPublisher(ctx context.Context, address string) (*natsPublisher, error) {
	conn, err := dial(ctx, address)
	if err != nil {
		return nil, err
	}
	r := bufio.NewReaderSize(conn, 4096)
	if err := settled(conn, 0, address, natsHello(conn, r, "")); err != nil {
		return nil, err
	}
	p := &natsPublisher{conn: conn}
	p.wait.Go(func() { p.answer(r) })
	return p, nil
}

// answer answers the server's pings until the connection ends.
func (p *natsPublisher) answer(r *bufio.Reader) {
	for {
		line, err := r.ReadString('\n')
		if err != nil {
			return
		}
		if line == "PING\r\n" {
			p.mu.Lock()
			_, _ = io.WriteString(p.conn, "PONG\r\n") // an error comes back at the next event
			p.mu.Unlock()
		}
	}
}

// broadcast publishes whole events.
func (p *natsPublisher) broadcast(events []byte) error {
	p.out = p.out[:0]
	for len(events) > 0 {
		n := bytes.Index(events, []byte(blockEnd)) + len(blockEnd)
		p.out = append(p.out, "PUB "+natsSubject+" "...)
		p.out = strconv.AppendInt(p.out, int64(n), 10)
		p.out = append(append(append(p.out, "\r\n"...), events[:n]...), "\r\n"...)
		events = events[n:]
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	_, err := p.conn.Write(p.out)
	return err
}

func (p *natsPublisher) close() {
	p.conn.Close()
	p.wait.Wait()
}

// runNATS measures a nats-server with as many subscribers and the same events.
func runNATS(ctx context.Context, o Options, rec *recording) (Report, error) {
	o.Slow, o.Frozen, o.Hold = 0, 0, 0
	address, err := unusedAddress()
	if err != nil {
		return Report{}, err
	}
	_, port, _ := net.SplitHostPort(address)
	running, cancel := context.WithCancel(ctx)
	cmd := exec.CommandContext(running, o.NATS, "-a", "127.0.0.1", "-p", port)
	cmd.Cancel = func() error { return cmd.Process.Signal(syscall.SIGTERM) }
	cmd.WaitDelay = killAfter
	if err := cmd.Start(); err != nil {
		cancel()
		return Report{}, fmt.Errorf("start %s: %w", o.NATS, err)
	}
	defer func() {
		cancel()
		_ = cmd.Wait() // how it ends does not matter any more
	}()
	publisher, err := awaitNATS(ctx, address, o.Timeout)
	if err != nil {
		return Report{}, err
	}
	defer publisher.close()
	return measure(ctx, o, rec, target{
		name: baselineNATS, kind: natsClients{address}, asterisk: publisher, server: &process{pid: cmd.Process.Pid},
	})
}

// awaitNATS tries until the server answers.
func awaitNATS(ctx context.Context, address string, timeout time.Duration) (*natsPublisher, error) {
	ctx, cancel := context.WithTimeout(ctx, timeout)
	defer cancel()
	retry := time.NewTicker(20 * time.Millisecond)
	defer retry.Stop()
	for {
		p, err := newNATSPublisher(ctx, address)
		if err == nil {
			return p, nil
		}
		select {
		case <-retry.C:
		case <-ctx.Done():
			return nil, fmt.Errorf("nats-server at %s: %w", address, err)
		}
	}
}

// unusedAddress is one that nobody listened at a moment ago.
func unusedAddress() (string, error) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return "", err
	}
	defer l.Close()
	return l.Addr().String(), nil
}
