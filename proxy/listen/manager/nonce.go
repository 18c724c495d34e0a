package manager

import (
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"strconv"
	"time"

	"github.com/astproxy/astproxy/access"
	"github.com/astproxy/astproxy/filters"
	"github.com/astproxy/astproxy/proxy"
)

// nonceLife is how long a nonce may be used (manager.c, auth_http_callback).
const nonceLife = 62 * time.Second

// maxNonces is how many used ones are remembered.
const maxNonces = 100_000

// issuer makes nonces that tell by themselves that they are its own, and when they were made: those
// that nobody ever uses cost no memory.
type issuer struct{ key [32]byte }

func newIssuer() (i issuer) {
	_, _ = rand.Read(i.key[:]) // never fails
	return i
}

// issue makes a nonce: hex digits, as Asterisk's are.
func (i *issuer) issue(now time.Time) string {
	var random [8]byte
	_, _ = rand.Read(random[:])
	made := fmt.Sprintf("%016x%x", now.UnixNano(), random)
	return made + i.sign(made)
}

func (i *issuer) sign(made string) string {
	mac := hmac.New(sha256.New, i.key[:])
	mac.Write([]byte(made))
	return hex.EncodeToString(mac.Sum(nil)[:16])
}

// issued is when a nonce was made; false: not here.
func (i *issuer) issued(text string) (time.Time, bool) {
	const made = 32 // digits before the signature
	if len(text) != 2*made || !hmac.Equal([]byte(text[made:]), []byte(i.sign(text[:made]))) {
		return time.Time{}, false
	}
	nanoseconds, err := strconv.ParseInt(text[:16], 16, 64)
	return time.Unix(0, nanoseconds), err == nil
}

// nonce is one that was used. It is remembered for as long as it could be used again.
type nonce struct {
	session *session
	user    *access.User
	issued  time.Time
	count   uint64 // the highest that came with it
	next    string // the nonce that has taken its place
}

// byNonce is the session that belongs to a nonce whose Digest is right, with one more request; a new
// one if the nonce was not used yet. Each nonce is good for its life, for one user, and for counts that
// grow. If it is not good the session is nil, and next is a nonce to begin anew with, which keeps the
// session if there is one. The error is errTooMany. release the session.
func (t *sessions) byNonce(p *proxy.Proxy, user *access.User, text string, count uint64) (s *session, next string, err error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	now := t.now()
	if user, err = p.Users().Renewed(user); err != nil { // a reload since he was looked for
		return nil, t.issuer.issue(now), nil
	}
	issued, ours := t.issuer.issued(text)
	n := t.nonces[text]
	old := !ours || now.Sub(issued) > nonceLife
	switch {
	case n == nil && (old || issued.Before(t.floor)), n != nil && n.user != user:
		return nil, t.issuer.issue(now), nil
	case n == nil:
		n = &nonce{user: user, issued: issued}
		t.remember(text, n, now)
	case n.next != "":
		return nil, n.next, nil
	case old || count <= n.count:
		return nil, t.replace(n, now), nil
	}
	if n.session == nil || n.session.ended {
		if n.session = t.beginDigest(p, user); n.session == nil {
			return nil, "", errTooMany
		}
	}
	n.count = count
	n.session.requests++
	n.session.expires = now.Add(sessionTimeout)
	return n.session, "", nil
}

// beginDigest makes a session for somebody who has logged in by Digest. It wants no events before its
// first WaitEvent (manager.c, build_mansession). nil: there are too many.
func (t *sessions) beginDigest(p *proxy.Proxy, user *access.User) *session {
	if t.closed || !t.makeRoom(user) {
		return nil
	}
	s := &session{user: user}
	s.events.init()
	s.events.begin(user, p.NewWatch(user, 0, filters.Set{}))
	t.add(s)
	return s
}

// replace makes the nonce that takes n's place.
func (t *sessions) replace(n *nonce, now time.Time) string {
	next := t.issuer.issue(now)
	if n.session != nil && !n.session.ended {
		n.next = next
		t.remember(next, &nonce{session: n.session, user: n.user, issued: now}, now)
	}
	return next
}

// remember notes a nonce. If there are too many, those without a session are forgotten, and all that
// were made up to now, used or not, are good for nothing any more: their clients get new ones.
func (t *sessions) remember(text string, n *nonce, now time.Time) {
	if len(t.nonces) >= maxNonces {
		t.floor = now
		for text, n := range t.nonces {
			if n.session == nil || n.session.ended {
				delete(t.nonces, text)
			}
		}
	}
	t.nonces[text] = n
}

// sweepNonces forgets those that are too old to be used again and lead to no session.
func (t *sessions) sweepNonces(now time.Time) {
	for text, n := range t.nonces {
		if now.Sub(n.issued) > nonceLife && (n.next != "" || n.session == nil || n.session.ended) {
			delete(t.nonces, text)
		}
	}
}
