package formats_test

import (
	"testing"

	"github.com/astproxy/astproxy/ami"
	"github.com/astproxy/astproxy/formats"
)

func TestStandard(t *testing.T) {
	for _, c := range []struct{ name, text, id, server, want string }{
		{"a response gets the client's ActionID and the server", "Response: Success\r\nActionID: token\r\nPing: Pong\r\n", "7", "pbx",
			"Response: Success\r\nActionID: 7\r\nPing: Pong\r\nServer: pbx\r\n\r\n"},
		{"one without ActionID gets none", "Response: Success\r\nActionID: token\r\nPing: Pong\r\n", "", "pbx",
			"Response: Success\r\nPing: Pong\r\nServer: pbx\r\n\r\n"},
		{"a Server header of Asterisk's own stays", "Event: X\r\nServer: sip:x\r\n", "", "pbx",
			"Event: X\r\nServer: sip:x\r\nProxyServer: pbx\r\n\r\n"},
		{"old command output keeps its end", "Response: Follows\r\nPrivilege: Command\r\nActionID: token\r\nUp\n--END COMMAND--\r\n", "7", "pbx",
			"Response: Follows\r\nServer: pbx\r\nPrivilege: Command\r\nActionID: 7\r\nUp\r\n--END COMMAND--\r\n\r\n"},
		{"what is the proxy's own names no server", "Event: X\r\n", "", "", "Event: X\r\n\r\n"},
	} {
		m := ami.Parse(c.text)
		replacement := ""
		if c.id != "" {
			replacement = "ActionID: " + c.id + "\r\n"
		}
		if got := string(formats.AppendStandardReply(nil, m, m.Index("ActionID"), replacement, c.server)); got != c.want {
			t.Errorf("%s:\n got %q\nwant %q", c.name, got, c.want)
		}
	}
}
