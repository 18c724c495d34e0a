package live_test

import (
	"bufio"
	"net"
	"os"
	"runtime"
	"runtime/debug"
	"strconv"
	"strings"
	"testing"

	"github.com/astproxy/astproxy/proxy/proxytest"
)

// maxIdle is how many bytes a client that has nothing to do may cost.
const maxIdle = 32 << 10

// TestAnIdleClientCostsLittle holds a thousand of each kind, whose own ends, in the same process, count
// as if they were the proxy's.
func TestAnIdleClientCostsLittle(t *testing.T) {
	if raceDetector {
		t.Skip("the race detector needs memory of its own")
	}
	const clients = 1000
	for _, way := range []string{"ws", "events"} {
		t.Run(way, func(t *testing.T) {
			p := startProxy(t)
			connect := func() net.Conn {
				if way == "ws" {
					return rawSocket(t, p, "/ws", basic(proxytest.Secret), "").Conn
				}
				return listen(t, p, "").Conn
			}
			connect() // what the first one makes is everybody's
			count(t, p, 0, 100)
			before, residentBefore := memory(t)
			open := make([]net.Conn, 0, clients)
			for range clients {
				open = append(open, connect())
			}
			count(t, p, 0, 10) // all are let in, and written to
			p.Settle(t)
			after, residentAfter := memory(t)
			runtime.KeepAlive(open)
			each, resident := (after-before)/clients, (residentAfter-residentBefore)/clients
			t.Logf("%d bytes of heap and stacks a client, %d resident", each, resident)
			if each > maxIdle || resident > maxIdle {
				t.Errorf("that is more than %d", maxIdle)
			}
		})
	}
}

// memory is what the process holds: by Go's own account, and the system's.
func memory(t *testing.T) (held, resident int) {
	t.Helper()
	runtime.GC()
	debug.FreeOSMemory()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return int(m.HeapInuse + m.StackInuse), residentBytes(t)
}

// residentBytes is zero where the system does not tell.
func residentBytes(t *testing.T) int {
	t.Helper()
	f, err := os.Open("/proc/self/status")
	if err != nil {
		return 0
	}
	defer f.Close()
	lines := bufio.NewScanner(f)
	for lines.Scan() {
		if text, ok := strings.CutPrefix(lines.Text(), "VmRSS:"); ok {
			kilobytes, err := strconv.Atoi(strings.TrimSpace(strings.TrimSuffix(text, "kB")))
			if err != nil {
				t.Fatal(err)
			}
			return kilobytes << 10
		}
	}
	return 0
}
