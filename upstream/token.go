package upstream

import (
	"crypto/rand"
	"strconv"
	"strings"
	"sync/atomic"

	"github.com/astproxy/astproxy/ami"
)

// processNonce begins every ActionID this process sends. Any client can print any block into
// everybody's stream by a UserEvent of a careless server, so it must not be guessed: 14 letters of
// 32 are 70 random bits.
var processNonce = strings.ToLower(rand.Text()[:14])

// sessionNumbers counts the sessions of this process. Two of them may see the same events when they
// are logged in to the same Asterisk.
var sessionNumbers atomic.Uint64

// tokens makes and reads the ActionIDs of one session: nonce, session number, "-", action number,
// 21 bytes or so. Asterisk's smallest buffer holds 67 (ConfbridgeList).
type tokens struct {
	prefix string
}

func newTokens() tokens {
	return tokens{processNonce + strconv.FormatUint(sessionNumbers.Add(1), 36) + "-"}
}

// token is the ActionID of action number.
func (t tokens) token(number uint64) string {
	text := make([]byte, 0, 32)
	text = append(text, t.prefix...)
	return string(strconv.AppendUint(text, number, 36))
}

// parse tells whether an ActionID is a token of this process, and its number when this
// session made it, else 0.
func (t tokens) parse(actionID string) (number uint64, ours bool) {
	if rest, found := strings.CutPrefix(actionID, t.prefix); found {
		number, err := strconv.ParseUint(rest, 36, 64)
		if err != nil {
			number = 0
		}
		return number, true
	}
	return 0, strings.HasPrefix(actionID, processNonce)
}

// TokenLine is the line of m whose ActionID is a token, else the first that is an ActionID, or -1. It
// need not be the first: Status prints what a function gives, line ends and all, in front of it.
func (s *Session) TokenLine(m ami.Message) int {
	line, _, _ := s.findToken(m)
	return line
}

// findToken is TokenLine and what the token says.
func (s *Session) findToken(m ami.Message) (line int, number uint64, ours bool) {
	first := m.Index("ActionID")
	for line = first; line >= 0; line = m.IndexFrom("ActionID", line+1) {
		_, actionID := m.Header(line)
		if number, ours = s.tokens.parse(actionID); ours {
			return line, number, true
		}
	}
	return first, 0, false
}

// originals remembers the ActionIDs that clients gave, of the latest actions. What a client gave
// none for is not in it.
type originals struct {
	entries []original // grows up to originalsKept, then is a ring
}

type original struct {
	number   uint64
	actionID string
}

// originalsKept is how many actions later an event can still get its ActionID back.
const originalsKept = 16_384

func (o *originals) put(number uint64, actionID string) {
	i := int(number % originalsKept)
	for len(o.entries) <= i {
		o.entries = append(o.entries, original{})
	}
	o.entries[i] = original{number, actionID}
}

func (o *originals) get(number uint64) (actionID string, found bool) {
	i := int(number % originalsKept)
	if number == 0 || i >= len(o.entries) || o.entries[i].number != number {
		return "", false
	}
	return o.entries[i].actionID, true
}
