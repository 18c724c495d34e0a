package load

import (
	"syscall"
	"time"
	"unsafe"
)

// processClock is the CPU clock of another process, as the kernel encodes it: the inverted pid, and
// CPUCLOCK_SCHED, which counts nanoseconds of user and system time over all threads of the
// process, also those that have exited. (/proc/PID/stat counts ticks of 10 ms.)
func processClock(pid int) int32 { return int32(^pid<<3 | 2) }

// threadClock is the CPU clock of one thread of this process.
func threadClock(tid int) int32 { return int32(^tid<<3 | 6) }

// clockGettime reads a kernel clock, in nanoseconds.
func clockGettime(clock int32) (int64, error) {
	var ts syscall.Timespec
	_, _, errno := syscall.RawSyscall(syscall.SYS_CLOCK_GETTIME, uintptr(clock), uintptr(unsafe.Pointer(&ts)), 0)
	if errno != 0 {
		return 0, errno
	}
	return ts.Nano(), nil
}

// napClock keeps a pace by nanosleep on the calling thread, which wakes within some 60 µs; the
// runtime's timers may be a millisecond late. The caller has locked itself to its thread.
type napClock struct{}

func (napClock) now() int64 { return sinceEpoch() }

func (napClock) sleep(d time.Duration) {
	ts := syscall.NsecToTimespec(int64(d))
	// Cut short by a signal it returns early, and the caller looks at the clock again.
	_ = syscall.Nanosleep(&ts, nil)
}
