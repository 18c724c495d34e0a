package app

import "golang.org/x/sys/unix"

// monotonic is the microseconds of CLOCK_MONOTONIC.
func monotonic() int64 {
	var now unix.Timespec
	_ = unix.ClockGettime(unix.CLOCK_MONOTONIC, &now) // fails for no clock that there is
	return now.Nano() / 1000
}
