package upstream

import "github.com/astproxy/astproxy/ami"

// A response without ActionID belongs to the oldest unanswered action, if Asterisk has sent it as
// one: whoever can have Asterisk print a text with line ends in it, such as by the dialplan function
// URIDECODE, can make one up. What the action's own answer is, its token tells, which nobody can
// guess. So such a response waits: when an answer with the token comes before that of a Ping behind
// the action, or of a younger action, it was made up; else it was the answer.

// doubt keeps a response without a token for whom it may belong to.
func (s *Session) doubt(m ami.Message) {
	if p := s.oldestUnanswered(); p != nil {
		p.doubtful = append(p.doubtful, m)
		s.setFence(p)
	}
}

// doubted tells whether something waits that may be p's answer.
func (p *pending) doubted() bool { return len(p.doubtful) > 0 }

// trust takes what waits for p's answer.
func (s *Session) trust(p *pending) {
	doubtful := p.doubtful
	p.doubtful = nil
	for _, m := range doubtful {
		p.open = p.open || m.OpensList()
		s.message(p, m)
	}
}
