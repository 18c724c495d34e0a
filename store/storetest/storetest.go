package storetest

import (
	"context"
	"errors"
	"fmt"
	"reflect"
	"sync"
	"testing"

	"github.com/astproxy/astproxy/store"
)

// Run shows that an engine does what package store says. open gives an empty Store, which ends with the test.
func Run(t *testing.T, open func(testing.TB) store.Store) {
	t.Run("what is written is read", func(t *testing.T) { whatIsWrittenIsRead(t, open(t)) })
	t.Run("a write that fails has changed nothing", func(t *testing.T) { aFailedWriteChangesNothing(t, open(t)) })
	t.Run("a write sees what it has changed itself", func(t *testing.T) { aWriteSeesItself(t, open(t)) })
	t.Run("writes come one after the other", func(t *testing.T) { writesTakeTurns(t, open(t)) })
	t.Run("who has gone is not waited for", func(t *testing.T) { whoHasGone(t, open(t)) })
}

// All are a table's entries.
func All(tb testing.TB, s store.Store, table string) (all []store.Entry) {
	tb.Helper()
	err := s.Read(tb.Context(), func(r store.Reader) (err error) {
		all, err = r.All(table)
		return err
	})
	if err != nil {
		tb.Fatal(err)
	}
	return all
}

func put(tb testing.TB, s store.Store, table, key, value string) {
	tb.Helper()
	if err := s.Write(tb.Context(), func(w store.Writer) error { return w.Put(table, key, value) }); err != nil {
		tb.Fatal(err)
	}
}

func whatIsWrittenIsRead(t *testing.T, s store.Store) {
	odd := "it's \"quoted\"\n; DROP TABLE entry; \x00 äöü"
	put(t, s, "a", "2", "two")
	put(t, s, "a", "1", "one")
	put(t, s, "a", odd, odd)
	put(t, s, "b", "1", "another table's")
	put(t, s, "a", "1", "one again")
	err := s.Write(t.Context(), func(w store.Writer) error {
		return errors.Join(w.Delete("a", "2"), w.Delete("a", "which is not there"))
	})
	if err != nil {
		t.Fatal(err)
	}
	want := []store.Entry{{Key: "1", Value: "one again"}, {Key: odd, Value: odd}}
	if got := All(t, s, "a"); !reflect.DeepEqual(got, want) {
		t.Errorf("the table has %q, not %q", got, want)
	}
	err = s.Read(t.Context(), func(r store.Reader) error {
		if value, found, err := r.Get("b", "1"); value != "another table's" || !found || err != nil {
			t.Errorf("b has %q, %t, %v", value, found, err)
		}
		if value, found, err := r.Get("b", "2"); value != "" || found || err != nil {
			t.Errorf("what is not there is %q, %t, %v", value, found, err)
		}
		return nil
	})
	if err != nil {
		t.Error(err)
	}
}

func aFailedWriteChangesNothing(t *testing.T, s store.Store) {
	put(t, s, "a", "1", "one")
	mine := errors.New("mine")
	err := s.Write(t.Context(), func(w store.Writer) error {
		if err := errors.Join(w.Put("a", "2", "two"), w.Delete("a", "1")); err != nil {
			return err
		}
		return mine
	})
	if err != mine { //nolint:errorlint // it is to come back as it is
		t.Errorf("the function's error comes back as %v", err)
	}
	if got := All(t, s, "a"); len(got) != 1 || got[0].Value != "one" {
		t.Errorf("the table has %q", got)
	}
}

func aWriteSeesItself(t *testing.T, s store.Store) {
	err := s.Write(t.Context(), func(w store.Writer) error {
		if err := w.Put("a", "1", "one"); err != nil {
			return err
		}
		value, found, err := w.Get("a", "1")
		if value != "one" || !found {
			t.Errorf("it has %q, %t", value, found)
		}
		return err
	})
	if err != nil {
		t.Error(err)
	}
}

// writesTakeTurns lets many count to the same number.
func writesTakeTurns(t *testing.T, s store.Store) {
	const many = 50
	var all sync.WaitGroup
	for range many {
		all.Go(func() {
			err := s.Write(t.Context(), func(w store.Writer) error {
				value, _, err := w.Get("a", "count")
				if err != nil {
					return err
				}
				n := 0
				_, _ = fmt.Sscan(value, &n) // there is none at first
				return w.Put("a", "count", fmt.Sprint(n+1))
			})
			if err != nil {
				t.Error(err)
			}
		})
	}
	all.Wait()
	if got := All(t, s, "a"); len(got) != 1 || got[0].Value != fmt.Sprint(many) {
		t.Errorf("%d have counted to %v", many, got)
	}
}

func whoHasGone(t *testing.T, s store.Store) {
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	called := false
	write := s.Write(ctx, func(store.Writer) error { called = true; return nil })
	read := s.Read(ctx, func(store.Reader) error { called = true; return nil })
	if !errors.Is(write, context.Canceled) || !errors.Is(read, context.Canceled) || called {
		t.Errorf("they end with %v and %v; called: %t", write, read, called)
	}
}
