package app

import (
	"slices"

	"github.com/astproxy/astproxy/access"
)

// warnOfRedaction tells of a user who is not to see everything, but can have the console print it.
func (r reporter) warnOfRedaction(user access.UserConfig) {
	command := slices.Contains(user.Write, "command") || slices.Contains(user.Write, "all")
	if len(user.Redact) > 0 && command {
		r.add("redact", Problem{
			Warning: true, Text: "this user has class command: what Command prints is not redacted",
			Hint: "take command out of write",
		})
	}
}
