//go:build unix

package socket

import "syscall"

const supported = true

func write(fd uintptr, p []byte) (int, error) { return syscall.Write(int(fd), p) }
