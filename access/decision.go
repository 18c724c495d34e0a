package access

// Decision is whether somebody may do what he asks for, or see an event, and why.
type Decision struct {
	Allowed bool
	// By is what has decided: a key of the user's configuration ("write", "rule[1]"), or "guard",
	// which is built in, or "open" for what everybody may who is logged in.
	By string
	// Why says it in a sentence without a full stop, for the log and for `astproxy explain`. It quotes what
	// the action has, so it is text from outside.
	Why string
	// Answer is what the client is told of a refusal.
	Answer string
}

// PermissionDenied is Asterisk's answer to an action that is refused (manager.c, process_message).
const PermissionDenied = "Permission denied"

func allowed(by, why string) Decision { return Decision{Allowed: true, By: by, Why: why} }

func refused(by, why string) Decision { return Decision{By: by, Why: why, Answer: PermissionDenied} }
