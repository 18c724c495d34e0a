package feed_test

import (
	"bufio"
	"net"
	"strconv"
	"testing"

	"github.com/astproxy/astproxy/ami"
	"github.com/astproxy/astproxy/proxy/feed"
)

// A quiet view's chunks are the oldest of all when somebody else's fill the memory. Who has read all of
// such a chunk has lost nothing with it.
func TestWhoHasReadEverythingIsNotTooSlowWhateverIsForgotten(t *testing.T) {
	for name, policy := range map[string]feed.Policy{"disconnect": feed.Disconnect, "skip": feed.Skip} {
		t.Run(name, func(t *testing.T) {
			f := run(t, feed.Config{Memory: 1 << 20, Flush: -1})
			c := dial(t, f, policy)
			c.SetSelection(only(ami.ClassUser), block("login"))
			c.expect("Response: login")
			for i := range 300 {
				near, far := net.Pipe() // nobody reads it, and so the memory stays full
				t.Cleanup(func() { far.Close() })
				f.Open(near, feed.Disconnect).SetSelection(only(ami.ClassCall), func(dst []byte) []byte { return append(dst, block("login")...) })
				for range 20 {
					f.Append("pbx", ami.ClassCall, numbered(i, 5000))
				}
				f.Append("pbx", ami.ClassUser, numbered(i, 3000))
				c.expect("Event: " + strconv.Itoa(i))
			}
		})
	}
}

// Every selection has a view, and every view costs: who does not read must not pile them up.
func TestWhoDoesNotReadHasNoRoomForMoreChangesOfSelection(t *testing.T) {
	f := run(t, feed.Config{})
	near, far := net.Pipe()
	t.Cleanup(func() { far.Close() })
	c := &client{Stream: f.Open(near, feed.Disconnect), near: near, far: far, in: bufio.NewReader(far), t: t}
	changes := 0
	for ; c.Room(1<<20) == nil; changes++ {
		if changes == 1000 {
			t.Fatal("there is room for a thousand of them")
		}
		c.SetSelection(only(ami.Class(1+changes)), block(strconv.Itoa(changes)))
	}
	room := c.Room(1 << 20)
	for i := range changes {
		c.expect("Response: " + strconv.Itoa(i))
	}
	<-room
	for room := c.Room(1 << 20); room != nil; room = c.Room(1 << 20) {
		<-room
	}
}
