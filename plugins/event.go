package plugins

import "github.com/astproxy/astproxy/ami"

// What an Event tells.
const (
	// Happened: Asterisk has sent Message to everybody.
	Happened Occasion = iota
	// Connected: the session with Server is up, and actions can be sent; what is known of before may be wrong. A plugin
	// hears it, too, of each server that is up when it begins.
	Connected
	// Disconnected: it is lost, or ends.
	Disconnected
	// Missed: events of every server were dropped before this one, because the plugin was too slow or the
	// log was full. What it follows by events it has to ask for.
	Missed
)

// Occasion is what an Event tells.
type Occasion int

// Event is something that a plugin hears.
type Event struct {
	Occasion Occasion
	Server   string      // "" at Missed
	Message  ami.Message // of Happened
	Class    ami.Class   // of Message
}
