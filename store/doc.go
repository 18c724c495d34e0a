// Package store keeps what must outlive a restart: who is logged in at which phone, and the like.
//
// A Store is tables of texts by keys, changed by transactions: either all of one is on the disk or nothing is. That is
// all an engine needs to have, so that another one can take SQLite's place without a plugin noticing. What a
// value means, and how an older one is read, is its owner's affair; JSON is what can be read by people too.
//
// # SQLite
//
// Open gives a Store in one file, by SQLite without cgo. The file is in WAL mode: other programs may read it at
// any time and hold nobody up, and nobody holds them up. In this process there is one writer, which waits its turn in Go
// and not in SQLite's retry loop; against another process that writes there is a busy time-out. A transaction is
// short: its function only gets and puts. It is on the disk, by fsync, before Write returns, so that what somebody was told is
// done survives SIGKILL and a power cut.
//
// With sqlite3 the file can be looked at: SELECT name, key, value FROM entry;
//
// # Goroutines
//
// The package starts none but database/sql's own, which end with Close. A Store may be used by any number of
// goroutines; a Tx by the function it was given to alone.
package store
