package feed

import (
	"slices"
	"strings"
)

// Hint is something that must be so of an event before a Selection can want it.
type Hint struct {
	Event  string // the event's name, with case; "" is any
	Header string // of one of its lines, with case; "" is none, and then Event is given
	Value  string // of that line
	Prefix bool   // Value is only how it begins
	Tag    string // one of its Tags; "" is none, else all of the above is empty
}

// index finds the views that can want an event by their hints, so that a thousand narrow selections
// do not cost a thousand looks. Feed.mu guards it.
type index struct {
	always  []*view // without hints
	events  map[string][]*view
	headers map[string]*headerIndex
	tags    map[string][]*view
	looked  uint64 // counts the events, so that a view that is found twice is looked at once
}

// headerIndex has the views that want a header to be, or to begin with, a value.
type headerIndex struct {
	exact   map[string][]*view
	prefix  map[string][]*view
	lengths []prefixLength // of prefix, the shortest first
}

// prefixLength is how many prefixes there are of a length.
type prefixLength struct{ length, count int }

func (x *index) add(v *view) {
	if len(v.selection.Hints) == 0 {
		x.always = append(x.always, v)
		return
	}
	for _, h := range distinct(v.selection.Hints) {
		if h.Tag != "" {
			x.tags = with(x.tags, h.Tag, v)
			continue
		}
		if h.Header == "" {
			x.events = with(x.events, h.Event, v)
			continue
		}
		under := x.headers[h.Header]
		if under == nil {
			under = &headerIndex{}
			if x.headers == nil {
				x.headers = map[string]*headerIndex{}
			}
			x.headers[h.Header] = under
		}
		if h.Prefix {
			under.count(len(h.Value), 1)
			under.prefix = with(under.prefix, h.Value, v)
		} else {
			under.exact = with(under.exact, h.Value, v)
		}
	}
}

func (x *index) remove(v *view) {
	if len(v.selection.Hints) == 0 {
		x.always = without(x.always, v)
		return
	}
	for _, h := range distinct(v.selection.Hints) {
		under := x.headers[h.Header]
		switch {
		case h.Tag != "":
			take(x.tags, h.Tag, v)
		case h.Header == "":
			take(x.events, h.Event, v)
		case h.Prefix:
			under.count(len(h.Value), -1)
			take(under.prefix, h.Value, v)
		default:
			take(under.exact, h.Value, v)
		}
		if under != nil && len(under.exact) == 0 && len(under.prefix) == 0 {
			delete(x.headers, h.Header)
		}
	}
}

// distinct are hints that are looked up in different places.
func distinct(hints []Hint) (all []Hint) {
	for _, h := range hints {
		if h.Header != "" {
			h.Event = "" // the header tells more
		}
		if !slices.Contains(all, h) {
			all = append(all, h)
		}
	}
	return all
}

// find calls look with every view that can want the event, once.
func (x *index) find(e *Event, look func(*view)) {
	m := e.Message
	x.looked++
	for _, v := range x.always {
		look(v)
	}
	x.each(x.events[m.Event()], look)
	if len(x.tags) > 0 {
		for _, tag := range e.Tags {
			x.each(x.tags[tag], look)
		}
	}
	if len(x.headers) == 0 {
		return
	}
	for name, value := range m.All() {
		if under := x.headers[name]; under != nil {
			x.each(under.exact[value], look)
			for _, l := range under.lengths {
				if l.length > len(value) {
					break
				}
				x.each(under.prefix[value[:l.length]], look)
			}
		}
	}
}

func (x *index) each(views []*view, look func(*view)) {
	for _, v := range views {
		if v.looked != x.looked {
			v.looked = x.looked
			look(v)
		}
	}
}

// count adds to how many prefixes there are of a length.
func (h *headerIndex) count(length, more int) {
	i, found := slices.BinarySearchFunc(h.lengths, length, func(l prefixLength, length int) int { return l.length - length })
	if !found {
		h.lengths = slices.Insert(h.lengths, i, prefixLength{length: length})
	}
	if h.lengths[i].count += more; h.lengths[i].count == 0 {
		h.lengths = slices.Delete(h.lengths, i, i+1)
	}
}

func with(m map[string][]*view, key string, v *view) map[string][]*view {
	if m == nil {
		m = map[string][]*view{}
	}
	key = strings.Clone(key) // outlives what it was cut from
	m[key] = append(m[key], v)
	return m
}

func take(m map[string][]*view, key string, v *view) {
	if left := without(m[key], v); len(left) > 0 {
		m[key] = left
	} else {
		delete(m, key)
	}
}

func without(views []*view, v *view) []*view {
	return slices.DeleteFunc(views, func(other *view) bool { return other == v })
}
