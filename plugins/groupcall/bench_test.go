//go:build unix

package groupcall_test

import (
	"bufio"
	"context"
	"fmt"
	"net"
	"os"
	"os/exec"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/astproxy/astproxy/plugins/groupcall"
	"github.com/astproxy/astproxy/plugins/plugintest"
	"github.com/astproxy/astproxy/proxy/proxytest"
	"github.com/astproxy/astproxy/sim"
	"github.com/astproxy/astproxy/upstream"
)

// simulatorVariable makes the test binary be the simulated Asterisk of a benchmark, so that its work is not counted.
const simulatorVariable = "ASTPROXY_BENCH_SIMULATOR"

func TestSimulatorOfTheBenchmark(t *testing.T) {
	if os.Getenv(simulatorVariable) == "" {
		t.Skip("it is a process of BenchmarkAThousandLegs")
	}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	fmt.Println("listens on", l.Addr())
	ctx, cancel := context.WithCancel(t.Context())
	go func() {
		defer cancel()
		_, _ = os.Stdin.Read(make([]byte, 1)) // until the benchmark is gone
	}()
	if err := sim.New(sim.Config{RingTime: time.Second}).Serve(ctx, l); err != nil {
		t.Fatal(err)
	}
}

// simulator starts one in a process of its own.
func simulator(b *testing.B) string {
	b.Helper()
	command := exec.Command(os.Args[0], "-test.run=^TestSimulatorOfTheBenchmark$")
	command.Env = append(os.Environ(), simulatorVariable+"=1")
	input, err := command.StdinPipe()
	if err != nil {
		b.Fatal(err)
	}
	output, err := command.StdoutPipe()
	if err != nil {
		b.Fatal(err)
	}
	if err := command.Start(); err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() {
		input.Close()
		_ = command.Wait()
	})
	for lines := bufio.NewScanner(output); lines.Scan(); {
		if address, is := strings.CutPrefix(lines.Text(), "listens on "); is {
			return address
		}
	}
	b.Fatal("the simulator does not listen")
	return ""
}

// BenchmarkAThousandLegs calls a thousand phones, 200 more each second, and tells what share of one core the proxy takes for
// that until all have answered. A client hears all events. It is no conference: what a thousand in one tell of each other is another
// thing.
func BenchmarkAThousandLegs(b *testing.B) {
	c := groupcall.DefaultConfig()
	c.LegsAtOnce, c.LegsPerSecond = 1000, 200
	c.Groups = []groupcall.GroupConfig{{Name: "many"}}
	for i := range 1000 {
		c.Groups[0].Members = append(c.Groups[0].Members, fmt.Sprintf("PJSIP/%d", 101+i%10)+fmt.Sprintf("/%d", i))
	}
	s := plugintest.Start(b, groupcall.Kind, c, plugintest.Options{Proxy: proxytest.Options{
		Servers: []upstream.Config{proxytest.Server("pbx1", simulator(b), "astproxy", "secret")},
	}})
	s.Up(b, "pbx1")
	client := s.Login(b, "user")
	var cpu, wall time.Duration
	for b.Loop() {
		before, began := processTime(b), time.Now()
		id := begin(b, client, "Group: many", "Context: default", "Exten: echo", "Timeout: 60000")
		if m := client.Event("GroupComplete"); m.Get("Answered") != "1000" {
			b.Fatalf("the end is %s", m)
		}
		cpu, wall = cpu+processTime(b)-before, wall+time.Since(began)
		client.Kept() // or it is looked through for each event
		client.Ask("GroupCancel", "JobID: "+id)
		for left := 0; left < 1000; {
			if m := client.Read(); m.Event() == "GroupLeg" && m.Get("State") == "left" {
				left++
			}
		}
	}
	b.ReportMetric(100*cpu.Seconds()/wall.Seconds(), "%core")
	b.ReportMetric(wall.Seconds()/float64(b.N), "s/gathering")
}

// processTime is what this process has used of processors.
func processTime(b *testing.B) time.Duration {
	b.Helper()
	var u syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
		b.Fatal(err)
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}
