package agi

import (
	"bytes"
	"io"
	"net"
	"testing"
	"time"
)

// script is a connection on which everything is said at once, and nothing heard.
type script struct {
	net.Conn
	said *bytes.Reader
}

func (s script) Read(p []byte) (int, error)    { return s.said.Read(p) }
func (script) Write(p []byte) (int, error)     { return len(p), nil }
func (script) SetDeadline(time.Time) error     { return nil }
func (script) SetReadDeadline(time.Time) error { return nil }
func (s script) left() int                     { return s.said.Len() }
func (script) Close() error                    { return nil }

var _ io.Reader = script{}

// FuzzWhatAnAsteriskSays has a script talk with whatever comes: it ends, with an error or without.
func FuzzWhatAnAsteriskSays(f *testing.F) {
	const begin = "agi_network: yes\nagi_request: agi://x/hotdesk/login?user=741\nagi_channel: PJSIP/101-00000001\nagi_arg_1: x\n\n"
	for _, answers := range []string{
		"200 result=0\n200 result=0123\n", "200 result=1 (a (b) c)\n", "HANGUP\n200 result=-1\n", "511 dead\n", "520-usage\nmore\n520 End of proper usage.\n",
		"510 Invalid\n", "200\n", "200 result=12 (timeout) endpos=8000\n", "\n\n\n",
	} {
		f.Add([]byte(begin + answers))
	}
	f.Add([]byte("GET / HTTP/1.1\r\n\r\n"))
	f.Fuzz(func(t *testing.T, said []byte) {
		config := Config{}.withDefaults()
		conn := script{said: bytes.NewReader(said)}
		call := newCall(conn, &config)
		if call.begin() != nil {
			return
		}
		if call.Channel == "" {
			t.Error("a call without a channel has begun")
		}
		for range 1000 {
			left := conn.left()
			digits, err := call.Ask("agent-pass", 20, time.Second)
			if err == nil && digits == "-1" {
				t.Error("a hang-up is taken for digits")
			}
			if _, err := call.Variable("X"); err != nil && conn.left() == left {
				return // there is no more
			}
		}
	})
}
