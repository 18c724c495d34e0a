package asterisk

import (
	"fmt"
	"strings"
)

// AddQueue makes a queue with so many members, whose phones are the extensions from 1000 on. It is there when it returns.
func (s *Server) AddQueue(name string, members int) {
	s.tb.Helper()
	var text strings.Builder
	fmt.Fprintf(&text, "\n[%s]\nstrategy = ringall\nmusicclass = default\ntimeout = 15\nservicelevel = 20\n", name)
	for i := range members {
		fmt.Fprintf(&text, "member => Local/%[1]d@default,0,Agent %[1]d,Local/%[1]d@default\n", 1000+i)
	}
	s.appendTo("queues.conf", text.String())
	s.CLI("queue reload all")
	s.awaitCLI("queue show "+name, fmt.Sprintf("Agent %d", 1000+members-1))
}
