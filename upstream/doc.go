// Package upstream keeps one supervised AMI session with each Asterisk, for any number of clients.
//
// A Session logs in, keeps the connection alive, and connects again for ever. What Asterisk sends
// for everybody goes to its Observer. A client has a Requester, by which it sends actions; what
// comes back goes to the Receiver of each Request and to nobody else.
//
// # Whose is it
//
// Every action is sent with a token of the session's own as ActionID, and Asterisk answers in the
// order it was asked. A response belongs to the action whose token it carries, and it also ends all that
// are older. One without a token belongs to the oldest that is unanswered, if that has no other until a Ping
// is answered: a client may have Asterisk print what looks like a response. An event without Privilege is an
// item of somebody's list, one with a Privilege is for everybody unless it carries the token of an
// action whose list is open. Where nothing says which message is an action's last, the session sends
// a Ping behind it: until the Ping is answered, all is the action's.
//
// An action whose time is over, or whose client has gone, keeps its place until its answer is
// through, and that answer is swallowed.
//
// # Goroutines
//
// New starts none. Run's own goroutine dials, logs in and then is the reader: it owns
// Session.reader, makes every call of Observer and Receiver, and also keeps the time, by the
// connection's read deadline. While a connection lasts Run has one more, the writer, which it ends and
// waits for. A Send writes by itself what can be written without waiting; Session.busy says who of
// them does. When ctx ends, the context package's goroutine closes the connection, and Run waits for
// that too.
//
// There is one lock, Session.mu, which guards the queues and what was sent, for as long as it
// takes to look something up. Nothing is written, called or waited for under it.
package upstream
