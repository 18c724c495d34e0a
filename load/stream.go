package load

import "bytes"

// maxExtra bounds what a proxy may be taken to add to each event, in bytes: more is another message
// in between.
const maxExtra = 4 << 10

// maxCarry bounds what a stream keeps of bytes without a mark, such as a long list's items; it
// must be well below a reader's buffer.
const maxCarry = 32 << 10

// A wire is how events look to clients of a kind.
type wire struct {
	mark    []byte // what stands in front of a mark's numbers
	gap     []byte // how a ProxyGap begins
	missed  []byte // what stands in front of its number
	end     []byte // how it ends
	learned bool   // how long an event is must be learned; else it is as in the recording
}

var (
	amiWire = &wire{
		mark: []byte(markName), gap: []byte("Event: ProxyGap\r\n"), missed: []byte("\r\nMissed: "), end: []byte(blockEnd),
	}
	jsonWire = &wire{
		// Without the quotes in front, which are everywhere: what is looked for begins with what is rare.
		mark: []byte(`LoadMark":"`), gap: []byte(`ProxyGap"`), missed: []byte(`Missed":"`), end: []byte("}"), learned: true,
	}
)

// counts is what one client saw of the events; its fields only grow, but for lost.
type counts struct {
	events     uint64 // distinct events
	bytes      uint64 // since the start marker
	lost       uint64 // numbers passed over and not seen since
	gaps       uint64 // ProxyGap events
	missed     uint64 // what these said was missed
	duplicates uint64
	disordered uint64 // events that came after a later one
}

func (c *counts) add(o counts) {
	c.events += o.events
	c.bytes += o.bytes
	c.lost += o.lost
	c.gaps += o.gaps
	c.missed += o.missed
	c.duplicates += o.duplicates
	c.disordered += o.disordered
}

// A stream checks the bytes one client receives. It is given them in any pieces, and does not
// look at most of them: from the end of one mark it knows where the next must be, and only if
// that is not there does it search. A proxy that adds a header to each event costs one search,
// then the distance is known too. Not safe for concurrent use.
type stream struct {
	rec     *recording
	wire    *wire
	share   share
	latency *histogram
	carry   []byte // received, not yet consumed; starts at the end of a mark
	last    uint64 // highest sequence number seen
	index   int    // of the recorded event that follows last
	extra   int    // bytes by which the proxy makes an event longer, now
	steps   []int  // what is learned of the bytes from one mark to the next, by index; 0: nothing yet
	started bool   // the start marker was seen
	ahead   uint64 // what gaps behind last have announced
	missing []span // numbers passed over, ascending
	counts
}

// A span is the numbers first to last, both included.
type span struct{ first, last uint64 }

// take consumes b, which must begin with the stream's carry, and keeps what is left over.
// now is when b was read, in nanoseconds since the generator started.
func (s *stream) take(b []byte, now int64) {
	at := 0   // the end of the last mark
	from := 0 // where counting bytes begins
	for at < len(b) {
		if step := s.step(); step > 0 {
			next := at + step + s.extra
			if next+len(s.wire.mark)+numbersBytes > len(b) {
				if !s.wire.surprising(b[at:]) {
					break
				}
			} else if next >= at && s.started {
				if sequence, due, ok := s.wire.parse(b[next:]); ok && sequence == s.last+1 {
					s.arrived(sequence, now-due)
					at = next + len(s.wire.mark) + numbersBytes
					continue
				}
			}
		}
		used, found := s.search(b[at:], now)
		at += used
		if s.last == 0 {
			from = at // what came before the events is not theirs
		}
		if !found {
			break
		}
	}
	s.bytes += uint64(at - from)
	s.carry = append(s.carry[:0], b[at:]...)
}

// step is how far the next mark must be, but for extra; 0: nobody knows.
func (s *stream) step() int {
	switch {
	case s.share.of > 0: // whose events are not in the recording's order
		return 0
	case !s.wire.learned:
		return s.rec.steps[s.index]
	case s.steps == nil:
		return 0
	}
	return s.steps[s.index]
}

// learn is told how far the next mark was.
func (s *stream) learn(distance int) {
	if s.share.of > 0 {
		return
	}
	step := s.step()
	if step == 0 {
		if s.steps == nil {
			s.steps = make([]int, len(s.rec.heads))
		}
		s.steps[s.index] = distance - s.extra
		return
	}
	if extra := distance - step; extra < maxExtra {
		s.extra = extra
	}
}

