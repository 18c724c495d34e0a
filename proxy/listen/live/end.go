package live

import (
	"encoding/binary"
	"errors"

	"github.com/gorilla/websocket"

	"github.com/astproxy/astproxy/proxy"
	"github.com/astproxy/astproxy/proxy/feed"
)

// end is what a close frame says: a code that tells a program whether to come back, and a text for
// people, of up to 123 bytes.
type end struct {
	code int
	text string
}

// append appends the close frame.
func (e end) append(dst []byte) []byte {
	dst = append(dst, final|opClose, byte(2+len(e.text)))
	dst = binary.BigEndian.AppendUint16(dst, uint16(e.code))
	return append(dst, e.text...)
}

// The ends that have no reason of the proxy's own. Codes from 4000 are ours to give (RFC 6455, 7.4.2): those
// from 4000 to 4099 ask a client to come back.
var (
	endBinary = end{websocket.CloseUnsupportedData, "binary messages are not taken"}
	endTooBig = end{websocket.CloseMessageTooBig, "the message is too long for an action"}
	endSilent = end{4001, "no answer to pings"}
)

// Why a client's connection ended, for the log.
var (
	errSilent   = errors.New("no answer to pings")
	errBinary   = errors.New("a binary message")
	errProtocol = errors.New("the WebSocket protocol was broken")
)

// endOf is what a client is told of the reason why its stream ends.
func endOf(reason error) end {
	switch {
	case reason == nil, errors.Is(reason, proxy.ErrLoggedOff), errors.Is(reason, proxy.ErrDisconnected):
		return end{websocket.CloseNormalClosure, "logged off"}
	case errors.Is(reason, proxy.ErrStopping):
		return end{websocket.CloseGoingAway, "astproxy is stopping"}
	case errors.Is(reason, proxy.ErrLogin):
		return end{websocket.ClosePolicyViolation, "the login failed"}
	case proxy.IsDismissal(reason):
		return end{websocket.ClosePolicyViolation, reason.Error()}
	case errors.Is(reason, feed.ErrTooSlow):
		return end{4000, "read too slowly, events were lost"}
	}
	return end{websocket.CloseInternalServerErr, "the connection had to end"}
}
