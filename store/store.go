package store

import (
	"context"
	"errors"
)

// Store is state that outlives a restart. Any goroutine may use it.
type Store interface {
	// Read calls f with the state as it is at one moment, whatever is written meanwhile. Error: f's, ctx's, or one
	// of the engine's.
	Read(ctx context.Context, f func(Reader) error) error
	// Write calls f, and puts what it has changed on the disk, all of it, before it returns nil. After any error,
	// f's own or one of the engine's, nothing has changed. Writes come one after the other: f must not wait for
	// anything, and must not call Read or Write. It may be called again after a failure, so it changes nothing else.
	Write(ctx context.Context, f func(Writer) error) error
}

// Reader is the state at one moment.
type Reader interface {
	// Get is a value; found tells whether there is one.
	Get(table, key string) (value string, found bool, err error)
	// All are the entries of a table, sorted by their keys.
	All(table string) ([]Entry, error)
}

// Writer is a Reader that changes what it reads.
type Writer interface {
	Reader
	// Put sets a value, whether or not there was one.
	Put(table, key, value string) error
	// Delete removes one. It is no error if there is none.
	Delete(table, key string) error
}

// Entry is a key and its value.
type Entry struct{ Key, Value string }

// What may be the matter, wrapped in what the engine says.
var (
	ErrFull   = errors.New("there is no room left on the disk")
	ErrBusy   = errors.New("another program keeps the file locked")
	ErrClosed = errors.New("the store is closed")
)
