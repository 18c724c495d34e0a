// Package live serves the connections that stay: /ws, a WebSocket that takes actions up and brings
// answers and events down, and /events, the events alone, as server-sent events. docs/http-live.md is
// what clients are told.
//
// # Who reads and who writes
//
// Once it is upgraded a connection belongs to two: the feed writes it, straight from what all clients
// with the same selection share, so what a view holds are WebSocket frames or server-sent events as they
// go over the wire; and a goroutine here reads it. github.com/gorilla/websocket reads the frames. What
// it has to say itself (pongs, close frames) goes through the client's stream, between two messages:
// see controlled.
//
// The connection is closed in two steps: the feed says that nothing more comes, and the reader closes
// when the other side has taken that in, or after lingering. See farewell.
//
// # Goroutines
//
// A handler returns when the connection is upgraded, so that what net/http holds for a request goes. A
// goroutine a connection, started by the handler, reads it to its end; Door.Start starts one more, which
// keeps all connections alive, and what it returns ends that one and waits for all.
//
// # Locks
//
// Door.mu guards the set of connections. Nothing else is called with it held.
package live
