package login

import (
	"crypto/rand"
	"errors"
	"time"

	"github.com/astproxy/astproxy/access"
)

// TicketLife is how long a ticket may be used.
const TicketLife = 30 * time.Second

// maxTickets is how many may be out at once, of all users; maxTicketsEach of one, so that nobody uses up
// the others'.
const (
	maxTickets     = 10_000
	maxTicketsEach = 1_000
)

// ErrTickets is what Ticket says when too many are out, of all or of this user.
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
	if g.tooManyTickets(user) {
		g.dropOldTickets(now)
	}
	if g.tooManyTickets(user) {
		return "", ErrTickets
	}
	g.tickets[text] = ticket{user, now.Add(TicketLife)}
	g.ticketsOf[user.Name()]++
	return text, nil
}

// tooManyTickets tells whether another ticket would be too many. With mu held, as what follows.
func (g *Gate) tooManyTickets(user *access.User) bool {
	return len(g.tickets) >= maxTickets || g.ticketsOf[user.Name()] >= maxTicketsEach
}

// dropOldTickets is for those that nobody will use any more.
func (g *Gate) dropOldTickets(now time.Time) {
	for text, t := range g.tickets {
		if now.After(t.until) {
			g.dropTicket(text)
		}
	}
}

// dropTicket takes a ticket back, if there is one of that text.
func (g *Gate) dropTicket(text string) {
	t, ok := g.tickets[text]
	if !ok {
		return
	}
	delete(g.tickets, text)
	name := t.user.Name()
	if g.ticketsOf[name]--; g.ticketsOf[name] == 0 {
		delete(g.ticketsOf, name)
	}
}

// redeem is whom a ticket was made for, as he is now; nil: there is none.
func (g *Gate) redeem(users *access.Users, text string) *access.User {
	g.mu.Lock()
	t, ok := g.tickets[text]
	g.dropTicket(text)
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
