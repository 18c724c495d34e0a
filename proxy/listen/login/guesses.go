package login

import (
	"crypto/sha256"
	"net/http"
	"net/netip"
	"strings"
	"sync"
	"time"

	"github.com/astproxy/astproxy/access"
)

// maxGuesses is how many wrong logins of one name may come from one address within guessesLast, which is
// as long as each waits for its answer. Who does not wait for that, or asks many times at once, guesses
// no faster.
const (
	maxGuesses  = 10
	guessesLast = time.Second
)

// guesses counts wrong logins. Any goroutine.
//
// It is no second access.Lockout: behind a reverse proxy all addresses are one, which nobody may lock, and
// then this is what bounds how fast a name's secret is looked for.
type guesses struct {
	mu     sync.Mutex
	wrong  map[guess]*[maxGuesses]time.Time // the latest
	forget time.Time                        // when to look again for those that are over
}

// guess is somebody at an address who calls himself something: hashed, because names are as long as
// their senders like.
type guess [sha256.Size]byte

// guessOf is who a request is from if its name is true. An IPv6 address stands for its network: who has
// one of these has all of its addresses.
func guessOf(r *http.Request, name string) guess {
	from := r.RemoteAddr
	if address, err := netip.ParseAddrPort(from); err == nil {
		from = access.NetworkOf(address.Addr()).String()
	}
	return sha256.Sum256([]byte(from + "\n" + strings.ToLower(name)))
}

// tooMany tells whether to wait before the next guess.
func (g *guesses) tooMany(by guess, now time.Time) bool {
	g.mu.Lock()
	defer g.mu.Unlock()
	latest := g.wrong[by]
	return latest != nil && now.Sub(latest[0]) < guessesLast
}

// add counts a wrong one.
func (g *guesses) add(by guess, now time.Time) {
	g.mu.Lock()
	defer g.mu.Unlock()
	if now.After(g.forget) {
		for by, latest := range g.wrong {
			if now.Sub(latest[maxGuesses-1]) >= guessesLast {
				delete(g.wrong, by)
			}
		}
		g.forget = now.Add(guessesLast)
	}
	latest := g.wrong[by]
	if latest == nil {
		latest = new([maxGuesses]time.Time)
		if g.wrong == nil {
			g.wrong = map[guess]*[maxGuesses]time.Time{}
		}
		g.wrong[by] = latest
	}
	copy(latest[:], latest[1:])
	latest[maxGuesses-1] = now
}
