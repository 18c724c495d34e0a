package host

import "github.com/astproxy/astproxy/plugins"

// HearEvents is how many events wait for a plugin that is slow.
const HearEvents = hearEvents

// IsTrigger tells whether the dialplan asks for an action by an event.
func IsTrigger(e plugins.Event) bool {
	_, is := readTrigger(e)
	return is
}
