package feed_test

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"runtime"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/astproxy/astproxy/ami"
	"github.com/astproxy/astproxy/proxy/feed"
)

// text is AMI's own format.
type text struct{}

func (text) Append(dst []byte, e *feed.Event) []byte {
	return append(append(dst, e.Message.Raw()...), "\r\n"...)
}

func (text) AppendEnd(dst []byte, _ error) []byte { return dst }

func (text) AppendGap(dst []byte, gap ami.Message) []byte {
	return append(append(dst, gap.Raw()...), "\r\n"...)
}

func everything() *feed.Selection {
	return &feed.Selection{Key: "all", Format: text{}, Match: func(*feed.Event) bool { return true }}
}

func only(class ami.Class) *feed.Selection {
	return &feed.Selection{Key: class.String(), Format: text{}, Match: func(e *feed.Event) bool { return e.Class == class }}
}

// run starts a feed that ends with the test, and checks that no goroutine of it is left.
func run(t testing.TB, c feed.Config) *feed.Feed { return runLabelled(t, c, nil) }

func runLabelled(t testing.TB, c feed.Config, l feed.Labeller) *feed.Feed {
	t.Helper()
	before := runtime.NumGoroutine()
	f := feed.New(c)
	if l != nil {
		f.LabelBy(l)
	}
	ctx, stop := context.WithCancel(context.Background())
	done := make(chan struct{})
	go func() {
		defer close(done)
		f.Run(ctx)
	}()
	t.Cleanup(func() {
		stop()
		<-done
		for begin := time.Now(); runtime.NumGoroutine() > before; {
			if time.Since(begin) > time.Minute {
				buf := make([]byte, 1<<20)
				t.Fatalf("goroutines are left behind:\n%s", buf[:runtime.Stack(buf, true)])
			}
			time.Sleep(time.Millisecond) // an ended goroutine is counted a moment longer
		}
	})
	return f
}

// client is the far end of a stream.
type client struct {
	*feed.Stream
	near, far net.Conn
	in        *bufio.Reader
	t         testing.TB
}

func (c *client) SetSelection(s *feed.Selection, reply []byte) {
	c.Stream.SetSelection(s, func(dst []byte) []byte { return append(dst, reply...) })
}

func dial(t testing.TB, f *feed.Feed, p feed.Policy) *client {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	far, err := net.Dial("tcp", l.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	near, err := l.Accept()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { far.Close() })
	far.SetReadDeadline(time.Now().Add(time.Minute))
	return &client{Stream: f.Open(near, p), near: near, far: far, in: bufio.NewReader(far), t: t}
}

// read returns the first line of the next message, of a ProxyGap the first two.
func (c *client) read() string {
	c.t.Helper()
	first := ""
	for {
		line, err := c.in.ReadString('\n')
		if err != nil {
			c.t.Fatalf("after %q: %v", first, err)
		}
		switch {
		case line == "\r\n":
			return first
		case first == "":
			first = strings.TrimSpace(line)
		case first == "Event: ProxyGap":
			first += ", " + strings.TrimSpace(line)
		}
	}
}

// missedIn is how many events a first line, as of read, says are missing.
func missedIn(first string) (missed int, is bool) {
	number, is := strings.CutPrefix(first, "Event: ProxyGap, Missed: ")
	missed, _ = strconv.Atoi(number)
	return missed, is
}

func (c *client) expect(want ...string) {
	c.t.Helper()
	for _, w := range want {
		if got := c.read(); got != w {
			c.t.Fatalf("got %q, want %q", got, w)
		}
	}
}

func event(name string) ami.Message { return ami.NewEvent(name).Message() }

func numbered(n int, size int) ami.Message {
	return ami.NewEvent(strconv.Itoa(n)).Add("Filler", strings.Repeat("x", size)).Message()
}

func private(name string) func([]byte) []byte {
	return func(dst []byte) []byte { return append(dst, ami.NewResponse(name, "").Message().Raw()+"\r\n"...) }
}

func block(name string) []byte { return private(name)(nil) }

func TestEveryClientGetsEveryEventInOrder(t *testing.T) {
	f := run(t, feed.Config{})
	var clients []*client
	for range 20 {
		c := dial(t, f, feed.Disconnect)
		c.SetSelection(everything(), block("login"))
		c.expect("Response: login")
		clients = append(clients, c)
	}
	const n = 5000
	for i := range n {
		f.Append("pbx", ami.ClassCall, numbered(i, 300))
	}
	for _, c := range clients {
		for i := range n {
			c.expect("Event: " + strconv.Itoa(i))
		}
	}
}

