package store_test

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"github.com/astproxy/astproxy/store"
	"github.com/astproxy/astproxy/store/storetest"
	"github.com/astproxy/astproxy/test/asterisk"
)

// TestAFullDiskIsAClearErrorAndTheOldState fills a real file system up.
func TestAFullDiskIsAClearErrorAndTheOldState(t *testing.T) {
	folder := smallDisk(t, 1<<20)
	s := open(t, filepath.Join(folder, "state.db"))
	put(t, s, "741", "PJSIP/101")
	ballast := filepath.Join(folder, "ballast")
	fill(t, ballast)

	var err error
	written := 0
	for ; err == nil && written < 10_000; written++ {
		err = s.Write(t.Context(), func(w store.Writer) error {
			for i := range 20 {
				if err := w.Put("a", fmt.Sprintf("%d-%d", written, i), strings.Repeat("x", 1000)); err != nil {
					return err
				}
			}
			return nil
		})
	}
	if !errors.Is(err, store.ErrFull) || !strings.Contains(err.Error(), folder) {
		t.Fatalf("the error is %v", err)
	}
	whole := 20*(written-1) + 1
	if got := storetest.All(t, s, "a"); len(got) != whole {
		t.Errorf("%d entries are left, not %d", len(got), whole)
	}
	if err := os.Remove(ballast); err != nil {
		t.Fatal(err)
	}
	put(t, s, "742", "PJSIP/102") // it goes on as soon as there is room
	if got := storetest.All(t, s, "a"); len(got) != whole+1 {
		t.Errorf("%d entries are there, not %d", len(got), whole+1)
	}
}

func TestAStoreThatFindsNoRoomIsAClearErrorToo(t *testing.T) {
	folder := smallDisk(t, 1<<20)
	fill(t, filepath.Join(folder, "ballast"))
	if _, err := store.Open(t.Context(), store.Config{Path: filepath.Join(folder, "state.db")}); !errors.Is(err, store.ErrFull) {
		t.Errorf("the error is %v", err)
	}
}

// smallDisk is a file system of so many bytes.
func smallDisk(tb testing.TB, size int) (folder string) {
	tb.Helper()
	folder = tb.TempDir()
	if err := syscall.Mount("tmpfs", folder, "tmpfs", 0, fmt.Sprintf("size=%d", size)); err != nil {
		asterisk.Missing(tb, fmt.Errorf("this test mounts a file system of its own, for which it has to run as root where that may: %w", err))
	}
	tb.Cleanup(func() {
		if err := syscall.Unmount(folder, 0); err != nil {
			tb.Error(err)
		}
	})
	return folder
}

// fill takes all the room there is on a disk.
func fill(tb testing.TB, path string) {
	tb.Helper()
	file, err := os.Create(path)
	if err != nil {
		tb.Fatal(err)
	}
	defer file.Close()
	block := make([]byte, 4096)
	for err == nil {
		_, err = file.Write(block)
	}
	if !errors.Is(err, syscall.ENOSPC) {
		tb.Fatal(err)
	}
}
