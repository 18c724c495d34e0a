package agi

import (
	"context"
	"errors"
)

// Script is what is done for a call.
type Script struct {
	// Path is how the dialplan calls it: agi://HOST/hotdesk/login is "hotdesk/login".
	Path    string
	Summary string // one line, for people
	// Run talks with the caller. ctx ends when the server has to stop or the call has taken too long; the
	// Call's methods fail then. An error is logged; ErrHangup, which is nothing to worry about, only at level debug.
	Run func(ctx context.Context, call *Call) error
}

// Why a Call's method has not done what it should.
var (
	// ErrHangup: the caller has hung up.
	ErrHangup = errors.New("the caller has hung up")
	// ErrRefused: Asterisk does not do it; it does not know the command, or its syntax.
	ErrRefused = errors.New("Asterisk has refused the command")
	// ErrProtocol: who has connected does not speak AGI.
	ErrProtocol = errors.New("this is not what Asterisk says")
)
