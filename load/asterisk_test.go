package load

import (
	"bufio"
	"bytes"
	"errors"
	"io"
	"net"
	"strings"
	"testing"
	"time"
)

func TestThePlayedAsteriskAnswersPipelinedActionsInOrder(t *testing.T) {
	a, err := playAsterisk("127.0.0.1:0", 5*time.Second)
	if err != nil {
		t.Fatal(err)
	}
	defer a.close()
	conn, err := net.Dial("tcp", a.address())
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	actions := "Action: Challenge\r\nActionID: 1\r\nAuthType: MD5\r\n\r\n" +
		"action: login\r\nactionid: 2\r\nUsername: x\r\nKey: y\r\n\r\n\r\n" +
		"Action: Ping\n\n" +
		"Action: ListCommands\r\nActionID: 4\r\n\r\n" +
		"Action: Anything\r\nActionID: 5\r\n\r\nAction: Logoff\r\nActionID: 6\r\n\r\n"
	if _, err := io.WriteString(conn, actions); err != nil {
		t.Fatal(err)
	}
	all, err := io.ReadAll(conn)
	if err != nil {
		t.Fatal(err)
	}
	rest := string(all)
	for _, want := range []string{
		"Asterisk Call Manager/11.0.0\r\n",
		"Response: Success\r\nActionID: 1\r\nChallenge: ",
		"Response: Success\r\nActionID: 2\r\nMessage: Authentication accepted\r\n\r\nEvent: FullyBooted\r\nPrivilege: system,all\r\n",
		"Response: Success\r\nPing: Pong\r\n",
		"Response: Success\r\nActionID: 4\r\nChallenge: Generate Challenge for MD5 Auth.  (Priv: <none>)\r\n",
		"Response: Success\r\nActionID: 5\r\n\r\n",
		"Response: Goodbye\r\nActionID: 6\r\n",
	} {
		_, after, found := strings.Cut(rest, want)
		if !found {
			t.Fatalf("%q is missing in, or behind its place in\n%s", want, all)
		}
		rest = after
	}
}

func TestEventsGoOnlyToSessionsThatWantThem(t *testing.T) {
	a, err := playAsterisk("127.0.0.1:0", 5*time.Second)
	if err != nil {
		t.Fatal(err)
	}
	defer a.close()
	conn, err := net.Dial("tcp", a.address())
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	if _, err := io.WriteString(conn, "Action: Login\r\nActionID: 1\r\nEvents: off\r\n\r\nAction: Ping\r\nActionID: 2\r\n\r\n"); err != nil {
		t.Fatal(err)
	}
	r := bufio.NewReader(conn)
	if err := readReply(r, "2"); err != nil {
		t.Fatal(err)
	}
	if err := a.broadcast([]byte("Event: X\r\n\r\n")); !errors.Is(err, errNoProxy) {
		t.Errorf("broadcast with nobody listening: %v", err)
	}
	if _, err := io.WriteString(conn, "Action: Events\r\nActionID: 3\r\nEventMask: on\r\n\r\n"); err != nil {
		t.Fatal(err)
	}
	if err := a.waitForProxy(t.Context()); err != nil {
		t.Fatal(err)
	}
	if err := a.broadcast([]byte("Event: X\r\n\r\n")); err != nil {
		t.Fatal(err)
	}
	if err := readReply(r, "3"); err != nil {
		t.Fatal(err)
	}
	if m, err := readMessage(r); err != nil || m.get("Event") != "X" {
		t.Errorf("got %v, %v", m, err)
	}
}

func FuzzReadMessage(f *testing.F) {
	f.Add([]byte("Action: Ping\r\nActionID: 1\r\n\r\n"))
	f.Add([]byte("\n\r\n:\nA\n\n"))
	f.Fuzz(func(t *testing.T, b []byte) {
		r := bufio.NewReader(bytes.NewReader(b))
		for {
			m, err := readMessage(r)
			if err != nil {
				return
			}
			if len(m.names) == 0 || len(m.names) != len(m.values) {
				t.Fatalf("%q gives %+v", b, m)
			}
			replyTo(m)
		}
	})
}