// surprising reports whether b, too short to hold the next mark where it is expected, still holds
// a whole message. That must be looked at now, since nothing may follow it.
func (w *wire) surprising(b []byte) bool {
	return len(b) > len(w.end) && bytes.HasSuffix(b, w.end)
}

// parse reads the mark at the start of b. ok is false when there is none or it is cut off.
func (w *wire) parse(b []byte) (sequence uint64, due int64, ok bool) {
	if len(b) < len(w.mark) || string(b[:len(w.mark)]) != string(w.mark) {
		return 0, 0, false
	}
	return parseNumbers(b[len(w.mark):])
}

// search looks for the next mark in b, wherever it is, and says how much of b is done with. found
// is false if the mark is not, or not wholly, in b.
func (s *stream) search(b []byte, now int64) (used int, found bool) {
	i := bytes.Index(b, s.wire.mark)
	markBytes := len(s.wire.mark) + numbersBytes
	if i < 0 || i+markBytes > len(b) {
		used = s.countGaps(b)
		if rest := len(b) - used; rest > maxCarry {
			used = len(b) - markBytes
		}
		return used, false
	}
	used = s.countGaps(b[:i])
	sequence, due, ok := parseNumbers(b[i+len(s.wire.mark):])
	if ok {
		sequence, ok = s.share.ordinal(sequence)
	}
	if !ok { // somebody else's text, or event: go on behind it
		return i + len(s.wire.mark), true
	}
	if sequence == s.last+1 && used == 0 && s.started {
		s.learn(i)
	}
	s.arrived(sequence, now-due)
	return i + markBytes, true
}

// countGaps counts the whole ProxyGap events in b and returns where the last one's closing
// blank line begins, which is where a mark would have ended; 0 if there are none.
func (s *stream) countGaps(b []byte) (used int) {
	for {
		i := bytes.Index(b[used:], s.wire.gap)
		if i < 0 {
			return used
		}
		body := b[used+i:]
		end := bytes.Index(body, s.wire.end)
		if end < 0 {
			return used
		}
		missed := s.wire.missedIn(body[:end])
		s.gaps++
		s.missed += missed
		s.ahead += missed
		used += i + end
	}
}

// missedIn reads the Missed header of a ProxyGap; without one, 0.
func (w *wire) missedIn(block []byte) (n uint64) {
	_, value, _ := bytes.Cut(block, w.missed)
	for _, c := range value {
		if c < '0' || c > '9' {
			break
		}
		n = n*10 + uint64(c-'0')
	}
	return n
}

// arrived books an event's number and its latency in nanoseconds.
func (s *stream) arrived(sequence uint64, latency int64) {
	switch {
	case sequence == 0:
		s.start()
		return
	case sequence == s.last+1:
		s.advance(sequence)
	case sequence > s.last:
		s.missing = append(s.missing, span{s.last + 1, sequence - 1})
		s.lost += sequence - 1 - s.last
		s.advance(sequence)
	case s.fill(sequence):
		s.lost--
		s.disordered++
	default:
		s.duplicates++
		return
	}
	s.events++
	s.latency.add(latency)
}

// start handles a start marker. The feed repeats it until all clients have one, so only the last
// before the events is the beginning.
func (s *stream) start() {
	if s.last > 0 {
		s.duplicates++
		return
	}
	s.started = true
	s.advance(0)
	s.counts = counts{}
}

func (s *stream) advance(sequence uint64) {
	if s.share.of == 0 {
		s.index++
		if sequence != s.last+1 || s.index == len(s.rec.steps) {
			s.index = s.rec.index(sequence + 1)
		}
	}
	s.last, s.ahead = sequence, 0
}

// fill takes a number out of the missing ones and reports whether it was among them.
func (s *stream) fill(sequence uint64) bool {
	for i, m := range s.missing {
		if sequence < m.first || sequence > m.last {
			continue
		}
		var pieces []span
		if m.first < sequence {
			pieces = append(pieces, span{m.first, sequence - 1})
		}
		if sequence < m.last {
			pieces = append(pieces, span{sequence + 1, m.last})
		}
		s.missing = append(s.missing[:i:i], append(pieces, s.missing[i+1:]...)...)
		return true
	}
	return false
}

// covers reports whether nothing of the client's share up to the last number can still come: the last was seen, or a
// ProxyGap told that the rest is missed.
func (s *stream) covers(last uint64) bool {
	return s.started && s.last+s.ahead >= s.share.upTo(last)
}

// finish counts what never came, of its share up to the number last, as lost.
func (s *stream) finish(last uint64) {
	last = s.share.upTo(last)
	if s.last < last {
		s.lost += last - s.last
		s.last = last
	}
}
