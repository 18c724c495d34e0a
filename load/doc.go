// Package load measures a proxy: it plays the Asterisk the proxy logs in to and the many AMI
// clients that log in to the proxy, and reports what arrived, how late, and what the proxy
// paid for it in CPU and memory. It is what `astproxy load` runs, and it knows nothing about
// astproxy: whatever logs in to an Asterisk and serves AMI can be measured.
//
// # What is sent
//
// The events are recorded ones (events.txt, from an Asterisk 22), each with one header added at
// its end:
//
//	LoadMark: 0000000000000123 0000000004567890
//
// The first number counts the events from 1; the second is the moment the event was due, in
// nanoseconds since the generator started. Event 0 is the start marker: it is sent until every
// client has seen it, so that a measurement begins with a fact. Both numbers have a fixed width,
// so a client that knows the recording knows where the next mark must stand and looks only
// there; anything else in the stream makes it search (see stream).
//
// # What the numbers mean
//
// Latency is the time of the client's read minus the moment the event was due. Paced events are
// due by the calendar, not by when they were written, so an overloaded generator or proxy
// cannot hide its delays; how late the generator itself was is reported as well. Burst events
// are due when their chunk is handed to the proxy's connection.
//
// The server's CPU time is its process CPU clock, in nanoseconds, all threads, exited ones
// included. On a loopback connection the kernel does much of the receiver's TCP work in the
// sender's time, so the server's figure holds work that a real network would put elsewhere; the
// baseline (bare socket writes from a process of its own) pays the same and is the figure to compare with. To clients
// over TLS it encrypts what it writes, and to narrow ones it writes an event at a time.
//
// # Goroutines
//
//   - Run owns everything below and has waited for it when it returns.
//   - asterisk: one goroutine accepts, one a session reads actions and answers them.
//   - feed: the caller's goroutine; it writes events to the sessions.
//   - reader: one goroutine each, locked to its thread so that its CPU time can be told apart.
//     It owns its epoll instance and the streams of its clients until it has been stopped; then
//     Run reads their counters.
//   - trickle: one goroutine that reads for all slow clients.
//   - pipeline: one goroutine that writes a block of pings while the caller reads the answers, and
//     ends before it.
//   - child processes (the bare writer, the bare relay) live as long as their standard input.
package load
