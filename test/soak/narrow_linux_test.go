package soak_test

import (
	"errors"
	"syscall"
)

// narrowSocket has the kernel hold little for a connection, at both ends: a client that does not read is behind at once. Segments
// are small, too, because the sender's buffer grows with them.
func narrowSocket(_, _ string, raw syscall.RawConn) (err error) {
	controlled := raw.Control(func(fd uintptr) {
		err = errors.Join(
			syscall.SetsockoptInt(int(fd), syscall.SOL_SOCKET, syscall.SO_RCVBUF, 16<<10),
			syscall.SetsockoptInt(int(fd), syscall.IPPROTO_TCP, syscall.TCP_MAXSEG, 1024))
	})
	return errors.Join(controlled, err)
}
