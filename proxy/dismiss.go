package proxy

import "github.com/astproxy/astproxy/ami"

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
