package live_test

import (
	"encoding/xml"
	"net/http"
	"strings"
	"testing"

	"github.com/gorilla/websocket"

	"github.com/astproxy/astproxy/proxy/proxytest"
)

func TestActionsGoUpAndRepliesAndEventsComeDown(t *testing.T) {
	p := startProxy(t)
	for _, protocol := range []string{"", "ami.json"} {
		c := dial(t, p, protocol)
		if first := c.read(); first["Event"] != "ProxyPosition" || first.sequence() == "" {
			t.Errorf("it begins with %v", first)
		}
		if booted := c.read(); booted["Event"] != "FullyBooted" || booted["Server"] != "pbx1" {
			t.Errorf("then comes %v", booted)
		}
		c.send(`{"Action":"Ping","ActionID":7}`)
		if pong := c.next("Response", "Success"); pong["Ping"] != "Pong" || pong["ActionID"] != "7" || pong["Server"] != "pbx1" {
			t.Errorf("answered with %v", pong)
		}
		c.send(`{"Action":"Originate","Channel":"Local/1001@default","Context":"default","Exten":"1002","Priority":1,"ActionID":"call"}`)
		channel := c.next("Event", "Newchannel")
		if channel.sequence() == "" {
			t.Errorf("without a place in the log: %v", channel)
		}
		c.next("Response", "Success", "ActionID", "call")
		c.send(`{"Action":"Hangup","Channel":"/^Local.*/"}`)
		c.next("Event", "Hangup")
		c.Close()
	}
}

func TestAMessageIsXMLWhereThatIsAskedFor(t *testing.T) {
	p := startProxy(t)
	for _, sequence := range []string{"false", "true"} {
		c := dial(t, p, "ami.xml", "sequence", sequence)
		c.send(`<AsteriskManagerInput><Action Value="UserEvent"/><UserEvent Value="&lt;Hello&gt;"/></AsteriskManagerInput>`)
		for {
			text := c.text()
			var element struct {
				XMLName xml.Name
				Headers []struct {
					XMLName xml.Name
					Value   string `xml:",attr"`
				} `xml:",any"`
			}
			if err := xml.Unmarshal([]byte(text), &element); err != nil {
				t.Fatalf("%v in %q", err, text)
			}
			if !strings.Contains(text, "&lt;Hello&gt;") {
				continue
			}
			if got := strings.Contains(text, "ProxySequence"); got != (sequence == "true") || strings.HasSuffix(text, "\n") {
				t.Errorf("sequence=%s: %q", sequence, text)
			}
			break
		}
		c.Close()
	}
}

func TestAMessageIsAMITextWhereThatIsAskedFor(t *testing.T) {
	p := startProxy(t)
	c := dial(t, p, "ami", "mask", "user")
	c.send("Action: Ping\r\nActionID: 1")
	if got := c.text(); !strings.HasPrefix(got, "Response: Success\r\nActionID: 1\r\nPing: Pong\r\n") || !strings.HasSuffix(got, "Server: pbx1\r\n\r\n") {
		t.Errorf("answered with %q", got)
	}
	c.send("Action: UserEvent\nUserEvent: one\n\n")
	if got := c.text(); !strings.Contains(got, "Event Sent") {
		t.Errorf("answered with %q", got)
	}
	if got := c.text(); !strings.HasPrefix(got, "Event: UserEvent\r\nPrivilege: user,all\r\nUserEvent: one\r\n") {
		t.Errorf("then %q", got)
	}
}

func TestAnUnknownSubprotocolIsRefused(t *testing.T) {
	p := startProxy(t)
	if status := handshake(t, p, "/ws", basic(proxytest.Secret), "soap"); status != http.StatusBadRequest {
		t.Errorf("answered with %d", status)
	}
}

func TestACloseFrameTellsWhetherToComeBack(t *testing.T) {
	for name, want := range map[string]struct {
		do   func(*proxytest.Proxy, *webSocket)
		code int
	}{
		"logged off": {func(_ *proxytest.Proxy, c *webSocket) { c.send(`{"Action":"Logoff"}`) }, websocket.CloseNormalClosure},
		"stopping":   {func(p *proxytest.Proxy, _ *webSocket) { go p.Stop() }, websocket.CloseGoingAway},
		"binary": {func(_ *proxytest.Proxy, c *webSocket) {
			_ = c.WriteMessage(websocket.BinaryMessage, []byte("x"))
		}, websocket.CloseUnsupportedData},
		"too big": {func(_ *proxytest.Proxy, c *webSocket) {
			_ = c.WriteMessage(websocket.TextMessage, make([]byte, 1<<20))
		}, websocket.CloseMessageTooBig},
		"the client's": {func(_ *proxytest.Proxy, c *webSocket) {
			_ = c.WriteMessage(websocket.CloseMessage, websocket.FormatCloseMessage(websocket.CloseGoingAway, "bye"))
		}, websocket.CloseGoingAway},
	} {
		t.Run(name, func(t *testing.T) {
			p := startProxy(t)
			c := dial(t, p, "ami.json")
			c.read()
			want.do(p, c)
			if got := c.end(); got.Code != want.code {
				t.Errorf("closed with %v, not %d", got, want.code)
			}
		})
	}
}