// What is left of it goes out though nothing comes behind it.
func TestAnEventLargerThanOneWriteArrivesWhole(t *testing.T) {
	f := run(t, feed.Config{})
	c := dial(t, f, feed.Disconnect)
	c.SetSelection(everything(), block("login"))
	c.expect("Response: login")
	for i, size := range []int{1, 65 << 10, 100 << 10, 128 << 10, 300 << 10, 1 << 20, 1} {
		f.Append("pbx", ami.ClassCall, numbered(i, size))
		c.expect("Event: " + strconv.Itoa(i))
	}
}

func TestAPrivateMessageStandsWhereItCame(t *testing.T) {
	f := run(t, feed.Config{})
	c := dial(t, f, feed.Disconnect)
	c.SetSelection(everything(), block("login"))
	for i := range 500 {
		f.Append("pbx", ami.ClassCall, event(fmt.Sprint("before", i)))
		c.Send(private(fmt.Sprint("answer", i)))
		f.Append("pbx", ami.ClassCall, event(fmt.Sprint("after", i)))
	}
	c.expect("Response: login")
	for i := range 500 {
		c.expect(fmt.Sprint("Event: before", i), fmt.Sprint("Response: answer", i), fmt.Sprint("Event: after", i))
	}
}

func TestAChangeOfSelectionActsAtItsReply(t *testing.T) {
	f := run(t, feed.Config{})
	c := dial(t, f, feed.Disconnect)
	c.SetSelection(everything(), block("on"))
	for i := range 200 {
		f.Append("pbx", ami.ClassCall, event(fmt.Sprint("call", i)))
		f.Append("pbx", ami.ClassUser, event(fmt.Sprint("user", i)))
		c.SetSelection(only(ami.ClassUser), block("user"))
		f.Append("pbx", ami.ClassCall, event("unseen"))
		f.Append("pbx", ami.ClassUser, event(fmt.Sprint("seen", i)))
		c.SetSelection(nil, block("off"))
		f.Append("pbx", ami.ClassUser, event("unseen"))
		c.SetSelection(everything(), block("on"))
	}
	c.expect("Response: on")
	for i := range 200 {
		c.expect(fmt.Sprint("Event: call", i), fmt.Sprint("Event: user", i), "Response: user",
			fmt.Sprint("Event: seen", i), "Response: off", "Response: on")
	}
}

//astproxy:attack
func TestAFrozenClientChangesNothingForOthers(t *testing.T) {
	const memory = 4 << 20
	f := run(t, feed.Config{Memory: memory, Flush: -1})
	frozen := dial(t, f, feed.Disconnect)
	frozen.SetSelection(everything(), block("login"))
	busy := dial(t, f, feed.Disconnect)
	busy.SetSelection(everything(), block("login"))
	busy.expect("Response: login")
	for i := range 40000 { // 40 MB: more than the window and the socket buffers
		f.Append("pbx", ami.ClassCall, numbered(i, 1000))
		busy.expect("Event: " + strconv.Itoa(i))
		if events, _ := f.Memory(); events > memory+64<<10 {
			t.Fatalf("events hold %d bytes, %d are allowed", events, memory)
		}
	}
	// It reads again: what it gets is whole and in order, then it is closed.
	frozen.expect("Response: login")
	for i := 0; ; i++ {
		line, err := frozen.in.ReadString('\n')
		if err != nil {
			break
		}
		if want := fmt.Sprintf("Event: %d\r\n", i); line != want {
			t.Fatalf("got %q, want %q", line, want)
		}
		if _, err := io.CopyN(io.Discard, frozen.in, 1000+10+2); err != nil {
			break
		}
	}
	<-frozen.Done()
	if err := frozen.Err(); !errors.Is(err, feed.ErrTooSlow) {
		t.Errorf("it ended with %v", err)
	}
}

func TestASlowClientIsToldHowManyEventsItMissed(t *testing.T) {
	f := run(t, feed.Config{Memory: 1 << 20, Flush: -1})
	slow := dial(t, f, feed.Skip)
	slow.SetSelection(everything(), block("login"))
	busy := dial(t, f, feed.Disconnect)
	busy.SetSelection(everything(), block("login"))
	busy.expect("Response: login")
	const n = 40000
	for i := range n {
		f.Append("pbx", ami.ClassCall, numbered(i, 1000))
		busy.expect("Event: " + strconv.Itoa(i))
	}
	slow.Send(private("last"))
	slow.expect("Response: login")
	gaps := 0
	for next := 0; ; {
		switch first := slow.read(); first {
		case "Response: last":
			if next != n || gaps == 0 {
				t.Fatalf("%d events are accounted for of %d, %d gaps", next, n, gaps)
			}
			return
		default:
			if missed, is := missedIn(first); is {
				next += missed
				gaps++
				continue
			}
			if want := "Event: " + strconv.Itoa(next); first != want {
				t.Fatalf("got %q, want %q", first, want)
			}
			next++
		}
	}
}

