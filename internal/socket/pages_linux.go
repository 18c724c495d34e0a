package socket

import (
	"errors"
	"runtime"
	"slices"
	"sync"
	"sync/atomic"
	"syscall"

	"golang.org/x/sys/unix"
)

// extentSize is the most that an Extent has.
const extentSize = 64 << 10

// Pages is memory of the kernel's, from which it sends the same bytes to many sockets without copying them for each: a
// file without a name, and sendfile(2). Any goroutine may use it.
type Pages struct {
	limit int         // how many extents there may be
	off   atomic.Bool // the system does not do it

	// guarded by mu
	mu   sync.Mutex
	fd   int // of the file; -1: it is not made yet, or closed
	free []int
	used int // places that ever were taken
	over bool
}

// NewPages makes Pages that hold up to size bytes. They take no memory before Copy.
func NewPages(size int) *Pages { return &Pages{limit: size / extentSize, fd: -1} }

// Extent is a copy of some bytes in Pages. It lasts as long as it is used.
type Extent struct {
	pages  *Pages
	fd     int
	offset int64
}

// Copy copies bytes, which may be up to 64 KiB. It returns nil where there is no room, or the system has no such memory.
func (g *Pages) Copy(bytes []byte) *Extent {
	if len(bytes) > extentSize || g.off.Load() {
		return nil
	}
	fd, place := g.take()
	if place < 0 {
		return nil
	}
	e := &Extent{pages: g, fd: fd, offset: int64(place) * extentSize}
	if n, err := syscall.Pwrite(fd, bytes, e.offset); n < len(bytes) || err != nil {
		g.give(place)
		return nil
	}
	runtime.AddCleanup(e, g.give, place)
	return e
}

// take finds a free place; below zero: there is none.
func (g *Pages) take() (fd, place int) {
	g.mu.Lock()
	defer g.mu.Unlock()
	if g.fd < 0 && !g.over {
		g.make()
	}
	switch last := len(g.free) - 1; {
	case g.fd < 0:
	case last >= 0:
		place, g.free = g.free[last], g.free[:last]
		return g.fd, place
	case g.used < g.limit:
		g.used++
		return g.fd, g.used - 1
	}
	return 0, -1
}

// make makes the file, with mu held.
func (g *Pages) make() {
	fd, err := unix.MemfdCreate("events", unix.MFD_CLOEXEC)
	if err != nil {
		g.off.Store(true)
		return
	}
	g.fd = fd
}

// give lets others have a place. What sockets still have of its pages they keep: the file gets others.
func (g *Pages) give(place int) {
	g.mu.Lock()
	defer g.mu.Unlock()
	if g.fd < 0 {
		return
	}
	const how = unix.FALLOC_FL_PUNCH_HOLE | unix.FALLOC_FL_KEEP_SIZE
	if unix.Fallocate(g.fd, how, int64(place)*extentSize, extentSize) == nil {
		g.free = append(g.free, place) // else nobody has it again
	}
}

// Close gives everything back. Nobody may send an Extent any more.
func (g *Pages) Close() {
	g.mu.Lock()
	defer g.mu.Unlock()
	if g.fd >= 0 {
		_ = syscall.Close(g.fd)
	}
	g.fd, g.over = -1, true
}

// Sends tells whether TrySend and Send are more than TryWrite and Write.
func (w *Writer) Sends() bool { return w.secure == nil }

// TrySend is TryWrite of bytes that e has, too, from an offset on.
func (w *Writer) TrySend(bytes []byte, e *Extent, offset int) (n int, err error) {
	closed := w.raw.Write(func(fd uintptr) bool {
		n, err = e.send(fd, offset, len(bytes))
		return true // do not wait for the socket
	})
	switch {
	case closed != nil:
		return n, closed
	case errors.Is(err, syscall.EAGAIN):
		return n, nil
	case n == 0 && e.pages.off.Load():
		return w.tryWrite(bytes)
	}
	return n, err
}

// Send is Write of bytes that e has, too, from an offset on.
func (w *Writer) Send(bytes []byte, e *Extent, offset int) (n int, progress bool, err error) {
	closed := w.raw.Write(func(fd uintptr) bool {
		n, err = e.send(fd, offset, len(bytes))
		return !errors.Is(err, syscall.EAGAIN)
	})
	switch {
	case closed != nil:
		return n, n > 0, closed
	case n == 0 && e.pages.off.Load():
		return w.Write(bytes)
	}
	return n, n > 0, err
}

// cannot are the errors by which a system says that it does not send so at all.
var cannot = []error{syscall.EINVAL, syscall.ENOSYS, syscall.EPERM, syscall.ESPIPE}

// send sends what the socket takes at once. Where the system does not do that, it is not tried again.
func (e *Extent) send(fd uintptr, offset, size int) (n int, err error) {
	defer runtime.KeepAlive(e)
	for {
		from := e.offset + int64(offset)
		n, err = syscall.Sendfile(int(fd), e.fd, &from, size)
		switch {
		case errors.Is(err, syscall.EINTR):
			continue
		case n == 0 && err == nil, slices.ContainsFunc(cannot, func(e error) bool { return errors.Is(err, e) }):
			e.pages.off.Store(true)
		}
		return max(n, 0), err
	}
}
