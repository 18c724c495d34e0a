// Package database asks a database of the owner's, by the owner's query, for plugins that have their data there.
//
// It only reads. Whoever asks is never held for longer than Wait, whatever the database does.
//
// # Goroutines
//
// A question is asked on a goroutine of its own, at most four at once for a Database: a driver that does not give up when it is
// told to holds one of those, and nobody who asks. Close waits for them for a while. A Database may be used by any
// number of goroutines.
package database
