package proxy

// answered are those who got an answer since the session's reader last had nothing to do. They are
// written to then and not at each message: a list of a thousand items is a few writes.
type answered struct{ outputs []output }

// directWrites is for how many clients the reader itself writes, which is faster than waking
// another goroutine for it. More would keep it from reading.
const directWrites = 2

// add notes an output. Answers come in runs, so it suffices to know the last.
func (a *answered) add(o output) {
	if n := len(a.outputs); n == 0 || a.outputs[n-1] != o {
		a.outputs = append(a.outputs, o)
	}
}

// write has all of them written.
func (a *answered) write() {
	for i, o := range a.outputs {
		if i < directWrites {
			o.flush()
		} else {
			o.wake()
		}
		a.outputs[i] = nil
	}
	a.outputs = a.outputs[:0]
}
