package hotdesk

import (
	"context"
	"strings"
	"sync"
)

// desk has all sessions, and who is changing them.
type desk struct {
	mu     sync.Mutex
	places map[place]*session
	users  map[string]map[place]*session // by the extension in lower case
	busy   map[string]bool               // claims: users and places that are being changed
	freed  chan struct{}                 // closed when some claim ends
	// changed counts for every claim how often what it is of was changed, so that who looked before knows.
	changed map[string]uint64
}

func newDesk() *desk {
	return &desk{
		places: map[place]*session{}, users: map[string]map[place]*session{}, busy: map[string]bool{},
		freed: make(chan struct{}), changed: map[string]uint64{},
	}
}

func userClaim(extension string) string { return "user " + strings.ToLower(extension) }
func placeClaim(p place) string         { return "place " + p.String() }

// claims are those of sessions.
func claims(all ...*session) (claims []string) {
	for _, s := range all {
		claims = append(claims, userClaim(s.User), placeClaim(s.place()))
	}
	return claims
}

// claim waits until nobody else changes anything of what wanted tells, and then keeps others from it until
// release. wanted is called with mu held, perhaps several times, and what it reads stays true until release.
func (d *desk) claim(ctx context.Context, wanted func() []string) (release func(), err error) {
	for {
		release, freed := d.tryClaim(wanted)
		if release != nil {
			return release, nil
		}
		select {
		case <-freed:
		case <-ctx.Done():
			return nil, context.Cause(ctx)
		}
	}
}

// tryClaim is claim that does not wait; freed tells when to try again.
func (d *desk) tryClaim(wanted func() []string) (release func(), freed <-chan struct{}) {
	d.mu.Lock()
	defer d.mu.Unlock()
	claims := wanted()
	for _, c := range claims {
		if d.busy[c] {
			return nil, d.freed
		}
	}
	for _, c := range claims {
		d.busy[c] = true
	}
	return func() {
		d.mu.Lock()
		defer d.mu.Unlock()
		for _, c := range claims {
			delete(d.busy, c)
		}
		close(d.freed)
		d.freed = make(chan struct{})
	}, nil
}

// of are a user's sessions. With mu held.
func (d *desk) of(extension string) (all []*session) {
	for _, s := range d.users[strings.ToLower(extension)] {
		all = append(all, s)
	}
	return sorted(all)
}

// at is the session at a place, or nil. With mu held.
func (d *desk) at(p place) *session { return d.places[p] }

// sessionsOf is of for who does not hold mu.
func (d *desk) sessionsOf(extension string) []*session {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.of(extension)
}

// sessionAt is at for who does not hold mu.
func (d *desk) sessionAt(p place) *session {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.at(p)
}

// all are all sessions.
func (d *desk) all() []*session {
	d.mu.Lock()
	defer d.mu.Unlock()
	all := make([]*session, 0, len(d.places))
	for _, s := range d.places {
		all = append(all, s)
	}
	return sorted(all)
}

// swap has after take the place of before, whose users and places the caller has claimed.
func (d *desk) swap(before, after []*session) {
	d.mu.Lock()
	defer d.mu.Unlock()
	for _, s := range before {
		delete(d.places, s.place())
		key := strings.ToLower(s.User)
		if delete(d.users[key], s.place()); len(d.users[key]) == 0 {
			delete(d.users, key)
		}
	}
	for _, s := range after {
		d.places[s.place()] = s
		key := strings.ToLower(s.User)
		if d.users[key] == nil {
			d.users[key] = map[place]*session{}
		}
		d.users[key][s.place()] = s
	}
	for _, c := range append(claims(before...), claims(after...)...) {
		d.changed[c]++
	}
}

// versions are how often each claim was changed, for changedSince.
func (d *desk) versions() map[string]uint64 {
	d.mu.Lock()
	defer d.mu.Unlock()
	copied := make(map[string]uint64, len(d.changed))
	for c, n := range d.changed {
		copied[c] = n
	}
	return copied
}

// changedSince tells whether what a claim is of was changed since versions, or is being.
func (d *desk) changedSince(versions map[string]uint64, claim string) bool {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.changed[claim] != versions[claim]
}
