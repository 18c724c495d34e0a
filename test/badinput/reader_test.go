package badinput_test

import (
	"context"
	"io"
	"log/slog"
	"net"
	"runtime"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/astproxy/astproxy/ami"
	"github.com/astproxy/astproxy/formats"
	"github.com/astproxy/astproxy/plugins"
	"github.com/astproxy/astproxy/plugins/host"
	"github.com/astproxy/astproxy/proxy"
	"github.com/astproxy/astproxy/proxy/feed"
	"github.com/astproxy/astproxy/proxy/proxytest"
)

// accepted is that the proxy reads everything that Asterisk writes before anything else happens for which time would
// have to pass.
func (b *bubble) accepted(what, text string) {
	b.t.Helper()
	began := time.Now()
	if err := b.asterisk.write(text); err != nil {
		b.t.Fatalf("%s: %v", what, err)
	}
	if waited := time.Since(began); waited > 0 {
		b.t.Fatalf("%s: Asterisk was kept waiting for %v", what, waited)
	}
}

// burst is the text of so many events from a number on.
func burst(from, count, size int) string {
	var text strings.Builder
	for i := range count {
		text.WriteString(event(strconv.Itoa(from+i), size))
	}
	return text.String()
}

// tally counts events by what a client is sent: in their order, and the missing ones where it is told of them.
type tally struct {
	t      *testing.T
	next   int
	missed int
}

// take takes a message, if it is about them.
func (l *tally) take(m ami.Message) {
	l.t.Helper()
	switch m.Event() {
	case "ProxyGap":
		n, err := strconv.Atoi(m.Get("Missed"))
		if err != nil {
			l.t.Fatalf("how many are missing, nobody says: %s", m)
		}
		l.missed += n
		l.next += n
	case "UserEvent":
		if m.Get("Number") != strconv.Itoa(l.next) {
			l.t.Fatalf("behind event %d, with %d told missing so far, comes %s", l.next-1, l.missed, m.Get("Number"))
		}
		l.next++
	}
}

// stuckPlugin hears its first event for ever.
type stuckPlugin struct{ release <-chan struct{} }

func (p stuckPlugin) Run(ctx context.Context) error {
	<-ctx.Done()
	return nil
}

func (p stuckPlugin) Hear(context.Context, plugins.Event) { <-p.release }

func runStuckPlugin(t *testing.T, p *proxy.Proxy, log *slog.Logger, release <-chan struct{}) {
	h := host.New(p, log, host.Options{})
	kind := plugins.Kind{Name: "stuck", New: func(plugins.Host, any) (plugins.Plugin, error) { return stuckPlugin{release}, nil }}
	change, err := h.Prepare([]host.Setup{{Kind: kind}})
	if err != nil {
		t.Fatal(err)
	}
	h.Apply(change)
	ctx, cancel := context.WithCancel(context.Background())
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		h.Run(ctx)
	}()
	t.Cleanup(func() {
		cancel()
		<-ended
	})
}

// stickyFormat is at an event called Stick until it is released.
type stickyFormat struct {
	formats.Standard
	at, release chan struct{}
}

func (f *stickyFormat) Append(dst []byte, m ami.Message, o formats.Options) []byte {
	if m.Event() == "Stick" {
		f.at <- struct{}{}
		<-f.release
	}
	return f.Standard.Append(dst, m, o)
}

// somebodyIsIn tells whether a goroutine is in a function.
func somebodyIsIn(function string) bool {
	stacks := make([]byte, 1<<20)
	return strings.Contains(string(stacks[:runtime.Stack(stacks, true)]), function)
}

// Whoever of those behind it is stuck, what Asterisk sends is read at once, and what that costs somebody is told.
//
//astproxy:attack
func TestTheReaderOfAsteriskWaitsForNobody(t *testing.T) {
	const (
		memory = 2 << 20
		size   = 1000
		atOnce = 50
	)
	secured := certificate()
	inBubble(t, func(t *testing.T) {
		unstick := make(chan struct{})
		defer close(unstick)
		b := startSlow(t, feed.Config{Memory: memory, WriteTimeout: time.Hour}, options{
			secured: secured,
			before:  func(p *proxy.Proxy, log *slog.Logger) { runStuckPlugin(t, p, log, unstick) },
		})
		healthy := b.login("patient", "Events: user")
		asking, changing := b.login("user", "Events: off"), b.login("user", "Events: off")
		for way, enter := range entrances { // and read nothing any more
			for _, user := range []string{"user", "patient"} {
				conn := enter(b, user)
				if strings.HasPrefix(way, "ami") {
					go func() { _, _ = io.WriteString(conn, strings.Repeat(proxytest.Block("Ping"), 100)) }()
				}
			}
		}
		healthily := &tally{t: t}
		sent := 0
		for round := range 80 {
			b.accepted("clients and a plugin are stuck", burst(sent, atOnce, size))
			for sent += atOnce; healthily.next < sent; {
				healthily.take(healthy.Read())
			}
			if events, _ := b.Feed().Memory(); events > memory+64<<10 {
				t.Fatalf("in round %d events take %d bytes", round, events)
			}
		}
		if healthily.missed > 0 {
			t.Errorf("who reads has missed %d events", healthily.missed)
		}

		format := &stickyFormat{at: make(chan struct{}), release: make(chan struct{})}
		near, far := net.Pipe()
		defer far.Close()
		stuck := b.NewClient(near, proxy.Encoding{Format: format})
		user, _ := b.Users().Named("user")
		stuck.Admit(proxy.Admission{User: user, Mask: ami.ClassAll})
		b.accepted("nobody is stuck", "Event: Stick\r\nPrivilege: call,all\r\n\r\n")
		<-format.at
		changing.Send("CoreStatus", "ActionID: changing")
		question := <-b.asterisk.held
		changing.Send("Events", "EventMask: user", "ActionID: change") // which waits for the formatter
		for !somebodyIsIn("feed.(*Stream).Prepare") {
			runtime.Gosched()
		}
		for range 80 {
			b.accepted("a formatter is stuck, and all who match", burst(sent, atOnce, size))
			sent += atOnce
		}
		b.accepted("who is answered waits for those", "Response: Success\r\nActionID: "+question.ActionID()+"\r\n\r\n")
		b.accepted("behind it", burst(sent, atOnce, size))
		sent += atOnce
		if m := asking.Ask("Ping"); m.Response() != "Success" {
			t.Errorf("who has no events is answered with %s", m)
		}
		close(format.release)
		if m := changing.Response(); m.ActionID() != "changing" {
			t.Errorf("who has changed his events is answered with %s", m)
		}
		for healthily.next < sent {
			healthily.take(healthy.Read())
		}
		if healthily.next != sent || healthily.missed == 0 {
			t.Errorf("of %d events %d are accounted for, %d of them missing", sent, healthily.next, healthily.missed)
		}
		stuck.Close(nil)
	})
}
