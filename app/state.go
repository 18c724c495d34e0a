package app

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"sync"

	"github.com/astproxy/astproxy/store"
)

// state is the store that plugins keep things in: a file in the state folder, made when the first of them needs it. It
// implements store.Store.
type state struct {
	folder string

	mu     sync.Mutex
	store  *store.SQLite // nil: not opened yet
	closed bool
}

// stateFile is what it is called.
const stateFile = "astproxy.db"

// open opens the file, if that has not been done. A failure is not remembered: there may be room the next time.
func (s *state) open(ctx context.Context) (*store.SQLite, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	switch {
	case s.closed:
		return nil, store.ErrClosed
	case s.store != nil:
		return s.store, nil
	}
	if err := os.MkdirAll(s.folder, 0o700); err != nil {
		return nil, fmt.Errorf("the state cannot be kept: %w", err)
	}
	opened, err := store.Open(ctx, store.Config{Path: filepath.Join(s.folder, stateFile)})
	if err != nil {
		return nil, err
	}
	s.store = opened
	return opened, nil
}

// Read implements store.Store.
func (s *state) Read(ctx context.Context, f func(store.Reader) error) error {
	opened, err := s.open(ctx)
	if err != nil {
		return err
	}
	return opened.Read(ctx, f)
}

// Write implements store.Store.
func (s *state) Write(ctx context.Context, f func(store.Writer) error) error {
	opened, err := s.open(ctx)
	if err != nil {
		return err
	}
	return opened.Write(ctx, f)
}

// Close closes the file, for good.
func (s *state) Close() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.closed = true
	if s.store == nil {
		return nil
	}
	return s.store.Close()
}
