package asterisk

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"net"
	"testing"
)

// The ports instances get lie below the range the kernel gives to outgoing
// connections and to listeners on port 0: one that is free while Asterisk is
// killed or being restarted stays free. They lie above those of rtp.conf.
const (
	firstPort = 20000
	lastPort  = 29999
)

// reservation holds a port against the other instances, of this test binary and
// of any other on the machine, for as long as this process lives or until it is
// released. It does not listen on the port: Asterisk will.
type reservation struct {
	port   int
	holder net.Listener
}

// FreeAddress returns an address on loopback, of the form host:port, for a listener of
// the test that may close and open again: until the test ends it goes to nobody else.
func FreeAddress(tb testing.TB) string {
	tb.Helper()
	reserved, err := reservePort()
	if err != nil {
		tb.Fatal(err)
	}
	tb.Cleanup(reserved.release)
	return loopback(reserved.port)
}

// reservePort finds a port that is free on loopback, for TCP and for UDP.
func reservePort() (*reservation, error) {
	var last error
	for range 100 {
		port := firstPort + rand.IntN(lastPort-firstPort+1)
		// An abstract socket leaves nothing behind, and the kernel frees its name
		// with the process.
		holder, err := net.Listen("unix", fmt.Sprintf("@astproxy-test-port-%d", port))
		if err != nil {
			last = err
			continue
		}
		if err := checkFree(port); err != nil {
			holder.Close()
			last = err
			continue
		}
		return &reservation{port: port, holder: holder}, nil
	}
	return nil, fmt.Errorf("no free port between %d and %d: %w", firstPort, lastPort, last)
}

func (r *reservation) release() { r.holder.Close() }

func checkFree(port int) error {
	address := loopback(port)
	stream, err := net.Listen("tcp", address)
	if err != nil {
		return err
	}
	packets, err := net.ListenPacket("udp", address)
	if err != nil {
		return errors.Join(err, stream.Close())
	}
	return errors.Join(stream.Close(), packets.Close())
}

// loopback returns the address of a port in the form of net.Dial.
func loopback(port int) string { return fmt.Sprintf("127.0.0.1:%d", port) }
