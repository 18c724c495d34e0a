package proxy

import (
	"strings"
	"time"

	"github.com/astproxy/astproxy/ami"
)

// longestTone is the Duration up to which anybody may play a tone. Asterisk runs nothing else on the
// session until it has ended (channel.c, ast_senddigit_external).
const longestTone = time.Second

const longToneRefused = "A tone with a Duration above 1000 holds everybody's actions while it sounds: set allow_blocking for this user"

// soundsLong tells whether an action plays a tone for longer than that. Asterisk reads the Duration as a
// number without a sign: one below zero is weeks.
func soundsLong(m ami.Message) bool {
	if name := m.Action(); !strings.EqualFold(name, "PlayDTMF") && !strings.EqualFold(name, "PlayMF") {
		return false
	}
	milliseconds, isNumber := scanInt(m.Get("Duration"))
	return isNumber && (milliseconds < 0 || time.Duration(milliseconds)*time.Millisecond > longestTone)
}
