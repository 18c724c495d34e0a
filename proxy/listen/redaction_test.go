package listen_test

import (
	"fmt"
	"io"
	"net"
	"strings"
	"testing"
	"time"

	"github.com/astproxy/astproxy/access"
	"github.com/astproxy/astproxy/ami"
	"github.com/astproxy/astproxy/formats"
	"github.com/astproxy/astproxy/proxy"
	"github.com/astproxy/astproxy/proxy/proxytest"
)

// redacted is a user who does not see the variable PIN.
func redacted() access.UserConfig {
	u := user("redacted", []string{"all"}, []string{"system", "call", "reporting"})
	u.Redact = []string{"mask variable PIN", "drop ConnectedLine*"}
	return u
}

//astproxy:attack
func TestWhatAUserIsNotToSeeIsInNoFormatOfHisEvents(t *testing.T) {
	for _, format := range formats.Names() {
		if format == "mxml" {
			continue
		}
		t.Run(format, func(t *testing.T) {
			u := redacted()
			u.Format = format
			asterisk, p := start(t, u)
			conn, err := net.Dial("tcp", p.Address)
			if err != nil {
				t.Fatal(err)
			}
			defer conn.Close()
			conn.SetDeadline(time.Now().Add(proxytest.Patience))
			fmt.Fprint(conn, "Action: Login\r\nUsername: redacted\r\nSecret: hunter2\r\n\r\n")
			text := ""
			for buffer := make([]byte, 4096); err == nil && !strings.Contains(text, "accepted"); {
				var n int
				n, err = conn.Read(buffer)
				text += string(buffer[:n])
			}
			other := p.Login(t, "user")
			asterisk.Broadcast(ami.NewEvent("VarSet").Add("Privilege", "dialplan,all").Add("Variable", "PIN").Add("Value", "the-pin").
				Add("ConnectedLineNum", "the-number").Message())
			seen := ""
			for _, m := range settled(other) {
				seen += m.Raw()
			}
			if !strings.Contains(seen, "the-pin") || !strings.Contains(seen, "the-number") {
				t.Fatalf("another user sees %s", seen)
			}
			fmt.Fprint(conn, "Action: Logoff\r\n\r\n")
			rest, err := io.ReadAll(conn)
			text += string(rest)
			if err != nil || !strings.Contains(text, "VarSet") || !strings.Contains(text, "(hidden)") || strings.Contains(text, "the-") {
				t.Errorf("the user is sent %s", text)
			}
		})
	}
}

//astproxy:attack
func TestWhatAUserIsNotToSeeIsInNoAnswerAndFoundByNoFilter(t *testing.T) {
	asterisk, p := start(t, redacted())
	c := p.Login(t, "redacted", "Events: dialplan")
	if r := c.Ask("Setvar", "Variable: PIN", "Value: the-pin"); r.Response() != "Success" {
		t.Fatal(r)
	}
	if r := c.Ask("Getvar", "Variable: PIN"); r.Get("Value") != "(hidden)" {
		t.Errorf("Getvar is answered with\n%s", r)
	}
	if r := p.Login(t, "user").Ask("Getvar", "Variable: PIN"); r.Get("Value") != "the-pin" {
		t.Errorf("another's Getvar is answered with\n%s", r)
	}
	known, _ := p.Users().Authenticate("redacted", "hunter2")
	answer, err := p.Ask(t.Context(), proxy.Caller{User: known}, ami.NewAction("Getvar").Add("Variable", "PIN").Message())
	if err != nil || answer.Response().Get("Value") != "(hidden)" {
		t.Errorf("by HTTP Getvar is answered with\n%s, %v", answer.Response(), err)
	}
	c.Ask("Filter", "Operation: Add", "MatchCriteria: header(Value),method(starts_with)", "Filter: the-")
	asterisk.Broadcast(ami.NewEvent("VarSet").Add("Privilege", "dialplan,all").Add("Variable", "PIN").Add("Value", "the-pin").Message())
	wantEvents(t, "a filter for what is hidden", settled(c))
}
