package store

import (
	"cmp"
	"context"
	"database/sql"
	"errors"
	"fmt"
	"net/url"
	"os"
	"time"

	_ "modernc.org/sqlite" // the driver "sqlite"
)

// Config says where a SQLite keeps its file.
type Config struct {
	// Path is the file's. Beside it there are Path-wal and Path-shm while it is open.
	Path string
	// BusyTimeout is how long a write waits for another process that is writing; 0: 10 s.
	BusyTimeout time.Duration
}

// SQLite is a Store in one file.
type SQLite struct {
	path   string
	write  *sql.DB // of one connection
	read   *sql.DB
	turn   chan struct{} // holds a token while nobody writes
	closed chan struct{}
}

const (
	// fileMode keeps the state from other users of the machine.
	fileMode = 0o600
	// readers is how many read at once.
	readers = 4
)

// Open opens the file, makes it if there is none, and brings its tables up to date. The folder must be there.
func Open(ctx context.Context, c Config) (*SQLite, error) {
	file, err := os.OpenFile(c.Path, os.O_CREATE|os.O_RDWR, fileMode)
	if err != nil {
		return nil, fmt.Errorf("the state cannot be kept: %w", err)
	}
	if err := file.Close(); err != nil {
		return nil, fmt.Errorf("the state cannot be kept: %w", err)
	}
	s := &SQLite{path: c.Path, turn: make(chan struct{}, 1), closed: make(chan struct{})}
	s.turn <- struct{}{}
	busy := cmp.Or(c.BusyTimeout, 10*time.Second)
	if s.write, err = open(c.Path, busy, "immediate"); err != nil {
		return nil, s.wrong("opened", err)
	}
	s.write.SetMaxOpenConns(1)
	if s.read, err = open(c.Path, busy, "deferred"); err != nil {
		_ = s.write.Close()
		return nil, s.wrong("opened", err)
	}
	s.read.SetMaxOpenConns(readers)
	if err := s.migrate(ctx); err != nil {
		_ = s.Close()
		return nil, s.wrong("opened", err)
	}
	return s, nil
}

// open is a pool of connections whose transactions begin as lock says: immediate ones have the right to
// write from their beginning, and so are never refused in their middle.
func open(path string, busy time.Duration, lock string) (*sql.DB, error) {
	options := url.Values{
		"_txlock": {lock},
		"_pragma": {
			fmt.Sprintf("busy_timeout(%d)", busy.Milliseconds()), // first: changing the journal waits, too
			"journal_mode(WAL)",
			"synchronous(FULL)",
		},
	}
	name := url.URL{Scheme: "file", Opaque: (&url.URL{Path: path}).EscapedPath(), RawQuery: options.Encode()}
	return sql.Open("sqlite", name.String())
}

// Close waits for what is being written, and closes the file.
func (s *SQLite) Close() error {
	select {
	case <-s.turn: // and nobody gets it any more
		close(s.closed)
	case <-s.closed:
		return nil
	}
	return s.wrong("closed", errors.Join(s.read.Close(), s.write.Close()))
}

// Read implements Store.
func (s *SQLite) Read(ctx context.Context, f func(Reader) error) error {
	select {
	case <-s.closed:
		return ErrClosed
	default:
	}
	return s.transact(ctx, s.read, func(tx transaction) error { return f(tx) })
}

// Write implements Store.
func (s *SQLite) Write(ctx context.Context, f func(Writer) error) error {
	select {
	case <-s.turn:
	case <-s.closed:
		return ErrClosed
	case <-ctx.Done():
		return context.Cause(ctx)
	}
	defer func() { s.turn <- struct{}{} }()
	return s.transact(ctx, s.write, func(tx transaction) error { return f(tx) })
}

// transact runs f in a transaction, which ctx does not end once it has begun: what comes back tells for certain whether
// it is on the disk.
func (s *SQLite) transact(ctx context.Context, db *sql.DB, f func(transaction) error) error {
	if err := context.Cause(ctx); err != nil {
		return err
	}
	tx, err := db.BeginTx(context.WithoutCancel(ctx), nil)
	if err != nil {
		return s.wrong("used", err)
	}
	if err := f(transaction{tx}); err != nil {
		_ = tx.Rollback() // what is wrong is known
		return s.wrong("used", err)
	}
	if err := tx.Commit(); err != nil {
		_ = tx.Rollback()
		return s.wrong("written", err)
	}
	return nil
}

// transaction is a Writer.
type transaction struct{ tx *sql.Tx }

func (t transaction) Get(table, key string) (value string, found bool, err error) {
	err = t.tx.QueryRow("SELECT value FROM entry WHERE name = ? AND key = ?", table, key).Scan(&value)
	if errors.Is(err, sql.ErrNoRows) {
		return "", false, nil
	}
	return value, err == nil, engineError(err)
}

func (t transaction) All(table string) (all []Entry, err error) {
	rows, err := t.tx.Query("SELECT key, value FROM entry WHERE name = ? ORDER BY key", table)
	if err != nil {
		return nil, engineError(err)
	}
	defer func() { err = errors.Join(err, engineError(rows.Close())) }()
	for rows.Next() {
		var e Entry
		if err := rows.Scan(&e.Key, &e.Value); err != nil {
			return nil, engineError(err)
		}
		all = append(all, e)
	}
	return all, engineError(rows.Err())
}

func (t transaction) Put(table, key, value string) error {
	_, err := t.tx.Exec("INSERT INTO entry (name, key, value) VALUES (?, ?, ?) ON CONFLICT (name, key) DO UPDATE SET value = excluded.value",
		table, key, value)
	return engineError(err)
}

func (t transaction) Delete(table, key string) error {
	_, err := t.tx.Exec("DELETE FROM entry WHERE name = ? AND key = ?", table, key)
	return engineError(err)
}
