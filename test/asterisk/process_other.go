//go:build !linux

package asterisk

import "syscall"

// The Asterisks are Linux programs: on another system no installation is found,
// and what is here is never called.

func dieWithParent() *syscall.SysProcAttr { return nil }

func processIsGone(int) bool { return false }
