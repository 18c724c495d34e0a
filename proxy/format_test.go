package proxy_test

import (
	"bufio"
	"encoding/json"
	"encoding/xml"
	"io"
	"net"
	"strings"
	"testing"
	"time"

	"github.com/astproxy/astproxy/access"
	"github.com/astproxy/astproxy/proxy/proxytest"
	"github.com/astproxy/astproxy/sim"
	"github.com/astproxy/astproxy/sim/simtest"
	"github.com/astproxy/astproxy/upstream"
)

// raw is a client that reads bytes.
type raw struct {
	net.Conn
	*bufio.Reader
	t *testing.T
}

func startRaw(t *testing.T, users ...access.UserConfig) raw {
	t.Helper()
	asterisk := simtest.Start(t, sim.Config{})
	p := proxytest.Start(t, proxytest.Options{
		Servers: []upstream.Config{proxytest.Server("pbx1", asterisk.Addr(), "astproxy", "secret")},
		Users:   append(users, proxytest.User()),
	})
	p.Up(t, "pbx1")
	conn, err := net.Dial("tcp", p.Address)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { conn.Close() })
	conn.SetDeadline(time.Now().Add(proxytest.Patience))
	c := raw{conn, bufio.NewReader(conn), t}
	c.line() // the banner
	return c
}

func (c raw) write(text string) {
	c.t.Helper()
	if _, err := io.WriteString(c.Conn, text); err != nil {
		c.t.Fatal(err)
	}
}

func (c raw) line() string {
	c.t.Helper()
	line, err := c.ReadString('\n')
	if err != nil {
		c.t.Fatal(err)
	}
	return strings.TrimRight(line, "\r\n")
}

// block reads up to a blank line.
func (c raw) block() string {
	c.t.Helper()
	var text strings.Builder
	for {
		line := c.line()
		if line == "" {
			return text.String()
		}
		text.WriteString(line + "\n")
	}
}

func TestAClientThatWritesXMLIsAnsweredInXML(t *testing.T) {
	c := startRaw(t)
	c.write(`<AsteriskManagerInput><Action Value="Login"/><Username Value="user"/><Secret Value="hunter2"/><Events Value="off"/></AsteriskManagerInput>` +
		"\r\n" + `<AsteriskManagerInput><Action Value="Ping"/><ActionID Value="&lt;1&gt;"/></AsteriskManagerInput>`)
	for _, want := range []string{"AsteriskManagerProxyOutput", "AsteriskManagerOutput"} {
		var got struct {
			XMLName  xml.Name
			ActionID struct {
				Value string `xml:",attr"`
			}
		}
		text := c.block()
		if err := xml.Unmarshal([]byte(text), &got); err != nil {
			t.Fatalf("%v in %s", err, text)
		}
		if got.XMLName.Local != want || want == "AsteriskManagerOutput" && got.ActionID.Value != "<1>" {
			t.Errorf("got %s", text)
		}
	}
}

func TestAClientThatWritesJSONIsAnsweredInJSON(t *testing.T) {
	c := startRaw(t)
	c.write(`{"Action":"Login","Username":"user","Secret":"hunter2","Events":false}{"Action":"Ping","ActionID":7}`)
	for _, want := range []map[string]string{
		{"Response": "Success", "Message": "Authentication accepted"},
		{"Response": "Success", "ActionID": "7", "Ping": "Pong", "Server": "pbx1"},
	} {
		var got map[string]any
		text := c.line()
		if err := json.Unmarshal([]byte(text), &got); err != nil {
			t.Fatalf("%v in %s", err, text)
		}
		for name, value := range want {
			if got[name] != value {
				t.Errorf("%s is %v in %s", name, got[name], text)
			}
		}
	}
}

