package live_test

import (
	"encoding/base64"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/gorilla/websocket"

	"github.com/astproxy/astproxy/access"
	"github.com/astproxy/astproxy/proxy/proxytest"
	"github.com/astproxy/astproxy/sim"
	"github.com/astproxy/astproxy/sim/simtest"
	"github.com/astproxy/astproxy/upstream"
)

// startProxy runs a proxy in front of one simulated Asterisk, connected.
func startProxy(tb testing.TB, change ...func(*proxytest.Options)) *proxytest.Proxy {
	tb.Helper()
	asterisk := simtest.Start(tb, sim.Config{})
	o := proxytest.Options{
		Servers: []upstream.Config{proxytest.Server("pbx1", asterisk.Addr(), "astproxy", "secret")},
		Users:   []access.UserConfig{proxytest.User()},
	}
	for _, f := range change {
		f(&o)
	}
	p := proxytest.Start(tb, o)
	p.Up(tb, "pbx1")
	return p
}

// basic is the header of a login of the user.
func basic(secret string) http.Header { return basicOf("user", secret) }

func basicOf(name, secret string) http.Header {
	return http.Header{"Authorization": {"Basic " + base64.StdEncoding.EncodeToString([]byte(name+":"+secret))}}
}

// webSocket is a client of /ws. Whatever goes wrong fails the test.
type webSocket struct {
	*websocket.Conn
	tb testing.TB
}

// path is a path with parameters, names and values in turn.
func path(base string, parameters ...string) string {
	values := url.Values{}
	for i := 0; i < len(parameters); i += 2 {
		values.Add(parameters[i], parameters[i+1])
	}
	if len(values) == 0 {
		return base
	}
	return base + "?" + values.Encode()
}

func dial(tb testing.TB, p *proxytest.Proxy, protocol string, parameters ...string) *webSocket {
	tb.Helper()
	var protocols []string
	if protocol != "" {
		protocols = []string{protocol}
	}
	dialer := websocket.Dialer{Subprotocols: protocols}
	conn, response, err := dialer.Dial("ws"+strings.TrimPrefix(p.URL, "http")+path("/ws", parameters...), basic(proxytest.Secret))
	if err != nil {
		text := ""
		if response != nil {
			body, _ := io.ReadAll(response.Body)
			response.Body.Close()
			text = response.Status + " " + string(body)
		}
		tb.Fatal(err, text)
	}
	tb.Cleanup(func() { conn.Close() })
	if conn.Subprotocol() != protocol {
		tb.Fatalf("the subprotocol is %q, not %q", conn.Subprotocol(), protocol)
	}
	conn.SetReadDeadline(time.Now().Add(proxytest.Patience))
	return &webSocket{conn, tb}
}

func (c *webSocket) send(text string) {
	c.tb.Helper()
	if err := c.WriteMessage(websocket.TextMessage, []byte(text)); err != nil {
		c.tb.Fatal(err)
	}
}

// text is the next message.
func (c *webSocket) text() string {
	c.tb.Helper()
	kind, text, err := c.ReadMessage()
	if err != nil || kind != websocket.TextMessage {
		c.tb.Fatalf("reading: %v, a message of kind %d", err, kind)
	}
	return string(text)
}

// object is what came as JSON.
type object map[string]any

// read is the next message, of a JSON client.
func (c *webSocket) read() object {
	c.tb.Helper()
	var o object
	if text := c.text(); json.Unmarshal([]byte(text), &o) != nil {
		c.tb.Fatalf("no JSON: %q", text)
	}
	return o
}

// next is the next message that has these headers, names and values in turn.
func (c *webSocket) next(headers ...string) object {
	c.tb.Helper()
	for {
		if o := c.read(); o.has(headers...) {
			return o
		}
	}
}

func (o object) has(headers ...string) bool {
	for i := 0; i < len(headers); i += 2 {
		if o[headers[i]] != headers[i+1] {
			return false
		}
	}
	return true
}

// sequence is a message's place in the log, "" for one that has none.
func (o object) sequence() string {
	s, _ := o["ProxySequence"].(string)
	return s
}

// end reads up to the close frame.
func (c *webSocket) end() *websocket.CloseError {
	c.tb.Helper()
	for {
		_, _, err := c.ReadMessage()
		var closed *websocket.CloseError
		switch {
		case errors.As(err, &closed):
			return closed
		case err != nil:
			c.tb.Fatalf("waiting for the close frame: %v", err)
		}
	}
}
