package upstream

import "github.com/astproxy/astproxy/ami"

// tooLarge is what stands in the place of a message that was more than ami.ReplyLimits let in.
const tooLarge = "The answer was too large for the proxy and is left out"

// routeTooLarge puts an error in the place of a message that was skipped, of which m is the begin: who
// asked learns of it, a list goes on behind it, and the session lives. An event for everybody becomes a ProxyGap
// for those who would have seen it.
func (s *Session) routeTooLarge(m ami.Message, cause error) {
	s.log.Warn("message from Asterisk left out", "begins", firstLine(m), "reason", cause)
	_, number, ours := s.findToken(m)
	switch {
	case m.IsEvent() && hasPrivilege(m) && !s.isListItem(number):
		s.route(ami.NewEvent("ProxyGap").Add("Privilege", m.Get("Privilege")).Add("Missed", "1").
			Add("Reason", "The event was too large for the proxy").Message())
	case ours:
		s.route(ami.NewError(s.tokens.token(number), tooLarge))
	case m.IsResponse():
		s.route(ami.NewError("", tooLarge))
	default:
		s.routeText(ami.NewError("", tooLarge))
		s.deliver()
	}
}

// isListItem tells whether an event with a Privilege is an item of the open list of that number.
func (s *Session) isListItem(number uint64) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	p := s.findSent(number)
	return number > 0 && p != nil && p.open
}

func firstLine(m ami.Message) string {
	if m.IsZero() {
		return ""
	}
	name, value := m.Header(0)
	return name + ": " + value[:min(len(value), 60)]
}
