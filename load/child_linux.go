package load

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"net"
	"os"
	"os/exec"
	"strconv"
	"strings"
)

// The roles of a child process: this program again, with hidden flags. A role is a process of its
// own so that its CPU time can be read like a proxy's.
const (
	childSockets = "sockets" // the baseline: bare socket writes
	childSecure  = "secure"  // the same over TLS
	childNarrow  = "narrow:" // one bare write an event; behind it how many clients there are
	childRelay   = "relay"   // copies bytes both ways
)

// A child is a running child process.
type child struct {
	address string // where it listens

	cmd   *exec.Cmd
	stdin io.Closer
}

// startChild runs this program in a role, towards the upstream address, and returns when it
// listens. The child ends with its standard input, so it does not outlive its parent.
func startChild(ctx context.Context, role, upstream string) (*child, error) {
	exe, err := os.Executable()
	if err != nil {
		return nil, err
	}
	cmd := exec.CommandContext(ctx, exe, "load", "--child", role, "--upstream", upstream)
	cmd.Stderr = os.Stderr
	stdin, err := cmd.StdinPipe()
	if err != nil {
		return nil, err
	}
	stdout, err := cmd.StdoutPipe()
	if err != nil {
		return nil, err
	}
	if err := cmd.Start(); err != nil {
		return nil, fmt.Errorf("start child %s: %w", role, err)
	}
	c := &child{cmd: cmd, stdin: stdin}
	line, err := bufio.NewReader(stdout).ReadString('\n')
	if err != nil {
		c.stop()
		return nil, fmt.Errorf("child %s says no address: %w", role, err)
	}
	c.address = strings.TrimSpace(line)
	return c, nil
}

func (c *child) pid() int { return c.cmd.Process.Pid }

// stop ends the child and waits for it. How it ends does not matter any more.
func (c *child) stop() {
	c.stdin.Close()
	_ = c.cmd.Wait()
}

// runChild is the child's side: it plays the role until stdin ends.
func runChild(ctx context.Context, role, upstream string, stdin io.Reader, stdout io.Writer) error {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	go func() { // ends with the process
		_, _ = io.Copy(io.Discard, stdin)
		cancel()
	}()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return err
	}
	context.AfterFunc(ctx, func() { l.Close() })
	if _, err := fmt.Fprintln(stdout, l.Addr()); err != nil {
		return err
	}
	if role == childRelay {
		return serveRelay(ctx, l, upstream)
	}
	s, err := socketsFor(role)
	if err != nil {
		return err
	}
	return s.serve(ctx, l, upstream)
}

// socketsFor is the bare writer that a role names.
func socketsFor(role string) (*socketsServer, error) {
	if clients, narrow := strings.CutPrefix(role, childNarrow); narrow {
		n, err := strconv.Atoi(clients)
		if err != nil || n < 1 {
			return nil, fmt.Errorf("child role %q names no number of clients", role)
		}
		return narrowSockets(n), nil
	}
	switch role {
	case childSockets:
		return plainSockets(), nil
	case childSecure:
		return secureSockets()
	default:
		return nil, fmt.Errorf("no child role %q", role)
	}
}
