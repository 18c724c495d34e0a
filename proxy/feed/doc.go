// Package feed carries one log of events to many clients, each of which sees its own selection of
// them and between them, at their places, the messages that are only its own.
//
// # The way of an event
//
// Append puts an event at the end of the log, under a lock held for a few instructions: an
// Asterisk session's reader never waits. The matcher takes what was appended and adds it, encoded
// once per format, to every view whose selection wants it. Selections may come with hints, an event's name or how
// a header begins, by which an index finds them: a thousand narrow ones do not cost a thousand looks. A view is a list of chunks of encoded bytes;
// a client is a cursor into one. The sweepers walk the clients and write, straight from the chunks,
// without waiting. There is no queue and no copy a client.
//
// Where whose an event is depends on what came before, a Labeller says it: the matcher shows it every event in the log's
// order, and some messages that nobody else sees (AppendHidden). By the Tags it gives, selections know their events and are
// found. What it gives as Earlier goes out in one entry with the event, to those who had no use for it before.
//
// # Goroutines
//
// Feed.Run starts and waits for all of them:
//
//   - whoever holds Feed.matching is the matcher, and owns the views under Feed.mu: Run itself, or a sweeper
//     before it walks, if there is little to match (match.go);
//   - Config.Writers sweepers each own a share of the streams: a stream's cursor and the private
//     message it is writing;
//   - whoever calls Stream.Flush writes that stream himself, if nobody else does;
//   - a stream whose socket is full is owned by a drain goroutine until it has caught up, and then
//     goes back to its sweeper. A client that stops reading costs such a goroutine, and nobody else
//     anything. So does every connection that is no *net.TCPConn or what
//     embeds one: it cannot be written without waiting.
//
// # Memory
//
// Chunks that all cursors have left are let go. When those that somebody still needs cost more
// than Config.Memory, the oldest chunk of all is cut off: its successor link becomes a marker, so
// that a cursor stuck in it keeps that chunk and no other alive. The cursor that meets the marker
// has lost events; its Policy decides what it is told. Private messages are never dropped: when they
// fill Config.ReplyMemory, the client with the most of them is closed.
//
// # Locks
//
// The matcher holds Feed.matching, and Feed.mu for a stretch of events; the Labeller is called with both held. A session's
// reader, which may append, settle, queue private messages and Flush, never takes them, and Stream.mu is never held when one is
// taken. No lock is held over I/O. View waiters are sent to under Feed.mu, on channels that have room.
package feed
