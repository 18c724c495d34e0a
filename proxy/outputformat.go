package proxy

import (
	"context"
	"strings"

	"github.com/astproxy/astproxy/access"
	"github.com/astproxy/astproxy/ami"
	"github.com/astproxy/astproxy/formats"
)

// setOutputFormat changes what the client is written in: its answer is the first in the new format,
// as the predecessor had it. A door with a frame around messages has one format for good.
func (c *Client) setOutputFormat(_ context.Context, m ami.Message) bool {
	name := strings.ToLower(m.Get("OutputFormat"))
	format, known := c.lookup(name)
	e := *c.encoding.Load()
	switch {
	case e.Frame != nil:
		c.proxyError(m, InvalidAction, "The format of this connection is fixed")
		return true
	case !known:
		c.proxyError(m, InvalidAction, "Unknown OutputFormat; there are "+strings.Join(formats.Names(), ", "))
		return true
	}
	e.Format = format
	c.sendEvents(proxyResponse("Success", m).Add("OutputFormat", name).Message(), c.mask, c.filters, &e)
	return true
}

// lookup finds a format by the name that the client calls it.
func (c *Client) lookup(name string) (formats.Format, bool) {
	if user := c.user.Load(); user != nil && user.LegacyFormats() {
		if format, is := formats.Lookup(name + "-legacy"); is {
			return format, true
		}
	}
	return formats.Lookup(name)
}

// SetInput tells what a client's actions come in, and what it is answered in; nil: as it is. The
// door calls it before the first action, on the goroutine that reads.
func (c *Client) SetInput(name string, format formats.Format) {
	c.input.Store(&name)
	if format == nil {
		return
	}
	e := *c.encoding.Load()
	e.Format = format
	c.encoding.Store(&e)
}

// usersEncoding is the client's encoding with the format its user has in the configuration, if he
// has one and the door leaves it open.
func (c *Client) usersEncoding(user *access.User) *Encoding {
	e := *c.encoding.Load()
	if format, ok := formats.Lookup(user.Format()); ok && e.Frame == nil {
		e.Format = format
	}
	return &e
}