func TestAClientThatAcceptsNothingIsClosed(t *testing.T) {
	f := run(t, feed.Config{WriteTimeout: 50 * time.Millisecond})
	c := dial(t, f, feed.Skip)
	c.Send(func(dst []byte) []byte { return append(dst, make([]byte, 32<<20)...) })
	<-c.Done()
	if err := c.Err(); !errors.Is(err, feed.ErrWriteTimeout) {
		t.Errorf("it ended with %v", err)
	}
	if _, replies := f.Memory(); replies != 0 {
		t.Errorf("%d bytes of private messages are still counted", replies)
	}
}

func TestAClientThatHasCaughtUpIsNotClosedWhenTheWriteTimeoutHasPassed(t *testing.T) {
	f, c, timeout := caughtUp(t)
	<-time.After(timeout) // the time itself is what could cut it off
	c.Send(private("later"))
	c.expect("Response: later")
	if n := f.Stats().Streams; n != 1 {
		t.Errorf("%d streams are open", n)
	}
}

// caughtUp is a client that was behind with more than its socket takes at once. A machine may be so busy that a
// client accepts nothing for the write timeout: then it is done again with a longer one.
func caughtUp(t *testing.T) (*feed.Feed, *client, time.Duration) {
	t.Helper()
	for timeout := time.Second; ; timeout *= 2 {
		f := run(t, feed.Config{WriteTimeout: timeout})
		c := dial(t, f, feed.Disconnect)
		c.SetSelection(everything(), block("login"))
		for i := range 20000 { // 20 MB
			f.Append("pbx", ami.ClassCall, numbered(i, 1000))
		}
		c.Send(private("caught up"))
		for {
			line, err := c.in.ReadString('\n')
			if line == "Response: caught up\r\n" {
				_, _ = c.in.ReadString('\n') // the blank line
				return f, c, timeout
			}
			if err == nil {
				continue
			}
			if <-c.Done(); !errors.Is(c.Err(), feed.ErrWriteTimeout) {
				t.Fatalf("it ends with %v", c.Err())
			}
			break
		}
	}
}

//astproxy:attack
func TestWhoLeavesAnswersUnreadLosesThemAndNobodyElse(t *testing.T) {
	f := run(t, feed.Config{ReplyMemory: 16 << 20})
	hoarder, modest := dial(t, f, feed.Disconnect), dial(t, f, feed.Disconnect)
	modest.SetSelection(everything(), block("login"))
	modest.expect("Response: login")
	for range 64 {
		hoarder.Send(func(dst []byte) []byte { return append(dst, make([]byte, 1<<20)...) })
		modest.Send(private("answer"))
		modest.expect("Response: answer")
	}
	<-hoarder.Done()
	if err := hoarder.Err(); !errors.Is(err, feed.ErrReplyMemory) {
		t.Errorf("the hoarder ended with %v", err)
	}
}

func TestAnswersAreBoundedAlsoWhileMoreEventsComeThanCanBeMatched(t *testing.T) {
	f := run(t, feed.Config{ReplyMemory: 1 << 20, Memory: 1 << 20})
	hoarder, endless := dial(t, f, feed.Disconnect), dial(t, f, feed.Skip)
	endless.SetSelection(&feed.Selection{Key: "endless", Format: text{}, Match: func(e *feed.Event) bool {
		select {
		case <-hoarder.Done():
		default:
			f.Append("pbx", ami.ClassCall, e.Message) // so there always is one more
		}
		return false
	}}, block("login"))
	f.Append("pbx", ami.ClassCall, event("Endless"))
	for range 16 {
		hoarder.Send(func(dst []byte) []byte { return append(dst, make([]byte, 1<<20)...) })
	}
	select {
	case <-hoarder.Done():
	case <-time.After(patience):
		t.Fatal("the hoarder is still there")
	}
	if err := hoarder.Err(); !errors.Is(err, feed.ErrReplyMemory) {
		t.Errorf("the hoarder ended with %v", err)
	}
}

