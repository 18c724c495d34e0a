package load

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"net"
	"os/exec"
	"strings"
	"syscall"
	"time"
)

// killAfter is how long a spawned proxy may take to end when asked to.
const killAfter = 10 * time.Second

// A spawned is the proxy started for one run.
type spawned struct {
	cmd    *exec.Cmd
	cancel context.CancelFunc
	ended  chan struct{} // closed when the process has been waited for
	err    error         // how it ended; valid after ended
}

// spawn starts the proxy and returns when its client port answers. stop ends it.
func spawn(ctx context.Context, o Options) (*spawned, error) {
	running, cancel := context.WithCancel(ctx)
	// exec makes the shell become the proxy, so that the pid is the proxy's.
	cmd := exec.CommandContext(running, "sh", "-c", "exec "+o.Spawn)
	cmd.Stdout, cmd.Stderr = o.Log, o.Log
	cmd.Cancel = func() error { return cmd.Process.Signal(syscall.SIGTERM) }
	cmd.WaitDelay = killAfter
	if err := cmd.Start(); err != nil {
		cancel()
		return nil, fmt.Errorf("spawn the proxy: %w", err)
	}
	p := &spawned{cmd: cmd, cancel: cancel, ended: make(chan struct{})}
	go func() {
		p.err = cmd.Wait()
		close(p.ended)
	}()
	if err := p.awaitAnswer(ctx, o); err != nil {
		p.stop()
		return nil, fmt.Errorf("spawned proxy: %w", err)
	}
	return p, nil
}

func (p *spawned) pid() int { return p.cmd.Process.Pid }

// stop asks the proxy to end, kills it when it does not, and waits.
func (p *spawned) stop() {
	p.cancel()
	<-p.ended
}

// awaitAnswer tries the client port until it answers.
func (p *spawned) awaitAnswer(ctx context.Context, o Options) error {
	ctx, cancel := context.WithTimeout(ctx, o.Timeout)
	defer cancel()
	retry := time.NewTicker(20 * time.Millisecond)
	defer retry.Stop()
	for {
		err := probe(ctx, o)
		if err == nil {
			return nil
		}
		select {
		case <-retry.C:
		case <-p.ended:
			return fmt.Errorf("ended by itself: %w", errors.Join(p.err, err))
		case <-ctx.Done():
			return fmt.Errorf("no answer at %s: %w", o.Address, errors.Join(context.Cause(ctx), err))
		}
	}
}

// probe returns nil when the address greets as an AMI server does, or for other clients when it takes a connection.
func probe(ctx context.Context, o Options) error {
	var dialer net.Dialer
	conn, err := dialer.DialContext(ctx, "tcp", o.Address)
	if err != nil {
		return err
	}
	defer conn.Close()
	if o.Kind != kindAMI {
		return nil
	}
	if err := conn.SetDeadline(time.Now().Add(time.Second)); err != nil {
		return err
	}
	line, err := bufio.NewReader(conn).ReadString('\n')
	if err == nil && !strings.Contains(line, "/") {
		err = fmt.Errorf("unexpected banner %q", line)
	}
	return err
}
