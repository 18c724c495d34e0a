// Package conference is the plugin that takes calls into rooms of Asterisk's ConfBridge: both parties of a call at
// once, somebody by himself, somebody who is called, a whole group; and that lists and rules the rooms.
//
// # Rooms
//
// Rooms (rooms.go) is what is known of the rooms of one server, a pure structure. It follows Asterisk's Confbridge events, is made
// anew from ConfbridgeListRooms and ConfbridgeList when the server has been connected or events were missed, and
// is asked again whenever somebody wants a list: a lock has no event. The rooms are Asterisk's. Somebody else, another
// proxy or a human at the command line, may make, fill and end them, too.
//
// # Into a room
//
// Redirect sends channels to the extension join of a context of the plugin's (dialplan.go), which is either looked after by it, right before
// it is needed, since a reload of the dialplan forgets it and tells nobody; or the administrator's. Asterisk does
// not check that extension, so nobody is said to have joined before ConfbridgeJoin. A Transfer (transfer.go) is what has become of
// each channel: a pure state machine, which is told of answers and events. Invitations (invite.go) are Originates into
// ConfBridge; those that ring when their room ends are hung up, so that they do not make it anew with
// nobody else in it.
//
// # Rights
//
// Each step is judged as the action that it is, by the rights of the user who asks: by the names of channels, which rules are
// about, though it is sent with their Uniqueids, which stay. The dialplan, which
// may do everything anyway, may here act upon its own channel, its bridge and its room.
//
// # Goroutines
//
// Run starts one a server, which makes its rooms anew; they end before Run returns. Everything else runs on the host's: actions
// and jobs on theirs, Hear on the plugin's. One lock, of Plugin, guards the rooms of all servers and what is reserved and invited; it is
// never held over I/O or a channel.
package conference
