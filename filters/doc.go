// Package filters decides what of the event stream a client sees, by Asterisk's own grammar.
//
// A Filter is one eventfilter of Asterisk 18.26, 20.11, 21.6, 22.1 and later, or one of the older
// form, a pattern over the whole event. A Set is all a client has, and Asterisk's rule for them.
// Both are immutable and may be used by any number of goroutines; the package starts none.
//
// What a filter means is what Asterisk makes of it (manager.c, manager_add_filter and
// filter_cmp_fn), oddities included, so that a client behind the proxy sees the events it would
// see without it. The differences are three: where Asterisk compares hashes of event names, here
// names are compared; where it follows a null pointer, as for "name" without a parenthesis, the
// filter is refused; and so are the few patterns that have no linear-time equivalent, of which
// Regexp says more.
package filters
