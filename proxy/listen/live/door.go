package live

import (
	"cmp"
	"context"
	"log/slog"
	"net/http"
	"sync"
	"time"

	"github.com/astproxy/astproxy/proxy"
	"github.com/astproxy/astproxy/proxy/listen/login"
)

// Config of a Door. A zero field stands for its default.
type Config struct {
	// Keepalive is how often a connection is looked after: a WebSocket client is sent a ping, and one
	// that has answered nothing to two of them is gone when the third is due; 30 s.
	Keepalive time.Duration
}

// Door is the ways in for who stays.
type Door struct {
	proxy  *proxy.Proxy
	gate   *login.Gate
	config Config
	log    *slog.Logger

	// context ends when the door is closed.
	context context.Context
	close   context.CancelFunc
	clients sync.WaitGroup // the goroutines that read

	mu          sync.Mutex
	connections map[*connection]struct{}
}

// New makes a Door to p for those that gate lets in. Nobody stays before Start.
func New(p *proxy.Proxy, gate *login.Gate, c Config, log *slog.Logger) *Door {
	c.Keepalive = cmp.Or(c.Keepalive, 30*time.Second)
	d := &Door{proxy: p, gate: gate, config: c, log: log, connections: map[*connection]struct{}{}}
	d.context, d.close = context.WithCancel(context.Background())
	return d
}

// Start keeps connections alive until ctx ends, and closes them then. Who calls it calls stop once no
// handler of the Door runs any more: it waits for the clients to go.
func (d *Door) Start(ctx context.Context) (stop func()) {
	keeping, stopKeeping := context.WithCancel(ctx)
	var kept sync.WaitGroup
	kept.Go(func() { d.keepAlive(keeping) })
	closed := context.AfterFunc(ctx, d.closeAll)
	return func() {
		d.clients.Wait()
		stopKeeping()
		kept.Wait()
		closed()
		d.close()
	}
}

// Connections is how many there are. Any goroutine.
func (d *Door) Connections() int {
	d.mu.Lock()
	defer d.mu.Unlock()
	return len(d.connections)
}

// keepAlive looks after all connections, so that none needs a goroutine for it.
func (d *Door) keepAlive(ctx context.Context) {
	tick := time.NewTicker(d.config.Keepalive)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
			d.beat()
		}
	}
}

func (d *Door) beat() {
	position := d.proxy.Position()
	for _, c := range d.snapshot() {
		c.keepAlive(position)
	}
}

func (d *Door) snapshot() []*connection {
	d.mu.Lock()
	defer d.mu.Unlock()
	all := make([]*connection, 0, len(d.connections))
	for c := range d.connections {
		all = append(all, c)
	}
	return all
}

func (d *Door) closeAll() {
	d.close()
	for _, c := range d.snapshot() {
		c.conn.Close()
	}
}

// serve has a goroutine read a client that has been let in: first what it missed is sent, then run
// reads it to its end and says why that is.
func (d *Door) serve(w http.ResponseWriter, c *connection, a proxy.Admission, run func() error) {
	left := func() {}
	if keeper, ok := w.(interface{ Keep() (left func()) }); ok { // who counts connections goes on with this one
		left = keeper.Keep()
	}
	c.busy.Store(true)
	if a.Since == (proxy.EventID{}) {
		c.told = d.proxy.Position()
	}
	d.mu.Lock()
	d.connections[c] = struct{}{}
	d.mu.Unlock()
	if d.context.Err() != nil { // closeAll has been
		c.conn.Close()
	}
	d.clients.Go(func() {
		defer left()
		c.client.Admit(a)
		c.silent.Store(0)
		c.busy.Store(false)
		c.close(run())
		d.mu.Lock()
		delete(d.connections, c)
		d.mu.Unlock()
	})
}

// handshakeTimeout is how long the other side may take to accept the answer to its upgrade.
const handshakeTimeout = 10 * time.Second
