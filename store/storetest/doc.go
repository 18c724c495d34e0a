// Package storetest has what every engine of package store has to show, and one in memory, for tests of who keeps
// something and for comparison.
package storetest
