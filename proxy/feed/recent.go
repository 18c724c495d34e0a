package feed

import "sort"

// recent is the log's latest events, kept for those who come back and want what they missed. It is
// a ring, oldest first; Feed.mu guards it.
type recent struct {
	limit  int64 // bytes; 0 keeps nothing
	bytes  int64
	events []Event
	begin  int // of the ring
	count  int
	// before is the sequence of the last event that is not kept any more.
	before uint64
}

// add puts events at the end, and drops what does not fit.
func (r *recent) add(batch []Event) {
	if r.limit <= 0 {
		r.before = batch[len(batch)-1].Sequence
		return
	}
	for i := range batch {
		if !batch[i].hidden {
			r.push(batch[i])
		}
	}
	r.trim()
}

// trim drops the oldest events until all fit.
func (r *recent) trim() {
	for r.count > 0 && r.bytes > r.limit {
		oldest := &r.events[r.begin]
		r.bytes -= oldest.size()
		r.before = oldest.Sequence
		*oldest = Event{} // its message is not needed any more
		r.begin = (r.begin + 1) % len(r.events)
		r.count--
	}
}

func (r *recent) push(e Event) {
	if r.count == len(r.events) {
		larger := make([]Event, max(64, 2*len(r.events)))
		for i := range r.count {
			larger[i] = *r.at(i)
		}
		r.events, r.begin = larger, 0
	}
	*r.at(r.count) = e
	r.count++
	r.bytes += e.size()
}

func (r *recent) at(i int) *Event { return &r.events[(r.begin+i)%len(r.events)] }

// after is up to limit events behind sequence, and whether some before them are not kept any more.
func (r *recent) after(sequence uint64, limit int) (events []*Event, lost bool) {
	first := sort.Search(r.count, func(i int) bool { return r.at(i).Sequence > sequence })
	for i := first; i < min(r.count, first+limit); i++ {
		events = append(events, r.at(i))
	}
	return events, sequence < r.before
}
