package load

import (
	"fmt"
	"syscall"
)

// reserveFiles raises this process's limit of open files to the hard limit, which children
// inherit, and fails when it is below need.
func reserveFiles(need uint64) error {
	var limit syscall.Rlimit
	if err := syscall.Getrlimit(syscall.RLIMIT_NOFILE, &limit); err != nil {
		return fmt.Errorf("limit of open files: %w", err)
	}
	limit.Cur = limit.Max
	if err := syscall.Setrlimit(syscall.RLIMIT_NOFILE, &limit); err != nil {
		return fmt.Errorf("raise the limit of open files to %d: %w", limit.Max, err)
	}
	if limit.Max < need {
		return fmt.Errorf("%d open files needed, but the hard limit is %d; raise it with `ulimit -Hn %d`", need, limit.Max, need)
	}
	return nil
}
