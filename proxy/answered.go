package proxy

import "github.com/astproxy/astproxy/proxy/feed"

// answered are the streams that got an answer since the session's reader last had nothing to do.
// They are written to then and not at each message: a list of a thousand items is a few writes.
type answered struct{ streams []*feed.Stream }

// directWrites is for how many clients the reader itself writes, which is faster than waking
// another goroutine for it. More would keep it from reading.
const directWrites = 2

// add notes a stream. Answers come in runs, so it suffices to know the last.
func (a *answered) add(s *feed.Stream) {
	if n := len(a.streams); n == 0 || a.streams[n-1] != s {
		a.streams = append(a.streams, s)
	}
}

// write has all of them written.
func (a *answered) write() {
	for i, s := range a.streams {
		if i < directWrites {
			s.Flush()
		} else {
			s.Wake()
		}
		a.streams[i] = nil
	}
	a.streams = a.streams[:0]
}
