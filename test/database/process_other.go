//go:build !linux

package database

import (
	"syscall"
	"testing"
)

// unprivileged is nothing here: the tests that want a server run on Linux.
func unprivileged(testing.TB) *syscall.SysProcAttr { return nil }
