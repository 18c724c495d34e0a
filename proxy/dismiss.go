package proxy

import (
	"errors"

	"github.com/astproxy/astproxy/access"
	"github.com/astproxy/astproxy/ami"
)

// Dismiss disconnects a client with a reason, which it is told by an event if it has asked for any.
// Nothing it sends from here on is done. Any goroutine; it does not wait.
func (c *Client) Dismiss(reason error) {
	c.selecting.Lock()
	defer c.selecting.Unlock()
	c.dismissLocked(reason)
}

func (c *Client) dismissLocked(reason error) {
	if c.dismissed.Swap(true) {
		return
	}
	var last ami.Message
	if c.selected && c.mask != 0 {
		last = ami.NewEvent("ProxyDisconnect").Add("Reason", reason.Error()).Message()
	}
	c.finish(last, reason)
}

// IsDismissal tells whether a client's connection ended because it may not go on: an administrator, a
// reload or a limit of its user wants it so. A program that comes back at once is disconnected again.
func IsDismissal(reason error) bool {
	for _, why := range []error{
		ErrKicked, ErrNetwork, ErrConnections, ErrSearches, access.ErrUserRemoved, access.ErrSecretChanged, access.ErrTokenWithdrawn,
	} {
		if errors.Is(reason, why) {
			return true
		}
	}
	return false
}
