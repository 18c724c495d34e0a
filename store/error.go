package store

import (
	"errors"
	"fmt"

	"modernc.org/sqlite"
	sqlite3 "modernc.org/sqlite/lib"
)

// fileError is what the engine says, with the file it is about.
type fileError struct {
	path, done string
	err        error
}

func (e *fileError) Error() string { return fmt.Sprintf("%s cannot be %s: %v", e.path, e.done, e.err) }
func (e *fileError) Unwrap() error { return e.err }

// failure is an error of the engine's, in a transaction's function.
type failure struct{ err error }

func (f *failure) Error() string { return f.err.Error() }
func (f *failure) Unwrap() error { return f.err }

func engineError(err error) error {
	if err == nil {
		return nil
	}
	return &failure{err}
}

// wrong makes an error of the engine's tell what it is about. One of a transaction's own function stays as it is.
func (s *SQLite) wrong(done string, err error) error {
	if err == nil {
		return nil
	}
	var engines *sqlite.Error
	if !errors.As(err, &engines) {
		var failed *failure
		if done == "used" && !errors.As(err, &failed) {
			return err
		}
		return &fileError{s.path, done, err}
	}
	switch engines.Code() & 0xff { // the rest says more exactly what
	case sqlite3.SQLITE_FULL:
		err = fmt.Errorf("%w (%w)", ErrFull, err)
	case sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED:
		err = fmt.Errorf("%w (%w)", ErrBusy, err)
	}
	return &fileError{s.path, done, err}
}
