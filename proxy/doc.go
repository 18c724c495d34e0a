// Package proxy is the switchboard: it takes what the Asterisk sessions have for everybody to the
// clients who may see it, and what a client asks for to the Asterisk that shall do it.
//
// It knows neither the doors that clients come through nor the files the configuration is in. A
// door makes a Client of a connection that stays and hands it every message it reads; for a request
// that stands alone it calls Ask, and for a session without a connection it holds a Watch of the
// events. What Client and Ask have in common is the asker.
//
// Each server has a tracker of its channels (package channels), which says whose an event is: a tenant's, or that of users
// with a channel filter. A sight is what a user sees by that.
//
// # Goroutines
//
//   - Proxy.Run runs the feed and starts a goroutine per Asterisk session, as Reload, AddServer and
//     DropServer start and end them; and two once per connection, one that looks whether the session's rights
//     suffice and one that asks which channels there are, as it does again when the log has lost events; it
//     waits for all of them.
//   - A Client has none. Its door's goroutine, the one that reads the connection, calls Handle, which
//     waits where Asterisk would not read on: behind an action without ActionID, and while the client
//     does not read its answers. WaitEvent is the exception: it waits on a goroutine that the client
//     owns and Close waits for.
//   - Ask and Watch run on their caller's goroutine.
//
// Observer and Receiver methods run on a session's reader goroutine. They append to the feed and to
// streams, which never waits.
//
// # Locks
//
// Proxy.reloading is held while the configuration changes, and while that waits for sessions to end:
// those never take it. Client.selecting is held while a client's events change, and a Watch's mu while
// its do; both may be held when the feed's are taken, and then asker.mu. Proxy.mu guards the set of clients and whether
// sessions may begin, asker.mu what is said there, a collector's mu its answer, and the counts of
// Originates and of what users do (limits) have locks of their own. When the log has lost events Proxy.mu is taken with the feed's
// lock held. None of these is held while anything else is called, but for asker.mu, with which a stream's is taken: a
// session's reader takes both, and neither waits for the matcher. A Client's
// encoding is read and changed under its stream's lock.
package proxy
