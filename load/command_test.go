//go:build linux

package load

import (
	"bytes"
	"encoding/json"
	"fmt"
	"net"
	"os"
	"strings"
	"testing"
)

// freeAddress is one that nobody listens on.
func freeAddress(t *testing.T) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	return l.Addr().String()
}

func TestOneCommandSpawnsAProxyAndMeasuresIt(t *testing.T) {
	listen, address := freeAddress(t), freeAddress(t)
	cmd := Command()
	var out, problems bytes.Buffer
	cmd.SetOut(&out)
	cmd.SetErr(&problems)
	cmd.SetArgs([]string{
		"--listen", listen, "--address", address, "--json",
		"--spawn", fmt.Sprintf("%s proxy %s %s", os.Args[0], address, listen),
		"--clients", "10", "--events", "500", "--hold", "1ms",
	})
	if err := cmd.Execute(); err != nil {
		t.Fatalf("%v\n%s", err, &problems)
	}
	var r Report
	if err := json.Unmarshal(out.Bytes(), &r); err != nil {
		t.Fatalf("%v in %s", err, &out)
	}
	s := r.Server
	if r.Deliveries != 5000 || r.Lost != 0 || s == nil {
		t.Fatalf("%+v", r)
	}
	if s.CPUSeconds <= 0 || s.RSSBefore <= 0 || s.RSSPeak < s.RSSBefore || s.PID == os.Getpid() {
		t.Errorf("%+v", s)
	}
	if _, err := os.Stat(fmt.Sprintf("/proc/%d", s.PID)); err == nil {
		t.Errorf("the spawned proxy, %d, still runs", s.PID)
	}
}

func TestWhatCannotWorkSaysWhy(t *testing.T) {
	for _, c := range []struct {
		args []string
		want string
	}{
		{[]string{"--spawn", "false"}, "ended by itself"},
		{[]string{"--clients", "2000000000"}, "open files needed"},
		{[]string{"--timeout", "1ms"}, "no proxy logged in"},
		{[]string{"--asterisk", "maybe"}, "must be on or off"},
		{[]string{"--asterisk", "off", "--clients", "1"}, "connection refused"},
		{[]string{"--baseline", "x"}, "there are sockets and nats"},
		{[]string{"--kind", "carrier-pigeon"}, "there are ami, tls, ws, sse"},
		{[]string{"--narrow", "--clients", "0"}, "--narrow is for"},
		{[]string{"--kind", "tls", "--slow", "1"}, "none of --kind tls"},
		{[]string{"--rate", "5", "--burst"}, "none of the others can be"},
		{[]string{"--rate", "5", "--duration", "0"}, "needs a --duration"},
		{[]string{"--pid", "1", "--spawn", "x"}, "none of the others can be"},
	} {
		cmd := Command()
		var out bytes.Buffer
		cmd.SetOut(&out)
		cmd.SetErr(&out)
		cmd.SetArgs(append([]string{"--listen", freeAddress(t), "--address", freeAddress(t)}, c.args...))
		if err := cmd.Execute(); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%v: %v", c.args, err)
		}
	}
}

func TestAClientThatIsClosedIsReported(t *testing.T) {
	var f *fanout
	f = startFanout(t, func(event []byte, sequence uint64) []byte {
		if sequence == 50 {
			f.mu.Lock()
			defer f.mu.Unlock()
			f.clients[0].Close()
			f.clients = f.clients[1:]
		}
		return event
	})
	o := Options{Clients: 3, Events: 100, Address: f.address(), Listen: "127.0.0.1:0"}
	o.listening = func(address string) { f.copyFrom(t, address) }
	r, err := Run(t.Context(), o)
	if err != nil {
		t.Fatal(err)
	}
	if r.Disconnected != 1 || r.Unfinished != 1 || r.Lost != 51 || r.Deliveries != 249 {
		t.Errorf("%+v", r)
	}
}
