package proxy

// Reason says why the proxy answers an action itself, with an error; "" is an answer of Asterisk's
// or a good one. It is a text for programs, which does not change.
type Reason string

// The reasons. What an action has done is certain but for AnswerLost, OutcomeUnknown and TimedOut: nothing.
const (
	InvalidAction    Reason = "invalid_action"    // what is asked could not be made an action, or not here
	PermissionDenied Reason = "permission_denied" // the user may not
	UnknownAction    Reason = "unknown_action"    // the server has no such action
	UnknownServer    Reason = "unknown_server"    // no server of that name is configured
	ServerDown       Reason = "server_down"       // it is not connected
	NotSent          Reason = "not_sent"          // it was lost while the action waited
	OutcomeUnknown   Reason = "outcome_unknown"   // it was lost when the action was sent
	TimedOut         Reason = "timed_out"         // it did not answer in time
	AnswerLost       Reason = "answer_lost"       // it was run, but there was no memory for its answer
	TooMany          Reason = "too_many"          // the user has as many of these as he may
)
