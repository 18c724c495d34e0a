package login

import (
	"crypto/rand"
	"errors"
	"time"

	"github.com/astproxy/astproxy/access"
)

// TicketLife is how long a ticket may be used.
const TicketLife = 30 * time.Second

// maxTickets is how many of one user may be out at once.
const maxTickets = 100

// ErrTickets is what Ticket says when too many are out.
var ErrTickets = errors.New("the user has as many tickets out as he may")

// ticket is for a browser, which cannot set headers where it opens a WebSocket or an event source: a
// page gets one with its login and puts it in the address, where it is worth nothing afterwards.
type ticket struct {
	user  *access.User
	until time.Time
}

// Ticket makes one for a user: it lets in once.
func (g *Gate) Ticket(user *access.User) (string, error) {
	text, now := rand.Text(), time.Now()
	g.mu.Lock()
	defer g.mu.Unlock()
	if g.out[user.Name()] >= maxTickets {
		for text, t := range g.tickets {
			if now.After(t.until) {
				g.forget(text, t)
			}
		}
	}
	if g.out[user.Name()] >= maxTickets {
		return "", ErrTickets
	}
	g.tickets[text] = ticket{user, now.Add(TicketLife)}
	g.out[user.Name()]++
	return text, nil
}

// forget takes a ticket away. g.mu is held.
func (g *Gate) forget(text string, t ticket) {
	delete(g.tickets, text)
	if g.out[t.user.Name()]--; g.out[t.user.Name()] == 0 {
		delete(g.out, t.user.Name())
	}
}

// redeem is whom a ticket was made for; nil: there is none.
func (g *Gate) redeem(text string) *access.User {
	g.mu.Lock()
	t, ok := g.tickets[text]
	if ok {
		g.forget(text, t)
	}
	g.mu.Unlock()
	if !ok || time.Now().After(t.until) {
		return nil
	}
	return t.user
}
