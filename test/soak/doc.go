// Package soak holds nothing but a test: hundreds of clients of every kind that come, go, freeze and come back, for
// minutes, while the Asterisk behind the proxy makes calls, is stopped and is killed. Nothing of it may be lost or told
// twice without a word, and the proxy must be as large at the end as it was.
//
// The proxy is the real program, a process of its own, built with the race detector where the test is. What is true is
// known without it: a crier and a caller are logged in to Asterisk itself. The crier numbers its events, and every call
// takes numbered steps, so that a client's judge knows what must come next; whatever does not has to be announced. Every action
// asks for something that only its own answer can have.
//
// Goroutines: one a client and, where it has a connection that stays, one that reads it; the crier's and the caller's; one that
// reads the proxy's log, and one that notices when the machine stands still. A load ends when all of its clients have, and the test when the proxy has.
//
// `make soak` runs it for ten minutes with 500 clients and a real Asterisk 22; in the tests of every day it is small.
package soak
