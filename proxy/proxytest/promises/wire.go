package promises

import (
	"io"
	"net"
	"sync"
	"testing"
	"time"

	"github.com/astproxy/astproxy/ami"
	"github.com/astproxy/astproxy/proxy/proxytest"
)

// wire is what the proxy reaches its Asterisk by: it passes on message by message, can hold back what
// Asterisk says, and knows what has passed. It serves one connection after the other.
type wire struct {
	tb       testing.TB
	listener net.Listener
	asterisk string // its address

	mu            sync.Mutex
	changed       chan struct{} // closed at the next change of what follows
	held, closing bool
	sent, said    []ami.Message // by the proxy, and by Asterisk
}

// newWire leads to the Asterisk at an address until the test ends.
func newWire(tb testing.TB, asterisk string) *wire {
	tb.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		tb.Fatal(err)
	}
	w := &wire{tb: tb, listener: listener, asterisk: asterisk, changed: make(chan struct{})}
	var serving sync.WaitGroup
	serving.Go(w.serve)
	tb.Cleanup(func() {
		listener.Close()
		w.change(func() { w.closing = true })
		serving.Wait()
	})
	return w
}

// Address is where the proxy connects to.
func (w *wire) Address() string { return w.listener.Addr().String() }

func (w *wire) serve() {
	for {
		near, err := w.listener.Accept()
		if err != nil {
			return
		}
		if far, err := net.Dial("tcp", w.asterisk); err == nil {
			w.join(near, far)
			far.Close()
		}
		near.Close()
	}
}

// join passes on between the proxy's and Asterisk's end until either closes.
func (w *wire) join(near, far net.Conn) {
	var both sync.WaitGroup
	both.Go(func() {
		w.pass(ami.NewReader(near, ami.ReplyLimits), far, &w.sent, func() bool { return false })
		far.Close()
	})
	both.Go(func() {
		replies := ami.NewReplyReader(far, ami.ReplyLimits)
		if banner, err := replies.ReadLine(); err == nil {
			_, _ = io.WriteString(near, banner+"\r\n")
			w.pass(replies, near, &w.said, func() bool { return w.held })
		}
		near.Close()
	})
	both.Wait()
}

// pass passes on until an end closes; each message when it is not held, and noted before.
func (w *wire) pass(from *ami.Reader, to io.Writer, passed *[]ami.Message, held func() bool) {
	for {
		m, err := from.Read()
		if err != nil || !w.await(func() bool { return w.closing || !held() }) {
			return
		}
		w.change(func() { *passed = append(*passed, m) })
		if _, err := io.WriteString(to, m.Raw()+"\r\n"); err != nil {
			return
		}
	}
}

func (w *wire) change(f func()) {
	w.mu.Lock()
	defer w.mu.Unlock()
	f()
	close(w.changed)
	w.changed = make(chan struct{})
}

// await waits until a condition holds, of what mu guards; false: it does not come to hold.
func (w *wire) await(condition func() bool) bool {
	patience := time.NewTimer(proxytest.Patience)
	defer patience.Stop()
	for {
		w.mu.Lock()
		holds, changed := condition(), w.changed
		w.mu.Unlock()
		if holds {
			return true
		}
		select {
		case <-changed:
		case <-patience.C:
			return false
		}
	}
}

// hold has Asterisk's words wait from now on, release lets them go again.
func (w *wire) hold()    { w.change(func() { w.held = true }) }
func (w *wire) release() { w.change(func() { w.held = false }) }

// awaitSent waits until the proxy has sent n actions of that name in all.
func (w *wire) awaitSent(n int, action string) {
	w.tb.Helper()
	if !w.await(func() bool { return countActions(w.sent, action) >= n }) {
		w.tb.Fatalf("the proxy does not send %s", action)
	}
}

// sentActions is how many actions of that name the proxy has sent.
func (w *wire) sentActions(action string) int {
	w.mu.Lock()
	defer w.mu.Unlock()
	return countActions(w.sent, action)
}

// unanswered is how many actions of that name Asterisk has got and their responses not passed yet.
func (w *wire) unanswered(action string) (n int) {
	w.mu.Lock()
	defer w.mu.Unlock()
	answered := map[string]bool{}
	for _, m := range w.said {
		if m.IsResponse() {
			answered[m.ActionID()] = true
		}
	}
	for _, m := range w.sent {
		if m.Action() == action && !answered[m.ActionID()] {
			n++
		}
	}
	return n
}

func countActions(messages []ami.Message, action string) (n int) {
	for _, m := range messages {
		if m.Action() == action {
			n++
		}
	}
	return n
}
