package store_test

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/astproxy/astproxy/store"
	"github.com/astproxy/astproxy/store/storetest"
)

// open opens a store at path until the test ends.
func open(tb testing.TB, path string) *store.SQLite {
	tb.Helper()
	s, err := store.Open(tb.Context(), store.Config{Path: path})
	if err != nil {
		tb.Fatal(err)
	}
	tb.Cleanup(func() {
		if err := s.Close(); err != nil {
			tb.Error(err)
		}
	})
	return s
}

func put(tb testing.TB, s store.Store, key, value string) {
	tb.Helper()
	if err := s.Write(tb.Context(), func(w store.Writer) error { return w.Put("a", key, value) }); err != nil {
		tb.Fatal(err)
	}
}

func TestSQLiteIsAStore(t *testing.T) {
	storetest.Run(t, func(tb testing.TB) store.Store { return open(tb, filepath.Join(tb.TempDir(), "state.db")) })
}

func TestAStoreInMemoryIsOneToo(t *testing.T) {
	storetest.Run(t, func(testing.TB) store.Store { return new(storetest.Memory) })
}

func TestWhatIsKeptOutlivesARestart(t *testing.T) {
	path := filepath.Join(t.TempDir(), "a folder? with #odd%20 letters", "state.db")
	if err := os.Mkdir(filepath.Dir(path), 0o700); err != nil {
		t.Fatal(err)
	}
	first := open(t, path)
	put(t, first, "741", "PJSIP/101")
	if err := first.Close(); err != nil {
		t.Fatal(err)
	}
	if err := first.Write(t.Context(), func(store.Writer) error { return nil }); !errors.Is(err, store.ErrClosed) {
		t.Errorf("a closed store's error is %v", err)
	}
	second := open(t, path)
	if got := storetest.All(t, second, "a"); len(got) != 1 || got[0].Value != "PJSIP/101" {
		t.Errorf("it has %q", got)
	}
	info, err := os.Stat(path)
	if err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("%v, %v: others can read it", info.Mode(), err)
	}
}

func TestAFileOfANewerAstproxyIsLeftAlone(t *testing.T) {
	path := filepath.Join(t.TempDir(), "state.db")
	put(t, open(t, path), "741", "PJSIP/101")
	sqlite3(t, path, "PRAGMA user_version = 99")
	_, err := store.Open(t.Context(), store.Config{Path: path})
	if err == nil || !strings.Contains(err.Error(), "newer astproxy") || !strings.Contains(err.Error(), path) {
		t.Errorf("the error is %v", err)
	}
}

func TestWhatIsNoDatabaseIsAnErrorThatNamesTheFile(t *testing.T) {
	folder := t.TempDir()
	text := filepath.Join(folder, "state.db")
	if err := os.WriteFile(text, []byte(strings.Repeat("this is a letter to my mother\n", 100)), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, path := range []string{text, folder, filepath.Join(folder, "nowhere", "state.db")} {
		if _, err := store.Open(t.Context(), store.Config{Path: path}); err == nil || !strings.Contains(err.Error(), path) {
			t.Errorf("%s: %v", path, err)
		}
	}
	if content, err := os.ReadFile(text); err != nil || !strings.HasPrefix(string(content), "this is a letter") {
		t.Errorf("the letter is %.30q, %v", content, err)
	}
}

func TestWhoWaitsForItsTurnMayGiveUp(t *testing.T) {
	s := open(t, filepath.Join(t.TempDir(), "state.db"))
	ctx, cancel := context.WithCancel(t.Context())
	err := s.Write(t.Context(), func(store.Writer) error {
		waiting := make(chan error)
		go func() { waiting <- s.Write(ctx, func(store.Writer) error { return nil }) }()
		cancel()
		return <-waiting
	})
	if !errors.Is(err, context.Canceled) {
		t.Errorf("it ended with %v", err)
	}
}
