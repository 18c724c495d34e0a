//go:build linux

package load

import (
	"bufio"
	"bytes"
	"context"
	"net"
	"strings"
	"sync"
	"testing"
)

// A fanout is a trivial proxy: it logs in to the played Asterisk and writes each event to every
// client, as change makes it.
type fanout struct {
	listener net.Listener
	change   func(event []byte, sequence uint64) []byte
	wait     sync.WaitGroup

	mu      sync.Mutex
	clients []net.Conn
}

// startFanout listens at once, and dials upstream until that listens too.
func startFanout(t *testing.T, change func(event []byte, sequence uint64) []byte) *fanout {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	f := &fanout{listener: l, change: change}
	f.wait.Go(f.accept)
	t.Cleanup(func() {
		l.Close()
		f.mu.Lock()
		for _, c := range f.clients {
			c.Close()
		}
		f.mu.Unlock()
		f.wait.Wait()
	})
	return f
}

func (f *fanout) address() string { return f.listener.Addr().String() }

func (f *fanout) accept() {
	for {
		conn, err := f.listener.Accept()
		if err != nil {
			return
		}
		f.wait.Go(func() { f.serve(conn) })
	}
}

// serve answers a client until it is gone; its events come from copyFrom.
func (f *fanout) serve(conn net.Conn) {
	defer conn.Close()
	if _, err := conn.Write([]byte(banner)); err != nil {
		return
	}
	r := bufio.NewReader(conn)
	for {
		action, err := readMessage(r)
		if err != nil {
			return
		}
		f.mu.Lock()
		reply := replyTo(action)
		_, err = conn.Write([]byte(reply.text))
		if reply.login {
			f.clients = append(f.clients, conn)
		}
		f.mu.Unlock()
		if err != nil {
			return
		}
	}
}

// copyFrom logs in to the played Asterisk at address and passes its events on until it ends.
func (f *fanout) copyFrom(t *testing.T, address string) {
	k := amiClients{address: address, username: "proxy"}
	conn, rest, err := k.open(context.Background(), 0)
	if err != nil {
		t.Errorf("fan-out: %v", err)
		return
	}
	f.wait.Go(func() {
		defer conn.Close()
		f.copyEvents(conn, rest)
	})
}

func (f *fanout) copyEvents(conn net.Conn, pending []byte) {
	buffer := make([]byte, 4096)
	for {
		n, err := conn.Read(buffer)
		if err != nil {
			return
		}
		pending = append(pending, buffer[:n]...)
		for {
			event, after, whole := bytes.Cut(pending, amiWire.end)
			if !whole {
				break
			}
			f.pass(append(bytes.Clone(event), blockEnd...))
			pending = after
		}
	}
}

func (f *fanout) pass(event []byte) {
	sequence := uint64(0)
	if i := bytes.Index(event, amiWire.mark); i >= 0 {
		sequence, _, _ = amiWire.parse(event[i:])
	}
	if sequence > 0 {
		event = f.change(event, sequence)
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	for _, c := range f.clients {
		_, _ = c.Write(event) // a client that is gone is no matter here
	}
}

// unchanged passes everything on.
func unchanged(event []byte, _ uint64) []byte { return event }

// proxyGap is the event by which a proxy says that it dropped some.
func proxyGap(missed string) []byte {
	return []byte("Event: ProxyGap\r\nPrivilege: system,all\r\nMissed: " + missed + blockEnd)
}

// withHeader adds a header behind the mark, as a proxy for several servers does.
func withHeader(event []byte, _ uint64) []byte {
	return []byte(strings.TrimSuffix(string(event), "\r\n") + "Server: one" + blockEnd)
}

// runThrough makes a run through a fan-out that changes events.
func runThrough(t *testing.T, o Options, change func([]byte, uint64) []byte) Report {
	t.Helper()
	f := startFanout(t, change)
	o.Address = f.address()
	o.listening = func(address string) { f.copyFrom(t, address) }
	o.Listen = "127.0.0.1:0"
	r, err := Run(t.Context(), o)
	if err != nil {
		t.Fatal(err)
	}
	return r
}
