package feed

// Observe has f told of everything that was appended, in the order of the log, when it is in every view, and of how
// many events were dropped behind it. The matcher calls f: it must not wait, and the slice is its own only until it
// returns. Call it before Run, once.
func (f *Feed) Observe(observer func(events []Event, dropped uint64)) { f.observer = observer }
