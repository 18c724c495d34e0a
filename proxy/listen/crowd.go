package listen

import (
	"net"
	"net/netip"
	"slices"
	"sync"
	"time"

	"github.com/astproxy/astproxy/access"
)

// networkOf is what a connection's address counts as: an IPv6 one as its network of 64 bits. That of no IP
// address is the zero Prefix.
func networkOf(conn net.Conn) netip.Prefix {
	with, err := netip.ParseAddrPort(conn.RemoteAddr().String())
	if err != nil {
		return netip.Prefix{}
	}
	return access.NetworkOf(with.Addr())
}

// newcomers are the connections that have not logged in, so many at most. When there are as many, one from
// an address that has few of them pushes out one of the address that has the most: nobody keeps all others
// from logging in. Any goroutine.
type newcomers struct {
	mu      sync.Mutex
	of      map[netip.Prefix][]net.Conn // the oldest first
	counted int
}

// enter counts a connection; false: there are too many. pushed is one that is counted no more, and is to be
// closed.
func (n *newcomers) enter(conn net.Conn, limit int) (pushed net.Conn, ok bool) {
	network := networkOf(conn)
	n.mu.Lock()
	defer n.mu.Unlock()
	if n.of == nil {
		n.of = map[netip.Prefix][]net.Conn{}
	}
	if n.counted >= limit {
		if pushed = n.push(network); pushed == nil {
			return nil, false
		}
	}
	n.of[network] = append(n.of[network], conn)
	n.counted++
	return pushed, true
}

// push takes the oldest of the address that has the most, if it would still have as many as the other with
// one more. With mu held.
func (n *newcomers) push(by netip.Prefix) net.Conn {
	var most netip.Prefix
	for network, conns := range n.of {
		if len(conns) > len(n.of[most]) {
			most = network
		}
	}
	if len(n.of[most]) <= len(n.of[by])+1 {
		return nil
	}
	oldest := n.of[most][0]
	n.remove(most, 0)
	return oldest
}

// leave is told when one has logged in or gone, once or more.
func (n *newcomers) leave(conn net.Conn) {
	network := networkOf(conn)
	n.mu.Lock()
	defer n.mu.Unlock()
	for i, c := range n.of[network] {
		if c == conn {
			n.remove(network, i)
			return
		}
	}
}

func (n *newcomers) remove(network netip.Prefix, i int) {
	conns := slices.Delete(n.of[network], i, i+1)
	if n.counted--; len(conns) == 0 {
		delete(n.of, network)
		return
	}
	n.of[network] = conns
}

// crowd counts connections by where they come from. One address never has more than it leaves free to
// others, so that there always is room for another's; this machine's own, behind which there may be a
// reverse proxy with everybody, may have all. Any goroutine.
type crowd struct {
	mu      sync.Mutex
	of      map[netip.Prefix]int
	counted int
}

// enter counts a connection; false: there are too many, of all or of its address.
func (c *crowd) enter(network netip.Prefix, limit int) bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	free := limit - c.counted
	own := !network.IsValid() || network.Addr().IsLoopback()
	if n := c.of[network]; free <= 0 || !own && n > 0 && n >= free {
		return false
	}
	if c.of == nil {
		c.of = map[netip.Prefix]int{}
	}
	c.of[network]++
	c.counted++
	return true
}

// leave counts one off.
func (c *crowd) leave(network netip.Prefix) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.counted--
	if c.of[network]--; c.of[network] <= 0 {
		delete(c.of, network)
	}
}

// refusals tell in the log of those who are not let in, at most once a second: to connect is cheap, and
// the log must not be filled by it. Any goroutine.
type refusals struct {
	mu       sync.Mutex
	logged   time.Time
	unlogged int
}

// attributes are a line's, with how many were not told since the last; false: it is not to be told.
func (r *refusals) attributes(attributes ...any) (all []any, tell bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	now := time.Now()
	if now.Sub(r.logged) < time.Second {
		r.unlogged++
		return nil, false
	}
	if r.unlogged > 0 {
		attributes = append(attributes, "unlogged", r.unlogged)
	}
	r.logged, r.unlogged = now, 0
	return attributes, true
}
