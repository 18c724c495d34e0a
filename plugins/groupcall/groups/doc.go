// Package groups finds out who belongs to a group: from the configuration, from CSV files, and from
// databases. It is asked at every call, so a new row counts at the next one.
//
// A Directory asks its sources in their order, and the first that has the group decides. A source never
// holds its caller for longer than Wait, whatever its file or database does.
//
// # Goroutines
//
// Package database's, for a question to a database. A Directory may be used by any number of goroutines.
package groups