func TestBrokenXMLAndJSONAreAnsweredWithAnErrorAndTheEnd(t *testing.T) {
	for name, text := range map[string]string{
		"xml":    `<AsteriskManagerInput><Action Value="Ping"></AsteriskManagerInput>`,
		"entity": `<!DOCTYPE x [<!ENTITY a "b">]><AsteriskManagerInput><Action Value="&a;"/></AsteriskManagerInput>`,
		"json":   `{"Action":{"Ping":1}}`,
		"crlf":   `{"Action":"Login","Username":"user\r\nAction: Ping"}`,
	} {
		t.Run(name, func(t *testing.T) {
			c := startRaw(t)
			c.write(text)
			answer, err := io.ReadAll(c.Reader)
			if err != nil {
				t.Fatal(err)
			}
			if !strings.Contains(string(answer), "Error") {
				t.Errorf("answered with %q", answer)
			}
		})
	}
}

func TestSetOutputFormatChangesWhatComesFromItsAnswerOn(t *testing.T) {
	c := startRaw(t)
	c.write(proxytest.Block("Login", "Username: user", "Secret: hunter2", "Events: user"))
	c.block()
	c.write("ProxyAction: SetOutputFormat\r\nOutputFormat: xml\r\nActionID: 5\r\n\r\n")
	want := "<AsteriskManagerProxyOutput>\n <ProxyResponse Value=\"Success\"/>\n <ActionID Value=\"5\"/>\n <OutputFormat Value=\"xml\"/>\n</AsteriskManagerProxyOutput>\n"
	if got := c.block(); got != want {
		t.Errorf("got %s", got)
	}
	c.write(proxytest.Block("UserEvent", "UserEvent: Hello"))
	answer, event := c.block(), c.block()
	if !strings.Contains(answer, `<Message Value="Event Sent"/>`) || !strings.Contains(event, ` <Event Value="UserEvent"/>`) {
		t.Errorf("got %s and %s", answer, event)
	}
	c.write("ProxyAction: SetOutputFormat\r\nOutputFormat: csv-legacy\r\n\r\n")
	if got := c.block(); got != "\"ProxyResponse: Success\", \"OutputFormat: csv-legacy\"\n" {
		t.Errorf("got %s", got)
	}
	c.write("ProxyAction: SetOutputFormat\r\nOutputFormat: morse\r\n\r\n")
	if got := c.block(); !strings.Contains(got, "Unknown OutputFormat") {
		t.Errorf("got %s", got)
	}
}

func TestAUsersFormatBeginsWithTheAnswerToHisLogin(t *testing.T) {
	c := startRaw(t, proxytest.User(proxytest.Named("panel"), func(u *access.UserConfig) { u.Format = "json" }))
	c.write(proxytest.Block("Login", "Username: panel", "Secret: hunter2", "Events: off"))
	if got := c.line(); got != `{"Response":"Success","Message":"Authentication accepted"}` {
		t.Errorf("got %s", got)
	}
}

// A client of astmanproxy's asks for xml and csv, and can read no other shapes of them than it knows.
func TestAUserOfLegacyFormatsGetsAstmanproxysXMLAndCSV(t *testing.T) {
	c := startRaw(t, proxytest.User(proxytest.Named("old"), func(u *access.UserConfig) { u.LegacyFormats = true }))
	c.write("Action: Login\r\nUsername: old\r\nSecret: hunter2\r\nEvents: off\r\n\r\n")
	c.block()
	for _, format := range []struct{ name, changed string }{
		{"XML", "<AsteriskManagerProxyOutput>\n <ProxyResponse Value=\"Success\"/>\n <UnparsedText Value=\"ActionID: a-long-identifier-of-mine\"/>\n <OutputFormat Value=\"xml\"/>\n</AsteriskManagerProxyOutput>\n"},
		{"csv", `"ProxyResponse: Success", "ActionID: a-long-identifier-of-mine", "OutputFormat: csv"` + "\n"},
		{"standard", "ProxyResponse: Success\nActionID: a-long-identifier-of-mine\nOutputFormat: standard\n"},
	} {
		c.write("ProxyAction: SetOutputFormat\r\nActionID: a-long-identifier-of-mine\r\nOutputFormat: " + format.name + "\r\n\r\n")
		if got := c.block(); got != format.changed {
			t.Errorf("got %q, want %q", got, format.changed)
		}
	}
}
