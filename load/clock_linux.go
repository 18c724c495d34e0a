package load

import (
	"os"
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

// A timerClock keeps a pace by a kernel timer that the runtime's poller waits for. The runtime's own
// timers may be a millisecond late; a thread asleep in the kernel would be exact too, but makes
// the runtime watch it every 20 µs, which costs more than all the feed's work.
type timerClock struct {
	file *os.File
	fd   uintptr
}

// newTimerClock makes a clock; close ends it.
func newTimerClock() (*timerClock, error) {
	const monotonic, nonblock, closeOnExec = 1, syscall.O_NONBLOCK, syscall.O_CLOEXEC
	fd, _, errno := syscall.RawSyscall(syscall.SYS_TIMERFD_CREATE, monotonic, nonblock|closeOnExec, 0)
	if errno != 0 {
		return nil, os.NewSyscallError("timerfd_create", errno)
	}
	return &timerClock{file: os.NewFile(fd, "timer"), fd: fd}, nil
}

func (c *timerClock) close() { c.file.Close() }

func (c *timerClock) now() int64 { return sinceEpoch() }

func (c *timerClock) sleep(d time.Duration) {
	once := struct{ interval, first syscall.Timespec }{first: syscall.NsecToTimespec(int64(d))}
	_, _, errno := syscall.RawSyscall6(syscall.SYS_TIMERFD_SETTIME, c.fd, 0, uintptr(unsafe.Pointer(&once)), 0, 0, 0)
	var expired [8]byte
	if errno == 0 {
		_, _ = c.file.Read(expired[:])
	}
}
