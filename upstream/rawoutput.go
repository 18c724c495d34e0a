package upstream

import (
	"strconv"
	"strings"
)

// lastRaw is the major version of the manager interface of Asterisk 13, the last that prints the
// output of Command as it is.
const lastRaw = 2

// rawOutput tells which response that says Follows has raw output behind it: the one to a Command that
// is under way, of an Asterisk up to 13 or of unknown version. Any other is made up, and would swallow all
// that comes behind it.
func (s *Session) rawOutput(banner string) func(actionID string) bool {
	_, version, _ := strings.Cut(banner, "/")
	major, _, _ := strings.Cut(version, ".")
	if n, err := strconv.Atoi(major); err == nil && n > lastRaw {
		return func(string) bool { return false }
	}
	return func(actionID string) bool {
		number, _ := s.tokens.parse(actionID)
		s.mu.Lock()
		defer s.mu.Unlock()
		p := s.findSent(number)
		return p != nil && strings.EqualFold(p.name, "Command")
	}
}
