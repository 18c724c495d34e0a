//go:build linux

package cost

import (
	"bytes"
	"fmt"
	"regexp"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/astproxy/astproxy/test/asterisk"
)

// startCalling starts an Asterisk that makes calls all the time, one every interval or a little less: a channel in its
// own dialplan originates them, so that no manager session is needed for it.
func startCalling(tb testing.TB, interval time.Duration) *asterisk.Server {
	tb.Helper()
	s := asterisk.Start(tb, "22")
	s.AddExtensions("caller", fmt.Sprintf(`exten => caller,1,Answer()
 same => n(next),Originate(Local/load@default,exten,default,load,1,5,a)
 same => n,Wait(%.3f)
 same => n,Goto(next)`, interval.Seconds()))
	s.CLI("channel originate Local/caller@default application Wait 36000")
	return s
}

var processed = regexp.MustCompile(`(\d+) calls? processed`)

// callsOf is how many calls an Asterisk has made.
func callsOf(tb testing.TB, s *asterisk.Server) float64 {
	tb.Helper()
	found := processed.FindStringSubmatch(s.CLI("core show calls"))
	if found == nil {
		tb.Fatal("core show calls tells no number")
	}
	n, err := strconv.ParseFloat(found[1], 64)
	if err != nil {
		tb.Fatal(err)
	}
	return n / 2 // each has two ends in the dialplan
}

// listenerWays are who wants all events of the calls, n of them where there are many.
func listenerWays(s *asterisk.Server, n int) []way {
	direct := func(n int) func(testing.TB) running {
		return func(tb testing.TB) running { return listeners(tb, s.AMIAddress, s, n) }
	}
	through := func(n int) func(testing.TB) running {
		return func(tb testing.TB) running {
			p := startProxy(tb, s, s.AMIAddress, "")
			return listeners(tb, p.address, s, n).behind(p)
		}
	}
	return []way{
		{name: "nobody", begin: nobody},
		{name: "1 directly", begin: direct(1)},
		{name: "1 through astproxy", begin: through(1)},
		{name: fmt.Sprint(n, " through astproxy"), begin: through(n)},
		{name: fmt.Sprint(n, " directly"), begin: direct(n)},
	}
}

// listeners has n clients read all events. They are compared with each other at the end: between a mark at the beginning
// and one at the end each has to have got as many.
func listeners(tb testing.TB, address string, s *asterisk.Server, n int) running {
	tb.Helper()
	all := openAll(tb, address, s, n)
	began := make(chan struct{}, n)
	events := make([]int, n)
	var readers sync.WaitGroup
	for i, c := range all {
		readers.Go(func() {
			var err error
			if events[i], err = c.count(func() { began <- struct{}{} }); err != nil {
				tb.Errorf("listener %d: %v", i, err)
			}
		})
	}
	mark := func(text string) {
		if _, err := all[0].send("UserEvent", "UserEvent: Cost", "Mark: "+text); err != nil {
			tb.Error(err)
		}
	}
	mark("begin")
	for range n {
		<-began
	}
	return running{end: func() int {
		mark("end")
		readers.Wait()
		closeAll(all)
		for i, each := range events {
			if each != events[0] {
				tb.Errorf("listener %d got %d events, the first %d", i, each, events[0])
			}
		}
		return events[0]
	}}
}

var (
	markBegin = []byte("Mark: begin\r\n")
	markEnd   = []byte("Mark: end\r\n")
	gapStart  = []byte("Event: ProxyGap")
)

// count reads up to the mark of the end and returns how many events came since the one of the beginning.
func (c *session) count(begun func()) (events int, err error) {
	for {
		line, err := c.reader.ReadSlice('\n')
		switch {
		case err != nil:
			begun()
			return events, err
		case bytes.HasPrefix(line, gapStart):
			begun()
			return events, fmt.Errorf("%s", strings.TrimSpace(string(line)))
		case bytes.HasPrefix(line, eventStart):
			events++
		case bytes.Equal(line, markBegin):
			events = 0
			begun()
		case bytes.Equal(line, markEnd):
			return events, nil
		}
	}
}
