//go:build linux

package load

import (
	"bytes"
	"encoding/json"
	"os"
	"testing"
	"time"
)

func TestAProxyThatForwardsEverythingLosesNothing(t *testing.T) {
	for name, o := range map[string]Options{
		"burst":         {Clients: 20, Events: 3000},
		"paced":         {Clients: 20, Rate: 5000, Duration: 200 * time.Millisecond},
		"several":       {Clients: 7, Events: 1000, Readers: 3},
		"with a server": {Clients: 3, Events: 1000, PID: os.Getpid()},
	} {
		t.Run(name, func(t *testing.T) {
			r := runThrough(t, o, unchanged)
			if r.Deliveries != r.EventsExpected || r.EventsExpected != uint64(o.Clients)*r.EventsOffered || r.EventsOffered < 1000 {
				t.Errorf("%d deliveries of %d for %d events", r.Deliveries, r.EventsExpected, r.EventsOffered)
			}
			if r.Lost+r.Gaps+r.Duplicates+r.OutOfOrder != 0 || r.Unfinished+r.Disconnected != 0 {
				t.Errorf("a clean run reports faults: %+v", r)
			}
			if sent := sentBytes(r.EventsOffered); r.Bytes != uint64(o.Clients)*sent {
				t.Errorf("%d bytes, sent were %d times %d", r.Bytes, o.Clients, sent)
			}
			if o.PID != 0 && (r.Server.CPUSeconds <= 0 || r.Server.RSSPeak <= 0 || r.Server.DeliveriesByCPU <= 0) {
				t.Errorf("server not measured: %+v", r.Server)
			}
		})
	}
}

// sentBytes is what events 1 to n take on the wire, up to the last one's mark.
func sentBytes(n uint64) uint64 {
	rec := newRecording(recorded)
	var b []byte
	for sequence := uint64(1); sequence <= n; sequence++ {
		b = rec.appendEvent(b, sequence, 0)
	}
	return uint64(len(b)) // the marker's blank line before them stands for the last one's
}

func TestAHeaderAddedToEachEventIsNoFault(t *testing.T) {
	r := runThrough(t, Options{Clients: 5, Events: 2000}, withHeader)
	if r.Deliveries != 10_000 || r.Lost+r.Duplicates+r.OutOfOrder != 0 {
		t.Errorf("%+v", r)
	}
}

func TestOneDroppedEventIsLostOnceForEachClient(t *testing.T) {
	for _, dropped := range []uint64{1, 500, 1000} {
		o := Options{Clients: 5, Events: 1000}
		if dropped == o.Events {
			o.Timeout = 5 * time.Second // nothing tells that the last will not come; a busy machine may take one for all the others
		}
		r := runThrough(t, o, func(event []byte, sequence uint64) []byte {
			if sequence == dropped {
				return nil
			}
			return event
		})
		if r.Lost != 5 || r.Unannounced != 5 || r.Deliveries != 999*5 || r.Duplicates+r.OutOfOrder+r.Gaps != 0 {
			t.Errorf("event %d dropped: %+v", dropped, r)
		}
		if wantUnfinished := dropped == o.Events; (r.Unfinished == 5) != wantUnfinished {
			t.Errorf("event %d dropped: %d clients unfinished", dropped, r.Unfinished)
		}
	}
}

func TestAnAnnouncedGapIsLostButNotSilently(t *testing.T) {
	for _, first := range []uint64{1, 500, 991} { // 991: the last ten are the ones missed
		r := runThrough(t, Options{Clients: 5, Events: 1000}, func(event []byte, sequence uint64) []byte {
			switch {
			case sequence == first:
				return proxyGap("10")
			case sequence > first && sequence < first+10:
				return nil
			default:
				return event
			}
		})
		if r.Lost != 50 || r.Unannounced != 0 || r.Gaps != 5 || r.Missed != 50 || r.Unfinished != 0 || r.Duplicates != 0 {
			t.Errorf("gap at %d: %+v", first, r)
		}
	}
}