func TestFinishWritesEverythingFirst(t *testing.T) {
	f := run(t, feed.Config{})
	c := dial(t, f, feed.Disconnect)
	c.SetSelection(everything(), block("login"))
	for i := range 1000 {
		f.Append("pbx", ami.ClassCall, numbered(i, 1000))
	}
	c.Finish(block("goodbye"))
	c.expect("Response: login")
	for i := range 1000 {
		c.expect("Event: " + strconv.Itoa(i))
	}
	c.expect("Response: goodbye")
	if _, err := c.in.ReadByte(); err != io.EOF {
		t.Errorf("after the last message: %v", err)
	}
	<-c.Done()
	if c.Err() != nil {
		t.Errorf("it ended with %v", c.Err())
	}
}

func TestAHoldEndsWithTheNextEvent(t *testing.T) {
	f := run(t, feed.Config{})
	c := dial(t, f, feed.Disconnect)
	c.SetSelection(only(ami.ClassUser), block("login"))
	c.expect("Response: login")
	h := c.Hold()
	c.Send(private("later"))
	f.Append("pbx", ami.ClassCall, event("unseen"))
	f.Append("pbx", ami.ClassUser, event("seen"))
	sequence := <-h.Event
	h.Release(sequence, block("waited"), block("complete"))
	c.expect("Response: waited", "Event: seen", "Response: complete", "Response: later")
}

func TestAConnectionThatCannotBeWrittenWithoutWaitingWorksToo(t *testing.T) {
	f := run(t, feed.Config{})
	near, far := net.Pipe()
	t.Cleanup(func() { far.Close() })
	c := &client{Stream: f.Open(near, feed.Disconnect), near: near, far: far, in: bufio.NewReader(far), t: t}
	c.SetSelection(everything(), block("login"))
	for i := range 100 {
		f.Append("pbx", ami.ClassCall, numbered(i, 10))
	}
	c.expect("Response: login")
	for i := range 100 {
		c.expect("Event: " + strconv.Itoa(i))
	}
}

func TestEventsThatFindNoRoomInTheLogAreAnnounced(t *testing.T) {
	f := feed.New(feed.Config{Memory: 1 << 20})
	for i := range 10000 { // nobody matches yet
		f.Append("pbx", ami.ClassCall, numbered(i, 1000))
	}
	if events, _ := f.Memory(); events > 1<<20 {
		t.Errorf("%d bytes wait", events)
	}
}

func TestStreamsOfAStoppedFeedEnd(t *testing.T) {
	f := feed.New(feed.Config{})
	ctx, stop := context.WithCancel(context.Background())
	done := make(chan error)
	go func() {
		defer close(done)
		f.Run(ctx)
	}()
	early := dial(t, f, feed.Disconnect)
	early.SetSelection(everything(), block("login"))
	early.expect("Response: login")
	stop()
	<-done
	late := dial(t, f, feed.Disconnect)
	for _, c := range []*client{early, late} {
		<-c.Done()
		if !errors.Is(c.Err(), feed.ErrStopped) {
			t.Errorf("it ended with %v", c.Err())
		}
	}
}

func recordedEvents(tb testing.TB) []ami.Message {
	tb.Helper()
	b, err := os.ReadFile("../../ami/testdata/asterisk22-events.txt")
	if err != nil {
		tb.Fatal(err)
	}
	b = b[bytes.IndexByte(b, '\n')+1:]
	r := ami.NewReplyReader(bytes.NewReader(b), ami.ReplyLimits)
	var all []ami.Message
	for {
		m, err := r.Read()
		if err != nil {
			return all
		}
		all = append(all, m)
	}
}

// BenchmarkDelivery is the whole of the feed with clients that only read: one operation is one
// event to one client.
func BenchmarkDelivery(b *testing.B) {
	events := recordedEvents(b)
	for _, clients := range []int{1, 100, 1000} {
		b.Run(fmt.Sprint("clients=", clients), func(b *testing.B) {
			f := run(b, feed.Config{})
			done := make(chan struct{})
			var all []*client
			for range clients {
				c := dial(b, f, feed.Disconnect)
				c.SetSelection(everything(), block("login"))
				c.expect("Response: login")
				go func() {
					io.Copy(io.Discard, c.far)
					done <- struct{}{}
				}()
				all = append(all, c)
			}
			b.ResetTimer()
			for i := range b.N/clients + 1 {
				f.Append("pbx", ami.ClassCall, events[i%len(events)])
				for i%20000 == 0 && all[0].Lag() > 40000 {
					runtime.Gosched()
				}
			}
			for _, c := range all {
				c.Finish(block("end"))
			}
			for range all {
				<-done
			}
		})
	}
}
