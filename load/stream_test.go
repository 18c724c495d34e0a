package load

import (
	"fmt"
	"math/rand/v2"
	"testing"
)

func newTestStream() *stream {
	return &stream{rec: newRecording(recorded), wire: amiWire, latency: &histogram{}}
}

// feedPieces gives b to s in pieces of the given size, as a reader does.
func feedPieces(s *stream, b []byte, size int) {
	for len(b) > 0 {
		n := min(size, len(b))
		s.take(append(append([]byte(nil), s.carry...), b[:n]...), 0)
		b = b[n:]
	}
}

func TestEventsAreFoundHoweverTheyAreCutUp(t *testing.T) {
	rec := newRecording(recorded)
	login := "Event: FullyBooted\r\nStatus: Fully Booted\r\n\r\n"
	list := "Response: Success\r\nEventList: start\r\n\r\nEvent: Item\r\nX: LoadMark: none\r\n\r\n"
	for _, added := range []string{"", "Server: one\r\n"} {
		var b []byte
		event := func(sequence uint64) {
			b = rec.appendEvent(b, sequence, 0)
			b = append(append(b[:len(b)-2], added...), "\r\n"...)
		}
		b = append(b, login...)
		event(0)
		event(0)
		for sequence := uint64(1); sequence <= 700; sequence++ {
			switch sequence {
			case 20: // lost without a word
			case 40, 41:
				if sequence == 41 {
					b = append(b, proxyGapText(2)...)
				}
			case 60:
				event(60)
				event(60)
			case 80: // comes behind 81
			case 81:
				event(81)
				event(80)
			case 100:
				b = append(b, list...)
				event(100)
			default:
				event(sequence)
			}
		}
		b = append(b, proxyGapText(300)...)
		for _, size := range []int{5, 60, 343, 1000, 4096, 128 << 10} {
			t.Run(fmt.Sprintf("%q in %d", added, size), func(t *testing.T) {
				s := newTestStream()
				feedPieces(s, b, size)
				if !s.covers(1000) || s.covers(1001) {
					t.Errorf("covers 1000: %v, 1001: %v", s.covers(1000), s.covers(1001))
				}
				s.finish(1000)
				want := counts{events: 697, lost: 303, gaps: 2, missed: 302, duplicates: 1, disordered: 1, bytes: s.bytes}
				if s.counts != want {
					t.Errorf("saw %+v, want %+v", s.counts, want)
				}
			})
		}
	}
}

func proxyGapText(missed int) string {
	return fmt.Sprintf("Event: ProxyGap\r\nPrivilege: system,all\r\nMissed: %d\r\n\r\n", missed)
}

func TestBytesWithoutEventsAreNotKept(t *testing.T) {
	s := newTestStream()
	noise := make([]byte, 100<<10)
	for i := range noise {
		noise[i] = byte('a' + rand.IntN(26))
	}
	for range 20 {
		feedPieces(s, noise, 50<<10)
		if len(s.carry) > maxCarry {
			t.Fatalf("%d bytes kept", len(s.carry))
		}
	}
}

func FuzzStream(f *testing.F) {
	rec := newRecording(recorded)
	f.Add(rec.appendEvent(rec.appendEvent(nil, 0, 0), 1, 7), 10)
	f.Add([]byte(proxyGapText(9)+markName), 3)
	f.Fuzz(func(t *testing.T, b []byte, size int) {
		s := newTestStream()
		feedPieces(s, b, max(size, 1))
		if len(s.carry) > maxCarry+maxExtra {
			t.Errorf("%d bytes kept", len(s.carry))
		}
	})
}

func TestMarksAreReadBack(t *testing.T) {
	for _, n := range []uint64{0, 1, 99_999_999, 100_000_000, 1234567890123456, 9999999999999999} {
		b := appendDigits([]byte(markName), n)
		b = appendDigits(append(b, ' '), 9999999999999999-n)
		sequence, due, ok := amiWire.parse(b)
		if !ok || sequence != n || due != int64(9999999999999999-n) {
			t.Errorf("%s: %d %d %v", b, sequence, due, ok)
		}
		for i := range b {
			broken := append([]byte(nil), b...)
			for _, c := range []byte{'/', ':', 'x', 0, 0xB5} {
				if broken[i] = c; string(broken) == string(b) {
					continue
				}
				if _, _, ok := amiWire.parse(broken); ok {
					t.Errorf("%q taken for a mark", broken)
				}
			}
		}
	}
}

// BenchmarkStream measures what checking costs a delivery when nothing is wrong.
func BenchmarkStream(b *testing.B) {
	s := newTestStream()
	const events = 300
	s.take(s.rec.appendEvent(nil, 0, 0), 0)
	block := append([]byte(nil), s.carry...)
	for sequence := uint64(1); sequence <= events; sequence++ {
		block = s.rec.appendEvent(block, sequence, 0)
	}
	begin := *s
	b.SetBytes(int64(len(block)) / events)
	for n := 0; n < b.N; n += events {
		*s = begin
		s.take(block, 0)
	}
	if !s.started || s.lost > 0 || s.last != events {
		b.Fatalf("%+v", s.counts)
	}
}
