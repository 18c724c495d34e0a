// Package groupcall is the plugin that calls a whole group at once: into a conference, an application or the
// dialplan. docs/groupcall.md says what it does; its actions are GroupOriginate, GroupCancel, GroupStatus, GroupList and
// GroupShow.
//
// Package legs knows what a group call is and what is to be done next, and has no goroutines; package groups knows who
// belongs to a group. What is here takes actions, events and time to the one, and does what it wants done.
//
// # Rights
//
// Every leg is judged as the Originate that it becomes, whole: channel, application, data, variables, whoever has
// written them. A number that the template has made a channel of, and a group's member, are judged, too: what a user may not
// call by Originate he does not call by way of a group. If one leg is refused, nobody is called. The dialplan is not judged.
//
// # Goroutines
//
// Each group call has one, which alone touches its legs.Call and ends when every leg has ended. It begins others: one for each
// Originate and Hangup under way, and one that asks for CoreShowChannels. The plugin's Run waits for all of them. Timers are the
// host's.
//
// # Locks
//
// Plugin.mu guards which calls there are, inbox.mu what one was told and has not taken up, limit.mu a server's share.
// None is held while another one is taken, or while something is sent, emitted or waited for.
package groupcall