//astproxy:attack
func TestWhatIsNoActionIsAnsweredAndItsSenderGoesOn(t *testing.T) {
	p := startProxy(t)
	for protocol, bad := range map[string][]string{
		"ami.json": {`{"Action":"Ping"`, `[]`, ``, `{"Action":{"Ping":1}}`, `{"Action":"Ping","A":"b\r\nAction: Logoff"}`, `{"Action":"Ping","A":"b\u0000"}`,
			"{\"Action\":\"\xff\"}", `{"Action":"Ping"}{"Action":"Ping"}`, `{"Action":"` + strings.Repeat("x", 2000) + `"}`},
		"ami.xml": {`<AsteriskManagerInput><Action Value="Ping"></AsteriskManagerInput>`, `<a/>`, ``, "\xff",
			`<!DOCTYPE x [<!ENTITY a "b">]><AsteriskManagerInput><Action Value="&a;"/></AsteriskManagerInput>`,
			`<AsteriskManagerInput><Action Value="Ping&#13;&#10;Action: Logoff"/></AsteriskManagerInput>`},
		"ami": {"", "Action: Ping\r\n\r\nAction: Ping\r\n\r\n", "Action: Ping\r\nA: " + strings.Repeat("x", 2000), "Action: Ping\rA: b", "Action: Ping\r\nA: \x00",
			strings.Repeat("A: b\r\n", 1000)},
	} {
		t.Run(protocol, func(t *testing.T) {
			c := dial(t, p, protocol, "mask", "none")
			if protocol == "ami.json" {
				c.read() // its position
			}
			for _, text := range bad {
				c.send(text)
				answer := c.text()
				if !strings.Contains(answer, "Error") {
					t.Errorf("%.100q is answered with %q", text, answer)
				}
			}
			ping := map[string]string{
				"ami.json": `{"Action":"Ping"}`,
				"ami.xml":  `<AsteriskManagerInput><Action Value="Ping"/></AsteriskManagerInput>`,
				"ami":      "Action: Ping\r\n\r\n",
			}
			c.send(ping[protocol])
			if answer := c.text(); !strings.Contains(answer, "Pong") {
				t.Errorf("and then a Ping with %q", answer)
			}
		})
	}
}

func TestAMessageMayComeInPieces(t *testing.T) {
	p := startProxy(t)
	r := rawSocket(t, p, "/ws?mask=none", basic(proxytest.Secret), "")
	r.frame() // its position
	r.write(append([]byte{0x01, 0x85, 0, 0, 0, 0}, `{"Act`...)...)
	r.write(0x89, 0x81, 0, 0, 0, 0, '?') // a ping between
	r.write(append([]byte{0x00, 0x88, 0, 0, 0, 0}, `ion":"Pi`...)...)
	r.write(append([]byte{0x80, 0x84, 0, 0, 0, 0}, `ng"}`...)...)
	if first, payload := r.frame(); first != 0x8a || string(payload) != "?" {
		t.Errorf("the ping is answered with %x %q", first, payload)
	}
	if first, payload := r.frame(); first != 0x81 || !strings.Contains(string(payload), "Pong") {
		t.Errorf("the action is answered with %x %q", first, payload)
	}
}

func TestAPingIsAnsweredBetweenTwoMessages(t *testing.T) {
	p := startProxy(t)
	c := dial(t, p, "ami.json")
	pongs := make(chan string, 100)
	c.SetPongHandler(func(text string) error {
		pongs <- text
		return nil
	})
	for range 50 {
		c.send(`{"Action":"UserEvent","UserEvent":"` + strings.Repeat("x", 900) + `"}`)
		if err := c.WriteMessage(websocket.PingMessage, []byte("hello")); err != nil {
			t.Fatal(err)
		}
	}
	for events := 0; events < 50; {
		if c.read().has("Event", "UserEvent") {
			events++
		}
	}
	c.send(`{"Action":"Ping","ActionID":"last"}`)
	c.next("ActionID", "last")
	if len(pongs) != 50 {
		t.Errorf("there were %d pongs", len(pongs))
	}
}
