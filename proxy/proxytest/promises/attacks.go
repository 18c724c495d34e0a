package promises

import "strings"

// put is the action to be smuggled, which the attacker may not run.
const put = "Action: DBPut|Family: smuggled|Key: NAME|Val: 1|"

// event is one that he may run, but each time only once.
const event = "Action: UserEvent|UserEvent: NAME|"

const (
	denied    = "Permission denied"
	sent      = "Event Sent"
	missing   = "Missing action in request"
	tooLong   = "Failed to parse message: line too long"
	tooMany   = "Too many lines in message or allocation failure"
	unknown   = ". Use Action: ListCommands to show available commands."
	forbidden = ", which AMI cannot carry: forbidden byte"
)

// unknownLong is what a name that is far too long is answered with: what fits Asterisk's buffer for it.
var unknownLong = "Invalid/unknown command: " + strings.Repeat("x", 511-len("Invalid/unknown command: "))

// line is a header of so many bytes, without its line end.
func line(bytes int) string { return "X: " + strings.Repeat("x", bytes-len("X: ")) }

// lines are n headers.
func lines(n int) string { return strings.Repeat("X: 1|", n) }

var attacks = []attack{
	{name: "no attack", text: event + "X: 1||", answers: []string{sent}, ran: []string{"NAME|X: 1"}},
	{name: "no right", text: put + "|", answers: []string{denied}},

	// Lines that do not fit Asterisk's buffer.
	{name: "a line of 1,022 bytes", text: event + line(1022) + "|" + put + "|", answers: []string{sent}, ran: []string{"NAME|" + line(1022) + "|Family: smuggled|Key: NAME|Val: 1"}},
	{name: "a line of 1,023 bytes", text: event + line(1023) + "|" + put + "|", answers: []string{tooLong}},
	{name: "a line of 1,024 bytes", text: event + line(1024) + "|" + put + "|", answers: []string{tooLong}},
	{name: "a line of 1,025 bytes", text: event + line(1025) + "|" + put + "|", answers: []string{tooLong}},
	{name: "a line of 2,047 bytes", text: event + line(2047) + "|" + put + "|", answers: []string{tooLong}},
	{name: "a line of 1,023 bytes, LF only", text: event + line(1023) + "\n" + put + "|", answers: []string{tooLong}},
	{name: "a long action name", text: "Action: " + strings.Repeat("x", 1014) + "|" + put + "|", answers: []string{unknownLong}},
	{name: "a long action name without a blank", text: "Action:" + strings.Repeat("x", 1015) + "|" + put + "|", answers: []string{unknownLong}},
	{name: "a long ActionID", text: event + "ActionID: " + strings.Repeat("x", 1012) + "||" + put + "|", answers: []string{sent, denied}, ran: []string{"NAME"}},
	{name: "a long UserEvent", text: "Action: UserEvent|UserEvent: NAME" + strings.Repeat("x", 1000) + "||", answers: []string{sent}, ran: []string{"NAME" + strings.Repeat("x", 1000)}},

	// More headers than Asterisk counts.
	{name: "127 headers", text: event + lines(125) + "|" + put + "|", answers: []string{sent, denied}, ran: []string{"NAME" + strings.Repeat("|X: 1", 125)}},
	{name: "128 headers", text: event + "ActionID: 1|" + lines(125) + "|" + put + "|", answers: []string{sent, denied}, ran: []string{"NAME" + strings.Repeat("|X: 1", 125)}},
	{name: "128 headers without ActionID", text: event + lines(126) + "|" + put + "|", answers: []string{tooMany, denied}},
	{name: "128 headers without ActionID, one left out", text: event + "Server: pbx1|" + lines(125) + "|" + put + "|", answers: []string{sent, denied}, ran: []string{"NAME" + strings.Repeat("|X: 1", 125)}},
	{name: "128 headers of an Originate without Async", text: "Action: Originate|ActionID: 1|Channel: Local/5999@default|Application: Wait|Data: 1|" + lines(123) + "|" + put + "|", answers: []string{tooMany, denied}},
	{name: "129 headers", text: event + lines(127) + "|" + put + "|", answers: []string{tooMany, denied}},

	// What ends a line or a text for some and not for others.
	{name: "NUL in front of a line", text: event + "\x00|" + put + "|", answers: []string{"Failed to parse message: line 3 holds the byte 0x00" + forbidden}},
	{name: "NUL in a value", text: event + "X: \x00" + put + "|", answers: []string{"Failed to parse message: line 3 holds the byte 0x00" + forbidden}},
	{name: "NUL in the action", text: "Action: UserEvent\x00DBPut|UserEvent: NAME||", answers: []string{"Failed to parse message: line 1 holds the byte 0x00" + forbidden}},
	{name: "NUL in the ActionID", text: event + "ActionID: \x00||", answers: []string{"Failed to parse message: line 3 holds the byte 0x00" + forbidden}},
	{name: "CR for CRLF", text: event + "X: 1\r" + strings.ReplaceAll(put, "|", "\r") + "\r||", answers: []string{"Failed to parse message: line 3 holds the byte 0x0d" + forbidden}},
	{name: "two CRs for an empty line", text: event + "X: 1\r\r" + put + "|", answers: []string{"Failed to parse message: line 3 holds the byte 0x0d" + forbidden}},
	{name: "CR alone in a line", text: event + "\r|" + put + "|", answers: []string{"Failed to parse message: line 3 holds the byte 0x0d" + forbidden}},
	{name: "CR CRLF", text: event + "X: 1\r|" + put + "|", answers: []string{"Failed to parse message: line 3 holds the byte 0x0d" + forbidden}},
	{name: "LF for CRLF", text: strings.ReplaceAll(event+"X: 1||"+put+"|", "|", "\n"), answers: []string{sent, denied}, ran: []string{"NAME|X: 1"}},
	{name: "LF CR", text: event + "X: 1\n\r" + put + "|", answers: []string{"Failed to parse message: line 4 holds the byte 0x0d" + forbidden}},
	{name: "other line ends", text: event + "X: \x0b\x0c\x85\u2028" + put + "|", answers: []string{sent}, ran: []string{"NAME|X: \x85\u2028Action: DBPut|Family: smuggled|Key: NAME|Val: 1"}},
	{name: "empty blocks", text: "||" + event + "|||", answers: []string{missing, missing, sent, missing, missing}, ran: []string{"NAME"}},
	{name: "a block of blanks", text: event + " |" + put + "|", answers: []string{sent}, ran: []string{"NAME| |Family: smuggled|Key: NAME|Val: 1"}},

	// Which Action counts.
	{name: "a second Action", text: event + put + "|", answers: []string{sent}, ran: []string{"NAME|Family: smuggled|Key: NAME|Val: 1"}},
	{name: "a second Action, the first not allowed", text: put + event + "|", answers: []string{denied}},
	{name: "an empty Action first", text: "Action:|" + put + event + "|", answers: []string{denied}},
	{name: "an Action of blanks first", text: "Action: \t |" + put + event + "|", answers: []string{denied}},
	{name: "an Action in other letters", text: "aCTION: dBpUT|Family: smuggled|Key: NAME|Val: 1||", answers: []string{denied}},
	{name: "an action with a blank behind", text: "Action: DBPut |Family: smuggled|Key: NAME|Val: 1||", answers: []string{"Invalid/unknown command: DBPut " + unknown}},
	{name: "two actions in one", text: "Action: UserEvent,DBPut|UserEvent: NAME||", answers: []string{"Invalid/unknown command: UserEvent,DBPut" + unknown}},
	{name: "a blank behind Action", text: event + "Action : DBPut|Family: smuggled|Key: NAME|Val: 1||", answers: []string{sent}, ran: []string{"NAME|Action : DBPut|Family: smuggled|Key: NAME|Val: 1"}},
	{name: "a blank behind Action, no other", text: "Action : DBPut|Family: smuggled|Key: NAME|Val: 1||", answers: []string{missing}},
	{name: "a blank before Action", text: event + " Action: DBPut|Family: smuggled|Key: NAME|Val: 1||", answers: []string{sent}, ran: []string{"NAME| Action: DBPut|Family: smuggled|Key: NAME|Val: 1"}},
	{name: "a blank before Action, no other", text: " " + put + "|", answers: []string{missing}},
	{name: "a continued line", text: event + "X: 1|\t" + put + "|", answers: []string{sent}, ran: []string{"NAME|X: 1|\tAction: DBPut|Family: smuggled|Key: NAME|Val: 1"}},
	{name: "no colon", text: event + "Action DBPut|Action= DBPut||", answers: []string{sent}, ran: []string{"NAME|Action DBPut|Action= DBPut"}},
	{name: "Logoff for all", text: event + "Action: Logoff||", answers: []string{sent}, ran: []string{"NAME"}},

	// Which ActionID counts.
	{name: "two ActionIDs", text: event + "ActionID: 1|ActionID: pending||", answers: []string{sent}, ran: []string{"NAME"}},
	{name: "an empty ActionID first", text: event + "ActionID:|ActionID: pending||", answers: []string{sent}, ran: []string{"NAME"}},
	{name: "a blank behind ActionID", text: event + "ActionID : pending||", answers: []string{sent}, ran: []string{"NAME|ActionID : pending"}},
	{name: "the ActionID of another", text: event + "ActionID: pending||", answers: []string{sent}, ran: []string{"NAME"}},

	// What looks like Asterisk's own words in everybody's stream.
	{name: "a response in a UserEvent", text: event + "Response: Success|ActionID: pending|Message: Originate successfully queued||", answers: []string{sent}, ran: []string{"NAME|Response: Success|Message: Originate successfully queued"}},
	{name: "a response in the name of a UserEvent", text: "Action: UserEvent|UserEvent: NAME|Response: Error|ActionID: pending|Message: Originate failed||", answers: []string{sent}, ran: []string{"NAME|Response: Error|Message: Originate failed"}},
	{name: "an event in a UserEvent", text: event + "Privilege: call,all|Event: OriginateResponse|Response: Failure|ActionID: pending|Uniqueid: victims||", answers: []string{sent}, ran: []string{"NAME|Response: Failure|Uniqueid: victims"}},
	{name: "the end of a list in a UserEvent", text: event + "EventList: Complete|ListItems: 0|ActionID: pending||", answers: []string{sent}, ran: []string{"NAME|EventList: Complete|ListItems: 0"}},
	{name: "an OriginateResponse by name", text: "Action: UserEvent|UserEvent: NAME|Event: Shutdown|Shutdown: Cleanly|Restart: False||", answers: []string{sent}, ran: []string{"NAME|Shutdown: Cleanly|Restart: False"}},
	{name: "another server", text: event + "Server: pbx1|server: pbx2||", answers: []string{sent}, ran: []string{"NAME"}},

	// What has no end.
	{name: "binary noise", text: "\xff\xfe\x00\x01\x16\x03\x01|\x00|" + put + "|", answers: []string{"Failed to parse message: line 1 holds the byte 0x00" + forbidden}},
	{name: "an endless line", text: strings.Repeat("x", 1<<20), answers: []string{tooLong}, closed: true},
	{name: "a block without end", text: strings.Repeat("X: 1|", 1<<16) + put + "|", answers: []string{tooMany}, closed: true},
}
