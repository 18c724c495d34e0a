package plugins

import "fmt"

// Error is why an action was not done. Everybody else's errors are told as "failed", and their text is logged and not shown.
type Error struct {
	// Code is a text for programs that never changes: "unknown_group". It is the header Code of the response.
	Code string
	// Text is for people; the header Message. It may quote what the client has sent.
	Text string
}

// Error implements error.
func (e *Error) Error() string { return e.Text }

// Refuse makes an Error.
func Refuse(code, format string, args ...any) *Error {
	return &Error{Code: code, Text: fmt.Sprintf(format, args...)}
}

// Codes that several plugins have.
const (
	CodeMissing    = "missing_header"    // a header that is required is not there, or is empty
	CodeInvalid    = "invalid_header"    // a header's value cannot be
	CodeDenied     = "permission_denied" // the user may not do what this would need
	CodeServerDown = "server_down"       // the server is not connected, and nothing was done
	CodeBusy       = "too_many"          // there is as much of it under way as may be
	CodeFailed     = "failed"            // Asterisk has refused, or something has broken; Message tells

	CodeUnknownHeader = "unknown_header" // the action has no such header
	CodeCancelled     = "cancelled"      // the job was cancelled
)
