package upstream

import (
	"bytes"
	"context"
	"crypto/md5"
	"encoding/hex"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/astproxy/astproxy/ami"
)

const (
	testSecret    = "s3cr3t-of-the-test"
	testChallenge = "843154"
	banner22      = "Asterisk Call Manager/11.0.0"
	booted        = "Event: FullyBooted\nPrivilege: system,all\nUptime: 195\nStatus: Fully Booted"
	accepted      = "Response: Success\nActionID: $\nMessage: Authentication accepted"
	// patience bounds what a test waits for; nothing waits for it when all is well. In a bubble it is
	// longer than anything a session waits for.
	patience      = time.Minute
	pipedPatience = 10 * time.Minute
)

// fewActions answers ListCommands.
const fewActions = "Response: Success\nActionID: $\nPing: Keepalive command.  (Priv: <none>)\n" +
	"Originate: Originate a call.  (Priv: originate,all)\nStatus: List channel status.  (Priv: system,call,reporting,all)"

// bench is a session under test and the peer that plays its Asterisk.
type bench struct {
	testing.TB
	session  *Session
	observer *recorder
	logged   *logBuffer
	accept   chan net.Conn // connections the session has made
	stop     func()        // ends Run and waits for it
	patience time.Duration

	dialError error // what the next dial says, under mu
	mu        sync.Mutex
}

// start runs a session over real loopback connections.
func start(t testing.TB, change ...func(*Config)) *bench {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	b := newBench(t, append([]func(*Config){func(c *Config) { c.Address = listener.Addr().String() }}, change...)...)
	var listening sync.WaitGroup
	listening.Go(func() {
		for {
			conn, err := listener.Accept()
			if err != nil {
				return
			}
			b.accept <- conn
		}
	})
	b.run()
	t.Cleanup(func() {
		b.stop()
		_ = listener.Close()
		listening.Wait()
	})
	return b
}

// startPiped runs a session over pipes in memory, inside a synctest bubble.
func startPiped(t testing.TB, change ...func(*Config)) *bench {
	t.Helper()
	b := newBench(t, change...)
	b.patience = pipedPatience
	b.session.dial = func(ctx context.Context) (net.Conn, error) {
		b.mu.Lock()
		err := b.dialError
		b.mu.Unlock()
		if err != nil {
			return nil, err
		}
		near, far := net.Pipe()
		b.accept <- far
		return near, nil
	}
	b.run()
	t.Cleanup(b.stop)
	return b
}

func newBench(t testing.TB, change ...func(*Config)) *bench {
	t.Helper()
	config := Config{Name: "office", Address: "192.0.2.1:5038", Username: "astproxy", Secret: testSecret, BackoffMin: time.Millisecond}
	for _, f := range change {
		f(&config)
	}
	if err := config.Validate(); err != nil {
		t.Fatal(err)
	}
	b := &bench{TB: t, accept: make(chan net.Conn, 16), logged: new(logBuffer), patience: patience}
	b.observer = &recorder{broadcasts: make(chan ami.Message, 100_000), changes: make(chan Status, 1000)}
	b.session = New(config, b.observer, slog.New(slog.NewTextHandler(b.logged, &slog.HandlerOptions{Level: slog.LevelDebug})))
	return b
}

func (b *bench) run() {
	ctx, cancel := context.WithCancel(context.Background())
	ended := make(chan error, 1)
	go func() { ended <- b.session.Run(ctx) }()
	b.stop = sync.OnceFunc(func() {
		cancel()
		select {
		case err := <-ended:
			if !errors.Is(err, context.Canceled) {
				b.Errorf("Run returned %v", err)
			}
		case <-time.After(b.patience):
			b.Error("Run did not return")
		}
	})
}

// peer is one connection as Asterisk sees it.
type peer struct {
	*bench
	conn   net.Conn
	reader *ami.Reader
}

// connection waits for the session to connect.
func (b *bench) connection() *peer {
	b.Helper()
	select {
	case conn := <-b.accept:
		b.Cleanup(func() { _ = conn.Close() })
		return &peer{bench: b, conn: conn, reader: ami.NewReader(conn, ami.ActionLimits)}
	case <-time.After(b.patience):
		b.Fatal("the session does not connect")
		return nil
	}
}

// up brings the session up: banner, login, FullyBooted, ListCommands.
func (b *bench) up() *peer {
	b.Helper()
	return b.upAs(banner22)
}

// upAs is up with an Asterisk of another version.
func (b *bench) upAs(banner string) *peer {
	b.Helper()
	p := b.connection()
	p.welcomeAs(banner)
	p.send(booted)
	p.reply("ListCommands", fewActions)
	if status := b.changed(); !status.Up {
		b.Fatalf("the session is not up: %+v", status)
	}
	<-b.observer.broadcasts // FullyBooted
	return p
}

// welcome sends the banner and accepts the login.
func (p *peer) welcome() {
	p.Helper()
	p.welcomeAs(banner22)
}

func (p *peer) welcomeAs(banner string) {
	p.Helper()
	p.sendRaw(banner + "\r\n")
	p.reply("Challenge", "Response: Success\nActionID: $\nChallenge: "+testChallenge)
	login := p.expect("Login")
	key := md5.Sum([]byte(testChallenge + testSecret))
	if got := login.Get("Key"); got != hex.EncodeToString(key[:]) {
		p.Errorf("Key is %q", got)
	}
	p.answer(login, accepted)
}

