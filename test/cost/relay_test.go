//go:build linux

package cost

import (
	"bufio"
	"bytes"
	"io"
	"net"
	"sync"
	"sync/atomic"
	"testing"
)

// A relay stands between a proxy and its Asterisk and counts how often that is asked for QueueStatus.
type relay struct {
	address  string
	asked    atomic.Int64
	listener net.Listener
	ended    sync.WaitGroup
}

var queueStatus = []byte("Action: QueueStatus\r\n")

// startRelay takes one connection, and passes on what comes until either side ends it; end ends it, too.
func startRelay(tb testing.TB, to string) *relay {
	tb.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		tb.Fatal(err)
	}
	r := &relay{address: l.Addr().String(), listener: l}
	r.ended.Go(func() {
		from, err := l.Accept()
		if err != nil {
			return
		}
		defer from.Close()
		asterisk, err := net.Dial("tcp", to)
		if err != nil {
			tb.Error(err)
			return
		}
		r.ended.Go(func() {
			_, _ = io.Copy(from, asterisk)
			from.Close()
		})
		r.count(asterisk, from)
		asterisk.Close()
	})
	return r
}

// count passes on whole lines, as many at once as there are.
func (r *relay) count(to io.Writer, from io.Reader) {
	lines, out := bufio.NewReaderSize(from, 64<<10), bufio.NewWriterSize(to, 64<<10)
	for {
		line, err := lines.ReadSlice('\n')
		if bytes.EqualFold(line, queueStatus) {
			r.asked.Add(1)
		}
		_, _ = out.Write(line)
		if lines.Buffered() == 0 || err != nil {
			if out.Flush() != nil || err != nil {
				return
			}
		}
	}
}

// end waits for the end of the connection, which is the proxy's to end.
func (r *relay) end() {
	r.listener.Close()
	r.ended.Wait()
}
