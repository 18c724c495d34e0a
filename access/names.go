package access

import (
	"math/bits"
	"strings"
)

// maxNames is how many names a nameSet can have: it is the bits of a number.
const maxNames = 64

// nameSet finds names of headers or actions, without case. It looks at those of the right length alone,
// which seldom are more than one.
type nameSet struct {
	names    []string
	byLength [32]uint64 // bit i: names[i] has this length; the last is for all that are longer
}

func newNameSet(names ...string) *nameSet {
	s := &nameSet{names: names}
	for i, name := range names {
		s.byLength[min(len(name), len(s.byLength)-1)] |= 1 << i
	}
	return s
}

// index is where the name stands, or -1.
func (s *nameSet) index(name string) int {
	for candidates := s.byLength[min(len(name), len(s.byLength)-1)]; candidates != 0; candidates &= candidates - 1 {
		i := bits.TrailingZeros64(candidates)
		if s.names[i] == name || strings.EqualFold(s.names[i], name) {
			return i
		}
	}
	return -1
}

// has tells whether the name is there.
func (s *nameSet) has(name string) bool { return s.index(name) >= 0 }

// sameName compares names without case. Theirs have the same length if they are the same.
func sameName(a, b string) bool { return len(a) == len(b) && (a == b || strings.EqualFold(a, b)) }
