package load

import (
	"bufio"
	"errors"
	"fmt"
	"strings"
)

// maxMessage bounds what the generator reads as one message while it talks AMI itself, in bytes.
const maxMessage = 64 << 10

var errMessageTooLong = errors.New("message too long")

// A message is the headers of one action or response. The generator is strict where a measured
// proxy should be: it takes headers as they are, the first of a name counts.
type message struct {
	names, values []string
}

// get returns the first value of a header, found without case, or "".
func (m message) get(name string) string {
	for i, n := range m.names {
		if strings.EqualFold(n, name) {
			return m.values[i]
		}
	}
	return ""
}

// readMessage reads up to the next empty line, skipping empty blocks before it.
func readMessage(r *bufio.Reader) (message, error) {
	var m message
	size := 0
	for {
		line, err := r.ReadString('\n')
		if err != nil {
			return message{}, err
		}
		if size += len(line); size > maxMessage {
			return message{}, errMessageTooLong
		}
		line = strings.TrimSuffix(strings.TrimSuffix(line, "\n"), "\r")
		if line == "" {
			if len(m.names) > 0 {
				return m, nil
			}
			continue
		}
		name, value, _ := strings.Cut(line, ":")
		m.names = append(m.names, name)
		m.values = append(m.values, strings.TrimLeft(value, " "))
	}
}

// readReply reads messages up to the response to actionID; events that come before it are
// passed over. A response other than Success is an error with Asterisk's words.
func readReply(r *bufio.Reader, actionID string) error {
	for {
		m, err := readMessage(r)
		if err != nil {
			return err
		}
		if m.get("Response") == "" || m.get("ActionID") != actionID || m.names[0] == "Event" {
			continue
		}
		if m.get("Response") != "Success" {
			return fmt.Errorf("%s: %s", m.get("Response"), m.get("Message"))
		}
		return nil
	}
}
