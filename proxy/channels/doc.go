// Package channels knows an Asterisk's channels by what its events have said of them: what they are called, in
// which bridge they are, with whom they are being dialled, and whose they are.
//
// A Tracker is shown every event of one server, in the order of the log, and learns from those by which Asterisk
// itself tells of channels, dials and bridges: never from one whose text a client writes, such as UserEvent. The
// channels that were there before are learned from the items of CoreShowChannels, which go through the log as
// hidden messages, so that they have their place in its order. A Rule says whose a channel is, by Tags; a channel
// in one call with somebody's can become his, too, with all that was told of it before. A Linker is a Rule by which
// a channel is somebody's from its beginning, because it was made in a call of his.
//
// A Tracker is bounded, and fails closed: what it does not know, or has had to forget, is nobody's.
//
// # Goroutines and locks
//
// The package starts none. Label is called by the feed's matcher; Lookup and the other questions by any goroutine.
// Tracker.mu is held for the few instructions of each, and while the Rule is asked, which must not call the Tracker.
// It is taken with the feed's lock held.
package channels
