// Package manager is Asterisk's own HTTP manager: what is at /rawman (text), /manager (a page with a
// form) and /mxml (XML) with a session by cookie, and at /arawman, /amanager and /amxml with HTTP Digest.
// A program that was written for Asterisk's finds what it would find there; docs/http-manager.md says what is
// different.
//
// # Sessions
//
// A session begins with the first request and is known by its cookie, or, by Digest, by the nonce. Its
// requests run side by side, as Asterisk's do. What it has not read of its events waits in a proxy.Watch, from
// its login on (by Digest: from the first WaitEvent on), until a WaitEvent reads it. It ends by Logoff, a login
// that fails, a minute without a request, or with the door.
//
// # Goroutines and locks
//
// The package starts no goroutine but that of one timer, which runs every few seconds as long as there are
// sessions, and ends those whose time is over. Close stops it. Requests run on the goroutines of their
// connections.
//
// sessions.mu guards the table and what is in a session; events.mu its unread events. They are taken in this
// order, and neither is held while anything is written or waited for.
package manager