// expect reads the next action and checks its name.
func (p *peer) expect(action string) ami.Message {
	p.Helper()
	_ = p.conn.SetReadDeadline(time.Now().Add(p.patience))
	m, err := p.reader.Read()
	if err != nil {
		p.Fatalf("waiting for %s: %v", action, err)
	}
	if m.Action() != action {
		p.Fatalf("got %q, want %s", m, action)
	}
	return m
}

// send sends blocks separated by blank lines, with CRLF.
func (p *peer) send(blocks string) {
	p.Helper()
	p.sendRaw(strings.ReplaceAll(strings.TrimSuffix(blocks, "\n")+"\n\n", "\n", "\r\n"))
}

func (p *peer) sendRaw(text string) {
	p.Helper()
	_ = p.conn.SetWriteDeadline(time.Now().Add(p.patience))
	if _, err := p.conn.Write([]byte(text)); err != nil {
		p.Fatalf("sending %q: %v", text, err)
	}
}

// answer sends blocks in which $ stands for the ActionID of action.
func (p *peer) answer(action ami.Message, blocks string) {
	p.Helper()
	p.send(strings.ReplaceAll(blocks, "$", action.ActionID()))
}

// reply expects an action and answers it.
func (p *peer) reply(action, blocks string) ami.Message {
	p.Helper()
	m := p.expect(action)
	p.answer(m, blocks)
	return m
}

// lose breaks the connection and waits until the session has noticed.
func (p *peer) lose() Status {
	p.Helper()
	_ = p.conn.Close()
	return p.changed()
}

// changed waits for the next change of the session's status.
func (b *bench) changed() Status {
	b.Helper()
	select {
	case status := <-b.observer.changes:
		return status
	case <-time.After(b.patience):
		b.Fatalf("no change; %+v\n%s", b.session.Status(), b.logged)
		return Status{}
	}
}

// broadcast waits for the next event for everybody.
func (b *bench) broadcast() ami.Message {
	b.Helper()
	select {
	case m := <-b.observer.broadcasts:
		return m
	case <-time.After(b.patience):
		b.Fatal("no broadcast")
		return ami.Message{}
	}
}

// quiet checks that nothing else was broadcast before a marker.
func (p *peer) quiet() {
	p.Helper()
	p.send("Event: Marker\nPrivilege: call,all")
	if m := p.broadcast(); m.Event() != "Marker" {
		p.Errorf("broadcast %q", m)
	}
}

// client is somebody who sends actions and keeps what comes back.
type client struct {
	*bench
	*Requester
}

func (b *bench) client() client { return client{b, b.session.NewRequester()} }

// inbox takes the replies to one request.
type inbox struct {
	*bench
	replies chan Reply
}

func (i inbox) Receive(r Reply) {
	select {
	case i.replies <- r:
	default:
		panic("an inbox is full")
	}
}

// request sends an action written with \n and returns where its answer comes.
func (c client) request(action string, change ...func(*Request)) inbox {
	c.Helper()
	in := inbox{c.bench, make(chan Reply, 1000)}
	r := Request{Action: ami.Parse(action), Receiver: in, Client: "alice"}
	for _, f := range change {
		f(&r)
	}
	if err := c.Send(context.Background(), r); err != nil {
		c.Fatalf("sending %q: %v", action, err)
	}
	return in
}

// next waits for a reply.
func (i inbox) next() Reply {
	i.Helper()
	select {
	case r := <-i.replies:
		return r
	case <-time.After(i.patience):
		i.Fatalf("no reply; %+v\n%s", i.session.Status(), i.logged)
		return Reply{}
	}
}

// wants checks the next replies: a part of each one's text, or of its error's, with "+" behind
// the last, "" for an empty message.
func (i inbox) wants(replies ...string) {
	i.Helper()
	for _, want := range replies {
		r := i.next()
		got := r.Message.Raw()
		if r.Err != nil {
			got = r.Err.Error()
		}
		text, last := strings.CutSuffix(want, "+")
		if !strings.Contains(got, text) || text == "" && got != "" || last != r.Last {
			i.Fatalf("reply %q, last %v; want %q", got, r.Last, want)
		}
	}
}

// empty checks that nothing came.
func (i inbox) empty() {
	i.Helper()
	select {
	case r := <-i.replies:
		i.Errorf("reply %+v", r)
	default:
	}
}

// recorder is an Observer that keeps what it hears.
type recorder struct {
	broadcasts chan ami.Message
	changes    chan Status
}

func (r *recorder) Broadcast(_ *Session, m ami.Message) { r.broadcasts <- m }
func (r *recorder) Changed(_ *Session, status Status)   { r.changes <- status }

// logBuffer keeps what was logged.
type logBuffer struct {
	mu   sync.Mutex
	text bytes.Buffer
}

func (l *logBuffer) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.text.Write(p)
}

func (l *logBuffer) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.text.String()
}

// count is how many lines hold text.
func (l *logBuffer) count(text string) int { return strings.Count(l.String(), text) }

// ping is an action with an ActionID.
func ping(i int) string { return fmt.Sprintf("Action: Ping\nActionID: %d", i) }

// status is another action with one answer, which takes more of the window than a Ping.
func status(i int) string { return fmt.Sprintf("Action: CoreStatus\nActionID: %d", i) }

const pong = "Response: Success\nActionID: $\nPing: Pong"
