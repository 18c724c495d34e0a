// Package migration plays what was recorded of astmanproxy again, on a proxy whose configuration was imported
// from one of astmanproxy's: in front of a simulated Asterisk and of a real one. What differs stands in a table, with
// the reason, and each of its rows must be needed.
package migration
