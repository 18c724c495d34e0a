package load

// count adds up what the clients saw. Their readers have stopped.
func (r *Report) count(w *crowd) {
	var sum counts
	for _, c := range w.reading {
		if !c.covers(r.EventsOffered) {
			r.Unfinished++
		}
		if c.ended {
			r.Disconnected++
		}
		c.finish(r.EventsOffered)
		r.Unannounced += c.lost - min(c.lost, c.missed)
		sum.add(c.counts)
	}
	r.EventsExpected = 0
	for _, c := range w.reading {
		r.EventsExpected += c.share.upTo(r.EventsOffered)
	}
	r.Deliveries, r.Bytes, r.Lost = sum.events, sum.bytes, sum.lost
	r.Gaps, r.Missed = sum.gaps, sum.missed
	r.Duplicates, r.OutOfOrder = sum.duplicates, sum.disordered
	var all histogram
	for _, h := range w.latency {
		all.merge(h)
	}
	r.Latency = newLatencyReport(&all)
	r.Slow, r.Frozen = newStragglerReport(w.slow), newStragglerReport(w.frozen)
}

func newStragglerReport(clients []*client) *StragglerReport {
	if len(clients) == 0 {
		return nil
	}
	r := &StragglerReport{Clients: len(clients)}
	for _, c := range clients {
		r.Deliveries += c.events
		r.Gaps += c.gaps
		r.Missed += c.missed
		if c.ended {
			r.Disconnected++
		}
	}
	return r
}
