package filters

import "strings"

// Hint is something that must be so of every event that a filter matches: what it is called, or what a
// header of it is or begins with, or both.
type Hint struct {
	Event  string // "" is any
	Header string // without its colon; "" is none
	Value  string
	Prefix bool // Value is only how the header's value begins
}

// Hints are for finding quickly the sets that can pass an event: it passes none of whose hints none is so of
// it. ok is false when there is nothing of that kind to say, and every event must be tried.
func (s Set) Hints() (hints []Hint, ok bool) {
	for _, f := range s.includes {
		h, ok := f.hint()
		if !ok {
			return nil, false
		}
		hints = append(hints, h)
	}
	return hints, len(hints) > 0
}

func (f *Filter) hint() (h Hint, ok bool) {
	h.Event = f.name
	// A header whose own name has a colon in it is none to ami.Message, which ends names at the first.
	name, plain := strings.CutSuffix(f.header, ":")
	if plain && name != "" && !strings.Contains(name, ":") && f.pattern.regex == nil && f.pattern.begin && f.pattern.literal != "" {
		h.Header, h.Value, h.Prefix = name, f.pattern.literal, !f.pattern.end
	}
	return h, h.Event != "" || h.Header != ""
}
