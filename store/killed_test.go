package store_test

import (
	"bufio"
	"context"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"testing"

	"github.com/astproxy/astproxy/store"
	"github.com/astproxy/astproxy/store/storetest"
)

// writeUntilKilled is the process that is killed: it tells of everything it has written.
func writeUntilKilled(path string) {
	s, err := store.Open(context.Background(), store.Config{Path: path})
	for n := 0; err == nil; n++ {
		err = s.Write(context.Background(), func(w store.Writer) error {
			// Two that belong together, as a login at one phone and the log-out at another.
			if err := w.Put("user", fmt.Sprint(n), "in"); err != nil {
				return err
			}
			return w.Put("device", fmt.Sprint(n), "taken")
		})
		if err == nil {
			fmt.Println(n)
		}
	}
	fmt.Fprintln(os.Stderr, err)
}

func TestSIGKILLLosesNothingThatWasDone(t *testing.T) {
	for range 10 {
		path := filepath.Join(t.TempDir(), "state.db")
		told := killed(t, path, 1+rand.IntN(40))
		s := open(t, path)
		users, devices := storetest.All(t, s, "user"), storetest.All(t, s, "device")
		if len(users) < told || len(users) > told+1 || len(devices) != len(users) {
			t.Errorf("%d were told of; there are %d users and %d devices", told, len(users), len(devices))
		}
	}
}

// killed runs writeUntilKilled, kills it when it has told of so many writes, in the midst of the next, and
// is how many it told of.
func killed(tb testing.TB, path string, after int) (told int) {
	tb.Helper()
	c := exec.CommandContext(tb.Context(), os.Args[0])
	c.Env = append(os.Environ(), "STORE_TEST_WRITER="+path)
	c.Stderr = os.Stderr
	out, err := c.StdoutPipe()
	if err != nil {
		tb.Fatal(err)
	}
	if err := c.Start(); err != nil {
		tb.Fatal(err)
	}
	lines := bufio.NewScanner(out)
	for lines.Scan() {
		if told++; told == after {
			if err := c.Process.Kill(); err != nil {
				tb.Error(err)
			}
		}
	}
	_ = c.Wait() // killed
	return told
}
