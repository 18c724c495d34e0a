// Package groups finds out who belongs to a group: from the configuration, from CSV files, and from
// databases. It is asked at every call, so a new row counts at the next one.
//
// A Directory asks its sources in their order, and the first that has the group decides. A source never
// holds its caller for longer than Wait, whatever its file or database does.
//
// # Goroutines
//
// A question to a database is asked on a goroutine of its own, at most four at once for a database: a driver that does
// not give up when it is told to holds one of those, and no caller. Close waits for them for a while. A Directory may be
// used by any number of goroutines.
package groups
