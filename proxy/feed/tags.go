package feed

import (
	"slices"
	"strings"
)

// Tags say to whom an event belongs: short texts, in order, each once. What they mean is the Labeller's and the
// selections' matter. They never change once made, and may be shared.
type Tags []string

// NewTags makes Tags of texts in any order.
func NewTags(texts ...string) Tags {
	if len(texts) == 0 {
		return nil
	}
	t := slices.Clone(texts)
	slices.Sort(t)
	return slices.Clip(slices.Compact(t))
}

// Has tells whether text is one of them.
func (t Tags) Has(text string) bool {
	if len(t) < 8 {
		return slices.Contains(t, text)
	}
	_, found := slices.BinarySearch(t, text)
	return found
}

// Meet tells whether any is in both.
func (t Tags) Meet(others Tags) bool {
	if len(t) > len(others) {
		t, others = others, t
	}
	return slices.ContainsFunc(t, others.Has)
}

// Without are those that are not in others.
func (t Tags) Without(others Tags) (left Tags) {
	if t.same(others) {
		return nil
	}
	for _, text := range t {
		if !others.Has(text) {
			left = append(left, text)
		}
	}
	return left
}

// With are those of both; t or others themselves where these have all already, so that equal ones are
// mostly the same.
func (t Tags) With(others Tags) Tags {
	if len(others) == 0 || t.same(others) {
		return t
	}
	more := others.Without(t)
	switch {
	case len(more) == 0:
		return t
	case len(t) == 0 || len(more) == len(others)-len(t):
		return others // it has all of t: they are as many
	}
	return NewTags(append(more, t...)...)
}

// same tells cheaply whether both are the same ones in memory.
func (t Tags) same(others Tags) bool {
	return len(t) == len(others) && (len(t) == 0 || &t[0] == &others[0])
}

// String lists them.
func (t Tags) String() string { return strings.Join(t, ", ") }
