package load

// A share is which of the events a client has asked for: every one, or each of those whose channel is its
// own. A stream counts the events of its share, from 1.
type share struct {
	of     uint64 // clients that have shares; 0: it has all
	client uint64 // from 0
}

// ordinal is the place of an event in the share; the start marker is everybody's. ok is false for who has no
// business with it.
func (s share) ordinal(sequence uint64) (n uint64, ok bool) {
	switch {
	case s.of == 0 || sequence == 0:
		return sequence, true
	case sequence%s.of != s.client:
		return 0, false
	case s.client == 0:
		return sequence / s.of, true
	}
	return sequence/s.of + 1, true
}

// upTo is how many events of the share there are up to a number.
func (s share) upTo(last uint64) uint64 {
	switch {
	case s.of == 0:
		return last
	case s.client == 0:
		return last / s.of
	case last < s.client:
		return 0
	}
	return (last-s.client)/s.of + 1
}
