package app

import (
	"path"
	"slices"
	"strings"

	"github.com/astproxy/astproxy/access"
)

// warnOfRedaction tells of a user who is not to see everything, but can have the console print it.
func (r reporter) warnOfRedaction(user access.UserConfig) {
	command := slices.Contains(user.Write, "command") || slices.Contains(user.Write, "all") || namesCommand(user.AllowActions)
	if len(user.Redact) > 0 && command && !namesCommand(user.DenyActions) {
		r.add("redact", Problem{
			Warning: true, Text: "this user may run Command: what it prints is not redacted",
			Hint: "take class command out of write, or put Command into deny_actions",
		})
	}
}

// namesCommand tells whether one of the patterns is about the action Command.
func namesCommand(patterns []string) bool {
	return slices.ContainsFunc(patterns, func(pattern string) bool {
		matches, err := path.Match(strings.ToLower(pattern), "command")
		return matches && err == nil
	})
}
