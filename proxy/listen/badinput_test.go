package listen_test

import (
	"io"
	"strings"
	"testing"
	"time"

	"github.com/astproxy/astproxy/ami"
	"github.com/astproxy/astproxy/proxy/proxytest"
)

const (
	tooLong = "Failed to parse message: line too long"
	tooMany = "Too many lines in message or allocation failure"
)

// Whatever one writes, he gets an error of AMI and may go on behind the block; nothing of it reaches
// Asterisk, and nobody else notices.
//
//astproxy:attack
func TestABadActionIsAnErrorAndTheNextOneIsRun(t *testing.T) {
	asterisk, p := start(t)
	other := p.Login(t, "user", "Events: off")
	header := func(bytes int) string { return "X: " + strings.Repeat("x", bytes-len("X: ")) + "\r\n" }
	forbidden := func(line, b string) string {
		return "Failed to parse message: line " + line + " holds the byte 0x" + b + ", which AMI cannot carry: forbidden byte"
	}
	for _, test := range []struct{ name, text, want string }{
		{"a line of 1,023 bytes", header(1023), tooLong},
		{"a line of 1,024 bytes", header(1024), tooLong},
		{"a line of 100,000 bytes", header(100_000), tooLong},
		{"127 headers more", strings.Repeat("X: 1\r\n", 127), tooMany},
		{"200 headers", strings.Repeat("X: 1\r\n", 200), tooMany},
		{"NUL", "X: a\x00b\r\n", forbidden("3", "00")},
		{"NUL in front", "\x00X: a\r\n", forbidden("3", "00")},
		{"CR", "X: a\rAction: Reload\r\n", forbidden("3", "0d")},
	} {
		c := p.Login(t, "user", "Events: off")
		c.SendRaw("Action: CoreStatus\r\nActionID: bad\r\n" + test.text + "\r\n")
		wantText(t, test.name, c.Read(), "Response: Error", "ActionID: bad", "Message: "+test.want)
		if m := c.Ask("Ping", "ActionID: next"); m.ActionID() != "next" || m.Get("Ping") != "Pong" {
			t.Errorf("%s: behind it comes\n%s", test.name, m)
		}
		stranger := p.Dial(t)
		stranger.SendRaw("Action: CoreStatus\r\nActionID: bad\r\n" + test.text + "\r\n")
		if m := stranger.Read(); m.Response() != "Error" || m.ActionID() != "bad" {
			t.Errorf("%s: a stranger gets\n%s", test.name, m)
		}
		stranger.Login("user", proxytest.Secret)
		if got := other.Settle(); len(got) > 0 {
			t.Errorf("%s: somebody else gets\n%s", test.name, got[0])
		}
	}
	for _, m := range asterisk.Received() {
		if name := m.Action(); name == "CoreStatus" || name == "Reload" {
			t.Errorf("Asterisk is sent\n%s", m)
		}
	}
}

// What is no action at all ends the connection, long before it costs memory.
//
//astproxy:attack
func TestInputWithoutEndClosesTheConnection(t *testing.T) {
	_, p := start(t)
	other := p.Login(t, "user", "Events: off")
	for _, test := range []struct{ name, begin, repeated, want string }{
		{"an endless line", "Action: CoreStatus\r\nActionID: bad\r\nX: ", strings.Repeat("x", 64<<10), tooLong},
		{"endless headers", "Action: CoreStatus\r\nActionID: bad\r\n", strings.Repeat("X: 1\r\n", 10<<10), tooMany},
		{"endless long lines", "Action: CoreStatus\r\nActionID: bad\r\n", strings.Repeat("x", 2000) + "\r\n", tooLong},
		{"noise", "ActionID: bad\r\n", strings.Repeat("\xff\x00\x80\x16\x03", 10<<10), tooLong},
	} {
		for _, c := range []*proxytest.Client{p.Login(t, "user", "Events: off"), p.Dial(t)} {
			c.SetDeadline(time.Now().Add(proxytest.Patience))
			ended := make(chan []ami.Message, 1)
			go func() { ended <- c.End() }()
			const enough = 64 << 20 // far above what the kernel holds
			written, err := io.WriteString(c, test.begin)
			for n := 0; err == nil && written < enough; written += n {
				n, err = io.WriteString(c, test.repeated)
			}
			if err == nil {
				t.Errorf("%s: %d bytes were taken", test.name, written)
			}
			// The error may be lost on the way: who still writes when the connection closes need not
			// get it.
			if all := <-ended; len(all) == 1 {
				wantText(t, test.name, all[0], "Response: Error", "ActionID: bad", "Message: "+test.want)
			} else if len(all) > 1 {
				t.Errorf("%s: got %q", test.name, all)
			}
		}
		if got := other.Settle(); len(got) > 0 {
			t.Errorf("%s: somebody else gets\n%s", test.name, got[0])
		}
	}
}

// Who stops in the middle of a block is waited for.
func TestAnActionMayComeInPieces(t *testing.T) {
	_, p := start(t)
	c, other := p.Login(t, "user", "Events: off"), p.Login(t, "user", "Events: off")
	for _, piece := range strings.SplitAfter(proxytest.Block("Ping", "ActionID: 1"), "") {
		c.SendRaw(piece)
		if got := other.Settle(); len(got) > 0 {
			t.Fatalf("somebody else gets\n%s", got[0])
		}
	}
	if m := c.Response(); m.ActionID() != "1" || m.Get("Ping") != "Pong" {
		t.Errorf("the answer is\n%s", m)
	}
}
