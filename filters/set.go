package filters

import (
	"slices"
	"strings"

	"github.com/astproxy/astproxy/ami"
)

// Set is all filters of one client. It is immutable; the zero Set lets everything through.
type Set struct {
	includes, excludes []*Filter
	key                string
}

// With is the set with f in it. A filter that is in it already changes nothing.
func (s Set) With(f *Filter) Set {
	side := &s.includes
	if f.excludes {
		side = &s.excludes
	}
	if slices.ContainsFunc(*side, func(g *Filter) bool { return g.text == f.text }) {
		return s
	}
	*side = append(slices.Clip(*side), f)
	s.key = s.makeKey()
	return s
}

// Plus is the set with all filters of another in it.
func (s Set) Plus(other Set) Set {
	if s.Len() == 0 {
		return other
	}
	for _, f := range slices.Concat(other.includes, other.excludes) {
		s = s.With(f)
	}
	return s
}

// Len is the number of different filters.
func (s Set) Len() int { return len(s.includes) + len(s.excludes) }

// Key is the same for two sets if and only if they hold the same filters, in whatever order they
// came; of the empty set it is "". Sets of one key pass the same events.
func (s Set) Key() string { return s.key }

// Passes tells whether a client with these filters sees the event m: if there are filters that
// include, one of them must match; if there are filters that exclude, none of them may
// (manager.c, should_send_event).
func (s Set) Passes(m ami.Message) bool {
	return (len(s.includes) == 0 || matchesAny(s.includes, m)) && !matchesAny(s.excludes, m)
}

func matchesAny(filters []*Filter, m ami.Message) bool {
	for _, f := range filters {
		if f.Match(m) {
			return true
		}
	}
	return false
}

// makeKey joins the filters' texts by line ends, which none of them holds.
func (s Set) makeKey() string {
	texts := make([]string, 0, s.Len())
	for _, f := range slices.Concat(s.includes, s.excludes) {
		texts = append(texts, f.text)
	}
	slices.Sort(texts)
	return strings.Join(texts, "\n")
}
