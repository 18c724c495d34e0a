package load

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"strconv"
	"strings"
	"time"
)

// CPUTime is the CPU time that a process has used so far, user and system, all its threads, exited ones included. It is
// exact to the nanosecond.
func CPUTime(pid int) (time.Duration, error) {
	t, err := process{pid}.cpu()
	return time.Duration(t), err
}

// A process is another process under measurement.
type process struct{ pid int }

// cpu returns the CPU time the process has used so far, user and system, in nanoseconds.
func (p process) cpu() (int64, error) {
	t, err := clockGettime(processClock(p.pid))
	if err != nil {
		return 0, fmt.Errorf("CPU clock of process %d: %w", p.pid, err)
	}
	return t, nil
}

// resident returns the process's memory now, in bytes. smaps_rollup walks the page tables and is
// exact, where status sums counters that lag by some hundred KiB; status is the way out when the
// other may not be read.
func (p process) resident() (int64, error) {
	rss, err := p.kibibytes("smaps_rollup", "Rss")
	if errors.Is(err, os.ErrNotExist) || errors.Is(err, os.ErrPermission) {
		return p.kibibytes("status", "VmRSS")
	}
	return rss, err
}

// resetPeak makes the kernel forget the highest memory so far; without the right to do so the
// peak is the process's since its start.
func (p process) resetPeak() {
	_ = os.WriteFile(p.path("clear_refs"), []byte("5"), 0)
}

// peak returns the highest resident memory since resetPeak, in bytes, as the kernel kept it.
func (p process) peak() (int64, error) { return p.kibibytes("status", "VmHWM") }

func (p process) path(file string) string { return fmt.Sprintf("/proc/%d/%s", p.pid, file) }

// kibibytes reads a line `Name: 123 kB` of a file in /proc/PID.
func (p process) kibibytes(file, name string) (int64, error) {
	text, err := os.ReadFile(p.path(file))
	if err != nil {
		return 0, err
	}
	for line := range bytes.Lines(text) {
		value, ok := strings.CutPrefix(string(line), name+":")
		if !ok {
			continue
		}
		n, err := strconv.ParseInt(strings.TrimSuffix(strings.TrimSpace(value), " kB"), 10, 64)
		if err != nil {
			return 0, fmt.Errorf("%s of %s: %w", name, p.path(file), err)
		}
		return n << 10, nil
	}
	return 0, fmt.Errorf("no %s in %s", name, p.path(file))
}
