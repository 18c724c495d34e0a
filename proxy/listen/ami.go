package listen

import (
	"cmp"
	"context"
	"crypto/tls"
	"errors"
	"io"
	"log/slog"
	"net"
	"sync"
	"sync/atomic"
	"syscall"
	"time"

	"github.com/astproxy/astproxy/ami"
	"github.com/astproxy/astproxy/formats"
	"github.com/astproxy/astproxy/proxy"
)

// AMIConfig bounds what those who have not logged in may cost. A zero field stands for its default,
// which is Asterisk's (manager.conf, authtimeout and authlimit).
type AMIConfig struct {
	AuthenticationTimeout time.Duration // 30 s
	UnauthenticatedLimit  int           // 50
	Banner                string        // while no server was ever reached; Asterisk 22's
	Security              Security
	// Format is what clients are written in until they ask for another or their user has one of his
	// own; nil: what their first action comes in.
	Format formats.Format
}

// AMI is the door for manager clients over TCP.
type AMI struct {
	proxy  *proxy.Proxy
	config atomic.Pointer[AMIConfig]
	log    *slog.Logger

	newcomers newcomers
	refusals  refusals
	door      *proxy.Door // set by Serve

	mu          sync.Mutex
	connections map[net.Conn]struct{}
}

var errNotLoggedIn = errors.New("the client took too long to log in")

// NewAMI makes a door to p.
func NewAMI(p *proxy.Proxy, c AMIConfig, log *slog.Logger) *AMI {
	d := &AMI{proxy: p, log: log, connections: map[net.Conn]struct{}{}}
	d.Configure(c)
	return d
}

// Configure changes what holds for clients that come from now on. Any goroutine.
func (d *AMI) Configure(c AMIConfig) {
	c.AuthenticationTimeout = cmp.Or(c.AuthenticationTimeout, 30*time.Second)
	c.UnauthenticatedLimit = cmp.Or(c.UnauthenticatedLimit, 50)
	c.Banner = cmp.Or(c.Banner, "Asterisk Call Manager/11.0.0")
	d.config.Store(&c)
}

// Serve accepts clients from l until l is closed, and serves those it has until they have gone.
// When ctx ends it closes l and every connection that is still there.
func (d *AMI) Serve(ctx context.Context, l net.Listener) {
	d.door = d.proxy.OpenDoor(d.scheme() + "://" + l.Addr().String())
	defer d.door.Close()
	var clients sync.WaitGroup
	defer clients.Wait()
	defer context.AfterFunc(ctx, func() {
		l.Close()
		d.closeAll()
	})()
	for {
		conn, err := l.Accept()
		if ctx.Err() != nil {
			if err == nil {
				conn.Close()
			}
			return
		}
		if errors.Is(err, net.ErrClosed) {
			return
		}
		if err != nil {
			// Out of descriptors is the usual reason, and passes.
			d.log.Error("accept failed", "error", err)
			if !pause(ctx, 100*time.Millisecond) {
				return
			}
			continue
		}
		pushed, ok := d.newcomers.enter(conn, d.config.Load().UnauthenticatedLimit)
		if pushed != nil {
			d.refuse(pushed)
		}
		if !ok {
			d.refuse(conn)
			continue
		}
		clients.Go(func() { d.serve(ctx, conn, &clients) })
	}
}

// refuse closes a connection that is one too many.
func (d *AMI) refuse(conn net.Conn) {
	d.door.Refuse()
	if attributes, tell := d.refusals.attributes("client", conn.RemoteAddr()); tell {
		d.log.Warn("client refused: too many are not logged in", attributes...)
	}
	conn.Close()
}

// scheme is how a listener's URL begins.
func (d *AMI) scheme() string {
	switch {
	case d.config.Load().Security.TLS == nil:
		return "ami"
	case d.config.Load().Security.Sniff > 0:
		return "ami+amis"
	}
	return "amis"
}

func pause(ctx context.Context, d time.Duration) bool {
	select {
	case <-ctx.Done():
		return false
	case <-time.After(d):
		return true
	}
}

