package database

import (
	"os"
	"syscall"
	"testing"
)

// unprivileged runs a process as nobody where the test is root's, and has the kernel kill it with the test.
func unprivileged(tb testing.TB) *syscall.SysProcAttr {
	tb.Helper()
	attributes := &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL}
	if os.Getuid() == 0 {
		uid, gid := nobody(tb)
		attributes.Credential = &syscall.Credential{Uid: uint32(uid), Gid: uint32(gid)}
	}
	return attributes
}
