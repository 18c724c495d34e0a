package host

// HearEvents is how many events wait for a plugin that is slow.
const HearEvents = hearEvents