func TestDuplicatesAreCountedAndNotDelivered(t *testing.T) {
	r := runThrough(t, Options{Clients: 5, Events: 1000}, func(event []byte, sequence uint64) []byte {
		if sequence%100 == 0 {
			return append(event, event...)
		}
		return event
	})
	// The last event's copy may come after the end.
	if r.Duplicates < 9*5 || r.Duplicates > 10*5 || r.Deliveries != 5000 || r.Lost+r.OutOfOrder != 0 {
		t.Errorf("%+v", r)
	}
}

func TestAnEventThatComesLateIsOutOfOrderAndNotLost(t *testing.T) {
	var held []byte
	r := runThrough(t, Options{Clients: 5, Events: 1000}, func(event []byte, sequence uint64) []byte {
		switch sequence {
		case 700:
			held = event
			return nil
		case 705:
			return append(event, held...)
		default:
			return event
		}
	})
	if r.OutOfOrder != 5 || r.Lost+r.Duplicates != 0 || r.Deliveries != 5000 {
		t.Errorf("%+v", r)
	}
}

func TestClientsThatDoNotReadAreReportedApart(t *testing.T) {
	r := runThrough(t, Options{Clients: 2, Slow: 2, Frozen: 2, Events: 100}, unchanged)
	if r.Deliveries != 200 || r.Slow == nil || r.Slow.Clients != 2 || r.Frozen == nil || r.Frozen.Deliveries != 0 {
		t.Errorf("%+v", r)
	}
}

func TestTheBaselineDeliversTheSameFromAnotherProcess(t *testing.T) {
	r := runThrough(t, Options{Clients: 10, Events: 2000, Baselines: []string{baselineSockets}}, unchanged)
	if len(r.Baselines) != 1 {
		t.Fatalf("%+v", r)
	}
	b := r.Baselines[0]
	if b.Deliveries != r.Deliveries || b.Lost != 0 || b.Server.PID == os.Getpid() || b.Server.CPUSeconds <= 0 {
		t.Fatalf("%+v", b)
	}
	var text bytes.Buffer
	r.WriteText(&text)
	if !bytes.Contains(text.Bytes(), []byte("20000 of 20000")) {
		t.Errorf("the text does not tell the deliveries:\n%s", &text)
	}
	encoded, err := json.Marshal(r)
	if err != nil {
		t.Fatal(err)
	}
	var back Report
	if err := json.Unmarshal(encoded, &back); err != nil || back.Deliveries != r.Deliveries || back.Baselines[0].Deliveries != b.Deliveries {
		t.Errorf("JSON does not hold the report: %v\n%s", err, encoded)
	}
}

// What the bare writers of secure and of narrow clients deliver is counted as theirs, not as what the proxy delivers.
func TestTheBaselineOfNarrowAndOfSecureClientsDeliversTheSame(t *testing.T) {
	for _, o := range []Options{
		{Clients: 10, Events: 2000, Narrow: true},
		{Clients: 10, Events: 2000, Kind: kindTLS},
	} {
		o.Timeout = time.Minute
		ctx := t.Context()
		if err := reserveFiles(100); err != nil {
			t.Fatal(err)
		}
		rec := newRecording(recorded)
		want := uint64(10 * 2000)
		if o.Narrow {
			rec, want = rec.narrowed(o.Clients), 2000
		}
		b, err := runSockets(ctx, o.withDefaults(), rec)
		if err != nil || b.Deliveries != want || b.Lost+b.Duplicates+b.OutOfOrder != 0 || b.Kind != o.kind().name() {
			t.Errorf("%+v: %v, %+v", o, err, b)
		}
	}
}

func TestPingsGoBothWays(t *testing.T) {
	r := runThrough(t, Options{Pings: 150}, unchanged)
	p := r.Ping
	if p == nil || p.Count != 150 || p.Proxy <= 0 || p.Relay <= 0 || p.ProxyToBare <= 0 {
		t.Errorf("%+v", p)
	}
}
