package upstream

import "strings"

// round is the requesters that have something to send, in the order of their turns.
type round struct {
	first, last *Requester
}

// add puts q at the end of the round, unless it is in it or may send nothing.
func (r *round) add(q *Requester) {
	if q.ready || !q.maySend() {
		return
	}
	q.ready = true
	if r.last == nil {
		r.first = q
	} else {
		r.last.nextReady = q
	}
	r.last = q
}

// next takes one action of the requester whose turn it is.
func (r *round) next() *pending {
	for r.first != nil {
		q := r.first
		r.first, q.nextReady = q.nextReady, nil
		if r.first == nil {
			r.last = nil
		}
		q.ready = false
		if !q.maySend() {
			continue
		}
		p := q.pop()
		q.unanswered++
		q.alone = runsLong(p.name)
		r.add(q)
		return p
	}
	return nil
}

// maySend tells whether the first action that waits may be sent as far as q is concerned.
func (q *Requester) maySend() bool {
	return q.first != nil && !q.alone && (q.unanswered == 0 || !runsLong(q.first.name))
}

// answered counts an action of q that has left the window.
func (q *Requester) answered(p *pending) {
	q.unanswered--
	if runsLong(p.name) {
		q.alone = false
	}
	q.session.ready.add(q)
}

// runsLong names the actions that take as long as what they start. One client has no more than one of
// them sent, and nothing else beside it, so that another client waits for one of them, not for a
// window full.
func runsLong(action string) bool {
	return strings.EqualFold(action, "Command") || strings.EqualFold(action, "Reload") || strings.EqualFold(action, "ModuleLoad")
}

// placesOfAction is how many places of the window an action takes. A Ping takes one: Asterisk answers it in some
// microseconds, so that who waits behind a window full of them waits no longer than for one list, and they are written,
// read and answered many at a time.
const placesOfAction = 16

func placesOf(action string) int {
	if strings.EqualFold(action, "Ping") {
		return 1
	}
	return placesOfAction
}

// windowOpen tells whether one more action may be sent.
func (s *Session) windowOpen() bool { return s.taken < s.config.Unanswered*placesOfAction }
