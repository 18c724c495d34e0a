package manager

import "time"

// The bounds, for tests that reach them.
const (
	MaxUserSessions    = maxUserSessions
	MaxUnauthenticated = maxUnauthenticated
	NonceLife          = nonceLife
	SessionTimeout     = sessionTimeout
	MaxUnread          = maxUnread
)

// SetClock has the sessions' time tell by now. It is called before any request.
func (h *Handler) SetClock(now func() time.Time) { h.sessions.now = now }

// Sweep does what the timer does every few seconds.
func (h *Handler) Sweep() { h.sessions.sweep() }

// Sessions is how many there are, Nonces how many are remembered.
func (h *Handler) Sessions() (sessions, nonces int) {
	h.sessions.mu.Lock()
	defer h.sessions.mu.Unlock()
	return h.sessions.count, len(h.sessions.nonces)
}

// Waiter is the WaitEvent of any session, which is another for every one; nil: none waits.
func (h *Handler) Waiter() <-chan struct{} {
	h.sessions.mu.Lock()
	defer h.sessions.mu.Unlock()
	for _, sessions := range h.sessions.byUser {
		for s := range sessions {
			s.events.mu.Lock()
			waiter := s.events.waiter
			s.events.mu.Unlock()
			if waiter != nil {
				return waiter
			}
		}
	}
	return nil
}
