package load

import (
	"errors"
	"os"
	"runtime"
	"syscall"
)

// bufferBytes is a reader's one buffer, shared by its clients. It is small enough to stay in a
// second-level cache, so that what the kernel copied in is not read from memory again.
const bufferBytes = 128 << 10

// closedEvents are how epoll says that the other side has closed the connection.
const closedEvents = syscall.EPOLLRDHUP | syscall.EPOLLHUP | syscall.EPOLLERR

// A reader reads for many clients on one goroutine. Between newReader and stop the clients are
// its goroutine's alone. It waits in the kernel on a thread of its own and not in the runtime's
// poller: whoever is woken there goes on to work, and the feed's timer would have to wait for the next
// to look.
type reader struct {
	epoll    int
	wake     [2]int // a pipe: a byte in it stops the goroutine
	clients  []*client
	progress *progress
	thread   chan int // the goroutine's thread id, once
	finished chan struct{}
}

// newReader starts reading for clients; stop ends it.
func newReader(clients []*client, p *progress) (*reader, error) {
	r := &reader{
		epoll:    -1,
		wake:     [2]int{-1, -1},
		clients:  clients,
		progress: p,
		thread:   make(chan int, 1),
		finished: make(chan struct{}),
	}
	if err := r.prepare(); err != nil {
		r.release()
		return nil, err
	}
	go r.run()
	return r, nil
}

func (r *reader) prepare() (err error) {
	if r.epoll, err = syscall.EpollCreate1(syscall.EPOLL_CLOEXEC); err != nil {
		return os.NewSyscallError("epoll_create1", err)
	}
	if err = syscall.Pipe2(r.wake[:], syscall.O_CLOEXEC); err != nil {
		return os.NewSyscallError("pipe2", err)
	}
	// An event carries the client's index; -1 is the pipe.
	if err = r.watch(r.wake[0], -1, syscall.EPOLLIN); err != nil {
		return err
	}
	for i, c := range r.clients {
		// Edge-triggered: the kernel need not look at every reported socket again at the next wait.
		var events uint32 = syscall.EPOLLRDHUP | 1<<31 // EPOLLET, whose constant is negative
		if !c.frozen {
			events |= syscall.EPOLLIN
		}
		if err = r.watch(c.conn.(*rawConn).fd, i, events); err != nil { //nolint:forcetypeassert // or it would be a follower's
			return err
		}
	}
	return nil
}

func (r *reader) watch(fd, index int, events uint32) error {
	event := syscall.EpollEvent{Events: events, Fd: int32(index)}
	return os.NewSyscallError("epoll_ctl", syscall.EpollCtl(r.epoll, syscall.EPOLL_CTL_ADD, fd, &event))
}

// stop ends the goroutine and waits for it; the clients are the caller's again.
func (r *reader) stop() {
	_, _ = syscall.Write(r.wake[1], []byte{0})
	<-r.finished
	r.release()
}

func (r *reader) release() {
	for _, fd := range []int{r.epoll, r.wake[0], r.wake[1]} {
		if fd >= 0 {
			syscall.Close(fd)
		}
	}
}

func (r *reader) run() {
	defer close(r.finished)
	runtime.LockOSThread() // never unlocked: its CPU clock is the clients'
	r.thread <- syscall.Gettid()
	buffer := make([]byte, bufferBytes)
	var events [256]syscall.EpollEvent
	for {
		n, err := syscall.EpollWait(r.epoll, events[:], -1)
		if err != nil && err != syscall.EINTR {
			panic("epoll_wait: " + err.Error()) // only a descriptor closed by mistake makes it fail
		}
		for _, event := range events[:max(n, 0)] {
			if event.Fd < 0 {
				return
			}
			r.drain(r.clients[event.Fd], event.Events&closedEvents != 0, buffer)
		}
	}
}

// drain reads what there is for c. A read that does not fill the buffer has emptied the socket;
// only at its end must a client be read until nothing comes.
func (r *reader) drain(c *client, closed bool, buffer []byte) {
	if c.frozen {
		c.ended = closed
		return
	}
	defer r.progress.report(c)
	for {
		n, err := c.receive(buffer)
		if errors.Is(err, errNothing) {
			return
		}
		if err != nil {
			c.ended = true
			return
		}
		if n < len(buffer)-maxCarry && !closed {
			return
		}
	}
}
