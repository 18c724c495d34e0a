// Package sim is a simulated Asterisk: its manager interface, and enough of a telephone exchange behind it
// that calls, conferences and queues behave as recordings of real ones did. `astproxy demo` and most
// tests talk to it.
//
// A Server serves any listener; package sim/simtest starts one for a test. Its dialplan is the context
// default: 1000 to 1999 answer and stay, 2000 to 2999 and ring ring for ever, 3000 to 3999 are busy, 4001
// and 4002 are the queues support and sales, 101 to 119 call a phone, load is a short call, conference is the
// conference of the variable CONFNUM, echo answers. PJSIP/101 to PJSIP/110 are phones that answer.
//
// # Goroutines
//
// Serve runs the accept loop in its caller's goroutine and ends everything else before it returns. Every
// connection has two: one reads and makes actions of lines, one runs the actions, one at a time, and writes
// replies and events. Channels and traffic have none: what happens later in a call is a timer.
//
// # Locks
//
// pbx.mu guards the exchange, Server.mu the set of sessions, session.mu a session's queue of events, and they
// are taken in that order. None is held while something is read, written or waited for. The faults and the
// received actions have locks of their own, under which nothing else is taken.
package sim