func (d *AMI) closeAll() {
	d.mu.Lock()
	defer d.mu.Unlock()
	for c := range d.connections {
		c.Close()
	}
}

func (d *AMI) keep(conn net.Conn, here bool) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if here {
		d.connections[conn] = struct{}{}
	} else {
		delete(d.connections, conn)
	}
}

// visit is a connection that is read.
type visit struct {
	accepted net.Conn
	client   *proxy.Client
	input    *input
	patience *time.Timer // ends who does not log in
	newcomer bool        // he has not
}

// serve reads one client to its end, or until he has logged in and another goroutine of clients goes on.
func (d *AMI) serve(ctx context.Context, accepted net.Conn, clients *sync.WaitGroup) {
	d.keep(accepted, true)
	v := d.open(ctx, accepted)
	if v == nil {
		d.newcomers.leave(accepted)
		d.keep(accepted, false)
		return
	}
	if !d.read(ctx, v) {
		d.leave(v)
		return
	}
	// TLS and a login need a larger stack than to wait for actions, and a goroutine that waits keeps it: with ten
	// thousand clients that is a fifth of the memory.
	clients.Go(func() {
		d.read(ctx, v)
		d.leave(v)
	})
}

// open greets a client; nil: there is none.
func (d *AMI) open(ctx context.Context, accepted net.Conn) *visit {
	config := d.config.Load()
	encoding := proxy.StandardEncoding
	if config.Format != nil {
		encoding.Format = config.Format
	}
	conn, err := config.Security.secure(ctx, accepted, config.AuthenticationTimeout)
	if err != nil {
		d.door.Refuse()
		if attributes, tell := d.refusals.attributes("client", accepted.RemoteAddr(), "reason", err); tell {
			d.log.Warn("client refused", attributes...)
		}
		accepted.Close()
		return nil
	}
	c := d.proxy.NewClient(writable(conn), encoding)
	if ctx.Err() != nil { // closeAll has been
		c.Close(net.ErrClosed)
		return nil
	}
	d.door.Enter()
	if secured, ok := conn.(*tls.Conn); ok {
		if user, ok := d.proxy.Users().AuthenticateCertificate(secured.ConnectionState()); ok {
			c.SetCertified(user)
		}
	}
	// A read deadline would not do: who does not read what he is sent is not read either.
	patience := time.AfterFunc(config.AuthenticationTimeout, func() { c.Abandon(errNotLoggedIn) })
	c.Greet(config.Banner)
	return &visit{
		accepted: accepted, client: c, patience: patience, newcomer: true,
		input: &input{source: conn, client: c, fixed: config.Format != nil},
	}
}

// read reads a client until he has logged in, and called again, to his end: then it is false.
func (d *AMI) read(ctx context.Context, v *visit) (goesOn bool) {
	for {
		m, err := v.input.Read()
		if v.input.GoesOn() {
			v.client.Refuse(ctx, m, err)
			continue
		}
		if err != nil {
			d.end(v.client, m, err)
			return false
		}
		if !v.client.Handle(ctx, m) {
			<-v.client.Done()
			v.client.Close(nil)
			return false
		}
		if v.newcomer && v.client.Authenticated() {
			v.newcomer = false
			d.newcomers.leave(v.accepted)
			v.patience.Stop()
			return true
		}
	}
}

// leave is called when a client has gone.
func (d *AMI) leave(v *visit) {
	v.patience.Stop()
	d.door.Leave()
	d.newcomers.leave(v.accepted)
	d.keep(v.accepted, false)
}

// end closes a client whose input has ended, in the way it has ended.
func (d *AMI) end(c *proxy.Client, m ami.Message, err error) {
	switch {
	case errors.Is(err, ami.ErrLineTooLong), errors.Is(err, ami.ErrTooManyHeaders), errors.Is(err, ami.ErrBlockTooLong), errors.Is(err, errInput):
		c.RefuseAndClose(m, err)
	case errors.Is(err, io.EOF), errors.Is(err, io.ErrUnexpectedEOF):
		c.EndOfInput()
	}
	if errors.Is(err, syscall.ECONNRESET) || errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) {
		err = proxy.ErrDisconnected
	}
	c.Close(err)
}
