package login

import (
	"crypto/rand"
	"errors"
	"time"

	"github.com/astproxy/astproxy/access"
)

// TicketLife is how long a ticket may be used.
const TicketLife = 30 * time.Second

// maxTickets is how many may be out at once, of all users.
const maxTickets = 10_000

// ErrTickets is what Ticket says when too many are out.
var ErrTickets = errors.New("too many tickets are out")

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
	if len(g.tickets) >= maxTickets {
		for text, t := range g.tickets {
			if now.After(t.until) {
				delete(g.tickets, text)
			}
		}
	}
	if len(g.tickets) >= maxTickets {
		return "", ErrTickets
	}
	g.tickets[text] = ticket{user, now.Add(TicketLife)}
	return text, nil
}

// redeem is whom a ticket was made for, as he is now; nil: there is none.
func (g *Gate) redeem(users *access.Users, text string) *access.User {
	g.mu.Lock()
	t, ok := g.tickets[text]
	delete(g.tickets, text)
	g.mu.Unlock()
	if !ok || time.Now().After(t.until) {
		return nil
	}
	user, err := users.Renewed(t.user)
	if err != nil {
		return nil
	}
	return user
}
