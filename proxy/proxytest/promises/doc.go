// Package promises has the scenarios that show that the switchboard keeps what it promises: nobody is
// held up, mixed up or let in by somebody else, and every loss is announced.
//
// Each is a function that takes an Asterisk, so that the same is shown with a simulated one (proxy's own
// tests) and with real ones (test/switchboard). It starts a proxy in front of it, and fails the test when
// a promise is broken. Order is what they look at, never how long something takes.
//
// The goroutines are those of the clients that act at the same time; a scenario waits for all of them.
package promises
