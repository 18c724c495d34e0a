package proxy

import "errors"

// Control is whoever has started the proxy, for administrators who want something of it. Its methods are
// called on goroutines of clients, several at once, and return nil or what has gone wrong.
type Control interface {
	// Reload reads the configuration again.
	Reload() error
	// SetLogLevel changes how much is logged: "debug", "info", "warn" or "error".
	SetLogLevel(name string) error
}

// SetControl says who does what administrators want of whoever has started the proxy. Call it before Run.
func (p *Proxy) SetControl(c Control) { p.control = c }

// noControl is nobody.
type noControl struct{}

var errNoControl = errors.New("nobody is there who could do that")

// Reload implements Control.
func (noControl) Reload() error { return errNoControl }

// SetLogLevel implements Control.
func (noControl) SetLogLevel(string) error { return errNoControl }
