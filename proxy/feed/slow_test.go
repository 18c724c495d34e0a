package feed_test

import (
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
				f.Open(near, feed.Disconnect).SetSelection(only(ami.ClassCall), block("login"))
				for range 20 {
					f.Append("pbx", ami.ClassCall, numbered(i, 5000))
				}
				f.Append("pbx", ami.ClassUser, numbered(i, 3000))
				c.expect("Event: " + strconv.Itoa(i))
			}
		})
	}
}
