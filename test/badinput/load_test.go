package badinput_test

import (
	"strconv"
	"strings"
	"sync"
	"testing"

	"github.com/astproxy/astproxy/ami"
	"github.com/astproxy/astproxy/proxy/feed"
)

// bound is how much memory the events of a proxy may take, as docs/operations.md has it: three times its [events] memory,
// recent, and what each client that is behind holds on to, a chunk of 64 KiB or the largest event.
func bound(f feed.Config, clients int, largest int64) int64 {
	return 3*f.Memory + f.Recent + int64(clients)*max(64<<10, largest)
}

// largestTail is how much a view's memory may be passed before the oldest goes.
const largestTail = 1 << 20

// beside is what a test's own clients take, and the rest of a proxy with some.
const beside = 8 << 20

// listeners are so many clients of each kind.
func (n *network) listeners(each int) (all []listener) {
	n.t.Helper()
	for range each {
		all = append(all, n.manager(), n.webSocket(), n.eventStream())
	}
	return all
}

// account has each listener read until it has had, or was told that it misses, all of so many events.
func account(t *testing.T, sent int, all []listener) {
	t.Helper()
	var reading sync.WaitGroup
	for _, l := range all {
		reading.Go(func() {
			got := &tally{t: t}
			for got.next < sent {
				got.take(l.next())
			}
			if got.next != sent {
				t.Errorf("%s: %d events are accounted for, of %d", l.name, got.next, sent)
			}
		})
	}
	reading.Wait()
}

//astproxy:attack
func TestABurstOfAHundredThousandEventsStaysWithinTheMemoryAndIsAccountedForInFull(t *testing.T) {
	const (
		sent   = 100_000 / share
		atOnce = 1000
		size   = 200
		idle   = 4 // of each kind, for each user
	)
	config := feed.Config{Memory: 4 << 20, Recent: 1 << 20}
	n := startNetwork(t, config)
	n.freeze("user", idle)
	n.freeze("patient", idle)
	busy, late := n.listeners(3), n.listeners(1)
	before := liveHeap()
	var reading sync.WaitGroup
	reading.Go(func() { account(t, sent, busy) })
	for i := 0; i < sent; i += atOnce {
		n.send(burst(i, atOnce, size))
		if events, _ := n.Feed().Memory(); events > 2*config.Memory+largestTail {
			t.Fatalf("behind event %d the events take %d bytes", i, events)
		}
	}
	reading.Wait()
	clients := 2*3*idle + len(busy) + len(late)
	if grown, most := liveHeap()-before, bound(config, clients, 0)+beside; grown > most {
		t.Errorf("the heap has grown by %d bytes, %d are allowed", grown, most)
	}
	account(t, sent, late)
}

// largeEvent is the text of an event of so many lines.
func largeEvent(number, lines, size int) string {
	return "Event: UserEvent\r\nPrivilege: user,all\r\nNumber: " + strconv.Itoa(number) + "\r\n" +
		strings.Repeat("Text: "+strings.Repeat("x", size)+"\r\n", lines) + "\r\n"
}

//astproxy:attack
func TestEventsOfAMegabyteAndMoreStayWithinTheMemoryAndHarmNobody(t *testing.T) {
	const (
		events  = 100/share + 20
		large   = 1 << 20
		growth  = 64 << 10 // what an event may be longer in another format
		formats = 4
		idle    = 2 // of each kind, for each user
	)
	config := feed.Config{Memory: 8 << 20, Recent: 2 << 20}
	n := startNetwork(t, config)
	n.freeze("user", idle)
	n.freeze("patient", idle)
	busy := n.listeners(1)
	tallies := make([]tally, len(busy))
	before := liveHeap()
	tooLarge := 0
	for number := range events {
		switch number % 25 {
		case 10:
			n.send(largeEvent(number, 1, ami.ReplyLimits.Line))
			tooLarge++
		case 20:
			n.send(largeEvent(number, ami.ReplyLimits.Block/(64<<10)+1, 64<<10))
			tooLarge++
		default:
			n.send(largeEvent(number, large/(64<<10), 64<<10))
		}
		for i, l := range busy {
			tallies[i].t = t
			for tallies[i].next <= number {
				tallies[i].take(l.next())
			}
		}
	}
	clients := 2*3*idle + len(busy)
	most := bound(config, clients, large+growth) + formats*(large+growth) + beside
	if grown := liveHeap() - before; grown > most {
		t.Errorf("the heap has grown by %d bytes, %d are allowed", grown, most)
	}
	for i, l := range busy {
		if tallies[i].missed != tooLarge {
			t.Errorf("%s: %d events are missing, %d were too large", l.name, tallies[i].missed, tooLarge)
		}
	}
}
