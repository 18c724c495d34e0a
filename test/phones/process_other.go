//go:build !linux

package phones

import "syscall"

// The Asterisks are Linux programs: on another system nothing gets here.
func diesWithTest() *syscall.SysProcAttr { return nil }
