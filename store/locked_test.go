package store_test

import (
	"context"
	"errors"
	"fmt"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/astproxy/astproxy/store"
	"github.com/astproxy/astproxy/store/storetest"
	"github.com/astproxy/astproxy/test/asterisk"
)

// sqlite3 runs a statement with the command of that name.
func sqlite3(tb testing.TB, path, statement string) string {
	tb.Helper()
	command := sqlite3Command(tb)
	output, err := exec.CommandContext(tb.Context(), command, "-cmd", ".timeout 10000", path, statement).CombinedOutput()
	if err != nil {
		tb.Fatalf("sqlite3 %s: %v: %s", statement, err, output)
	}
	return string(output)
}

func sqlite3Command(tb testing.TB) string {
	tb.Helper()
	command, err := exec.LookPath("sqlite3")
	if err != nil {
		asterisk.Missing(tb, errors.New("sqlite3 is missing, which reads the file; it is in your system's package sqlite3"))
	}
	return command
}

// TestAHundredAtOnceAreNeverLocked is what people know of SQLite: "database is locked". A hundred write and delete at once while
// another program reads, keeps a transaction open for long, and writes too.
func TestAHundredAtOnceAreNeverLocked(t *testing.T) {
	path := filepath.Join(t.TempDir(), "state.db")
	s := open(t, path)
	sqlite3Command(t)

	reading, stop := context.WithCancel(t.Context())
	var others sync.WaitGroup
	defer others.Wait()
	defer stop()
	reads := make(chan string, 10_000)
	others.Go(func() {
		for reading.Err() == nil {
			reads <- sqlite3(t, path, "SELECT count(*) FROM entry")
		}
		close(reads)
	})
	long := holdTransaction(t, path, "BEGIN; SELECT count(*) FROM entry;")
	defer long()

	var logins sync.WaitGroup
	for i := range 100 {
		logins.Go(func() {
			key := fmt.Sprint(700 + i)
			for range 3 {
				write(t, s, func(w store.Writer) error { return w.Put("session", key, "PJSIP/101") })
				write(t, s, func(w store.Writer) error { return w.Delete("session", key) })
			}
			write(t, s, func(w store.Writer) error { return w.Put("session", key, "PJSIP/102") })
		})
	}
	sqlite3(t, path, "INSERT INTO entry VALUES ('other', 'a', 'b')")
	logins.Wait()
	stop()
	others.Wait()
	if got := storetest.All(t, s, "session"); len(got) != 100 {
		t.Errorf("%d are logged in, not 100", len(got))
	}
	if len(reads) == 0 {
		t.Error("nobody has read")
	}
}

func write(tb testing.TB, s store.Store, f func(store.Writer) error) {
	tb.Helper()
	if err := s.Write(tb.Context(), f); err != nil {
		tb.Error(err)
	}
}

// holdTransaction runs statements with sqlite3, which then waits with its transaction open; end ends it.
func holdTransaction(tb testing.TB, path, statements string) (end func()) {
	tb.Helper()
	c := exec.CommandContext(tb.Context(), sqlite3Command(tb), path)
	in, err := c.StdinPipe()
	if err != nil {
		tb.Fatal(err)
	}
	out, err := c.StdoutPipe()
	if err != nil {
		tb.Fatal(err)
	}
	if err := c.Start(); err != nil {
		tb.Fatal(err)
	}
	fmt.Fprintln(in, statements, "SELECT 'held';")
	buffer := make([]byte, 100)
	var printed strings.Builder
	for !strings.Contains(printed.String(), "held") {
		n, err := out.Read(buffer)
		if err != nil {
			tb.Fatalf("sqlite3 ended: %v", err)
		}
		printed.Write(buffer[:n])
	}
	return func() {
		in.Close()
		c.Wait()
	}
}

func TestAnotherProgramsTransactionIsWaitedForAndNotForEver(t *testing.T) {
	path := filepath.Join(t.TempDir(), "state.db")
	s := open(t, path)
	release := holdTransaction(t, path, "BEGIN IMMEDIATE;")
	impatient, err := store.Open(t.Context(), store.Config{Path: path, BusyTimeout: 50 * time.Millisecond})
	if err == nil {
		err = impatient.Write(t.Context(), func(w store.Writer) error { return w.Put("a", "1", "one") })
		impatient.Close()
	}
	if err == nil || !strings.Contains(err.Error(), store.ErrBusy.Error()) || !strings.Contains(err.Error(), path) {
		t.Errorf("the impatient one's error is %v", err)
	}
	waiting := make(chan error, 1)
	go func() {
		waiting <- s.Write(t.Context(), func(w store.Writer) error { return w.Put("a", "1", "one") })
	}()
	release()
	if err := <-waiting; err != nil {
		t.Errorf("the patient one's error is %v", err)
	}
}
