// Package hotdesk is the plugin for people without a phone of their own: they log in at any phone, by a code and a PIN
// or from a program, and their calls, queues and lamp follow them there. docs/hotdesk.md shows it to users.
//
// # What is true
//
// A session says that a user is at a device of a server. The sessions in memory are the truth, and the store has the same:
// whatever Asterisk has (AstDB entries, queue members, a custom device state for the lamp) is a picture of them
// (picture.go) and is made so again whenever it is not (sync.go).
//
// A login or log-out is a change from some sessions to others (change.go): the steps in Asterisk that lead from one picture to the other, and
// then the store. What fails before the store has it is undone, in reverse order; a log-out does not
// wait for an Asterisk that is gone, which is put right when it comes back.
//
// # One at a time
//
// Whoever changes something claims the users and the devices it is about (desk.go), all of them at once, and so no two
// changes overlap that have one in common, and none waits for another in a circle.
//
// # Goroutines and locks
//
// Run owns all there are: for every server one that syncs and one that sets lamps (worker.go), and its own, which looks after
// what expires. Actions and scripts run on their host's. desk.mu, devices.mu, directory.mu and a worker's mu are held for a few
// instructions, and nothing else is taken under them.
package hotdesk
