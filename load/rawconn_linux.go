package load

import (
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"syscall"
	"unsafe"
)

// A rawConn is a TCP connection taken out of the runtime's poller, so that the generator pays one
// system call a read and no goroutine a client.
type rawConn struct{ fd int }

// takeConn takes the connection over; conn is closed in any case.
func takeConn(conn net.Conn) (*rawConn, error) {
	defer conn.Close()
	tcp, ok := conn.(*net.TCPConn)
	if !ok {
		return nil, fmt.Errorf("%T is no TCP connection", conn)
	}
	sys, err := tcp.SyscallConn()
	if err != nil {
		return nil, err
	}
	// Closing conn takes the old descriptor out of the runtime's poller; the copy stays open.
	var copied uintptr
	var errno syscall.Errno
	err = sys.Control(func(fd uintptr) {
		copied, _, errno = syscall.Syscall(syscall.SYS_FCNTL, fd, syscall.F_DUPFD_CLOEXEC, 0)
	})
	if err == nil && errno != 0 {
		err = os.NewSyscallError("fcntl", errno)
	}
	if err != nil {
		return nil, err
	}
	return &rawConn{fd: int(copied)}, nil
}

// errNothing says that a read would have to wait.
var errNothing = errors.New("nothing to read")

// read does not wait: errNothing when nothing is there, io.EOF at the end. It skips the
// scheduler's bookkeeping of a system call, which is for calls that may take long.
func (c *rawConn) read(b []byte) (int, error) {
	for {
		n, _, errno := syscall.RawSyscall(syscall.SYS_READ, uintptr(c.fd), uintptr(unsafe.Pointer(&b[0])), uintptr(len(b)))
		switch {
		case errno == syscall.EINTR:
		case errno == syscall.EAGAIN:
			return 0, errNothing
		case errno != 0:
			return 0, os.NewSyscallError("read", errno)
		case n == 0:
			return 0, io.EOF
		default:
			return int(n), nil
		}
	}
}

func (c *rawConn) close() { syscall.Close(c.fd) }
