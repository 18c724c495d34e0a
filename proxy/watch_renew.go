package proxy

import "github.com/astproxy/astproxy/access"

// SetUser has the selections from the next Select on be those of a user's rights of now: for who looks at
// the events before the Watch itself hears of a reload.
func (w *Watch) SetUser(user *access.User) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.user = user
}

// renew has the events go on by the user's rights of now; who is nobody any more gets none, and whoever
// waits for them stops.
func (w *Watch) renew(users *access.Users) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.closed {
		return
	}
	user, err := users.Renewed(w.user)
	before := w.selection()
	if err != nil {
		w.over = true
	} else {
		w.user = user
	}
	if now := w.selection(); !before.Equal(now) || w.over {
		w.selectLocked()
	}
}
