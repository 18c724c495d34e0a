package conference

// Codes of errors; docs/conference.md tells of each. Those of package plugins come besides.
const (
	CodeNoChannel     = "no_such_channel"    // there is no such channel on the server, or not any more
	CodeNoPeer        = "no_peer"            // the channel is not in a call with anybody
	CodeNoConference  = "no_such_conference" // there is none of that name
	CodeExists        = "conference_exists"  // there is one of that name, and it is not to be joined
	CodeLocked        = "conference_locked"  // nobody may enter
	CodeNoNumber      = "no_free_number"     // all numbers of the pool are taken
	CodeInside        = "in_conference"      // who is to enter is in a conference
	CodeNotInside     = "not_in_conference"  // who is meant is not in that conference
	CodeAmbiguous     = "ambiguous_channel"  // Asterisk would take another for the one who is meant
	CodeWrongPIN      = "wrong_pin"          // the conference has another PIN
	CodeNoDialplan    = "no_dialplan"        // the extension that calls are redirected to is not there
	CodeNobodyJoined  = "nobody_joined"      // of those who were to enter
	CodeNothingToCall = "no_destination"     // nothing is given, or known, that could be called
)
