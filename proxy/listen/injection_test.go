package listen_test

import (
	"bytes"
	"encoding/json"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/gorilla/websocket"

	"github.com/astproxy/astproxy/proxy/proxytest"
)

// header is one of an action that an attacker makes up.
type header struct{ name, value string }

const smuggled = "Action: DBPut\r\nFamily: smuggled\r\nKey: k\r\nVal: 1"

// injections are headers behind those of a UserEvent, by what they try.
var injections = map[string]header{
	"CR LF in a value":           {"X", "1\r\n" + smuggled},
	"an empty line in a value":   {"X", "1\r\n\r\n" + smuggled},
	"LF in a value":              {"X", "1\n\n" + strings.ReplaceAll(smuggled, "\r", "")},
	"CR in a value":              {"X", "1\r\r" + strings.ReplaceAll(smuggled, "\n", "")},
	"NUL in a value":             {"X", "1\x00\r\n" + smuggled},
	"a line that begins by NUL":  {"X", "1\r\n\x00\r\n" + smuggled},
	"CR LF in a name":            {"X: 1\r\n" + smuggled + "\r\nY", "1"},
	"an empty line in a name":    {"X: 1\r\n\r\n" + smuggled + "\r\nY", "1"},
	"a colon in a name":          {"Action: DBPut\nX", "1"},
	"a blank behind a name":      {"Action ", "DBPut"},
	"a second Action":            {"Action", "DBPut"},
	"an Action in other letters": {"aCTION", "DBPut"},
	"CR LF in the ActionID":      {"ActionID", "1\r\n\r\n" + smuggled},
	"CR LF in Server":            {"Server", "pbx1\r\n\r\n" + smuggled},
	"CR LF in the name":          {"UserEvent", "x\r\n\r\n" + smuggled},
	"a line that is too long":    {"X", strings.Repeat("x", 1020) + "\r\n" + smuggled},
	"a line of 1,023 bytes":      {"X", strings.Repeat("x", 1020)},
	"a line without end":         {"X", strings.Repeat("x", 100_000)},
	"no name":                    {"", smuggled},
	"a %-escape":                 {"X", "1%0d%0a%0d%0aAction:%20DBPut%0d%0aFamily:%20smuggled%0d%0a"},
	"an entity":                  {"X", "1&#13;&#10;&#13;&#10;Action: DBPut&#13;&#10;"},
	"an escape of JSON":          {"X", `1\r\n\r\nAction: DBPut\r\n`},
	"what looks like line ends":  {"X", "1\u2028\u2029\u0085" + strings.ReplaceAll(smuggled, "\r\n", "\u2028")},
}

// injectionDoors say headers in each of the ways there are, and return when they are answered.
var injectionDoors = map[string]func(t *testing.T, p *proxytest.Proxy, all []header){
	"AMI":          func(t *testing.T, p *proxytest.Proxy, all []header) { throughAMI(t, p, asText, all) },
	"AMI, JSON":    func(t *testing.T, p *proxytest.Proxy, all []header) { throughAMI(t, p, asJSON, all) },
	"AMI, XML":     func(t *testing.T, p *proxytest.Proxy, all []header) { throughAMI(t, p, asXML, all) },
	"HTTP":         func(t *testing.T, p *proxytest.Proxy, all []header) { ask(t, p, "GET", "/?"+asForm(all), "", "") },
	"HTTP, a form": func(t *testing.T, p *proxytest.Proxy, all []header) { ask(t, p, "POST", "/", form, asForm(all)) },
	"HTTP, JSON": func(t *testing.T, p *proxytest.Proxy, all []header) {
		ask(t, p, "POST", "/", "application/json", asJSON(all))
	},
	"HTTP, XML":      func(t *testing.T, p *proxytest.Proxy, all []header) { ask(t, p, "POST", "/", "text/xml", asXML(all)) },
	"rawman":         func(t *testing.T, p *proxytest.Proxy, all []header) { throughManager(t, p, "/rawman", all) },
	"mxml":           func(t *testing.T, p *proxytest.Proxy, all []header) { throughManager(t, p, "/mxml", all) },
	"manager":        func(t *testing.T, p *proxytest.Proxy, all []header) { throughManager(t, p, "/manager", all) },
	"API":            throughAPI,
	"WebSocket":      func(t *testing.T, p *proxytest.Proxy, all []header) { throughWebSocket(t, p, "ami.json", asJSON(all)) },
	"WebSocket, XML": func(t *testing.T, p *proxytest.Proxy, all []header) { throughWebSocket(t, p, "ami.xml", asXML(all)) },
	"WebSocket, AMI": func(t *testing.T, p *proxytest.Proxy, all []header) { throughWebSocket(t, p, "ami", asText(all)) },
}

const form = "application/x-www-form-urlencoded"

// What Asterisk reads is what was judged: whoever may UserEvent only never has anything else run, whatever
// stands in what he sends and wherever he sends it.
//
//astproxy:attack
func TestNothingThatADoorIsGivenBecomesAnotherAction(t *testing.T) {
	for door, send := range injectionDoors {
		t.Run(door, func(t *testing.T) {
			asterisk, p := start(t, user("attacker", []string{"user"}, []string{"user"}))
			send(t, p, []header{{"Action", "UserEvent"}, {"UserEvent", "works"}})
			for what, injection := range injections {
				send(t, p, []header{{"Action", "UserEvent"}, {"UserEvent", "carrier"}, injection})
				send(t, p, []header{injection, {"Action", "UserEvent"}, {"UserEvent", "carrier"}})
				for _, m := range asterisk.Received() {
					if strings.EqualFold(m.Action(), "DBPut") || strings.Contains(m.Raw(), "\nAction:") || strings.ContainsAny(m.Raw(), "\x00") {
						t.Fatalf("%s: Asterisk is sent %q", what, m.Raw())
					}
				}
			}
			worked := false
			for _, m := range asterisk.Received() {
				worked = worked || m.Get("UserEvent") == "works"
			}
			if !worked {
				t.Error("what is no attack is not sent either")
			}
		})
	}
}

func asText(all []header) string {
	var b strings.Builder
	for _, h := range all {
		fmt.Fprintf(&b, "%s: %s\r\n", h.name, h.value)
	}
	return b.String() + "\r\n"
}

func asJSON(all []header) string {
	var b strings.Builder
	for i, h := range all {
		name, _ := json.Marshal(h.name)
		value, _ := json.Marshal(h.value)
		fmt.Fprintf(&b, "%s%s:%s", []string{"{", ","}[min(i, 1)], name, value)
	}
	return b.String() + "}"
}

func asXML(all []header) string {
	escape := func(text string) string {
		var b bytes.Buffer
		_ = xml.EscapeText(&b, []byte(text))
		return b.String()
	}
	var b strings.Builder
	for _, h := range all {
		fmt.Fprintf(&b, `<%s Value="%s"/>`, h.name, escape(h.value))
	}
	return "<AsteriskManagerInput>" + b.String() + "</AsteriskManagerInput>"
}

func asForm(all []header) string {
	var parts []string
	for _, h := range all {
		parts = append(parts, url.QueryEscape(h.name)+"="+url.QueryEscape(h.value))
	}
	return strings.Join(parts, "&")
}

// throughAMI logs in in the format, since a client's first action says which it is.
func throughAMI(t *testing.T, p *proxytest.Proxy, as func([]header) string, all []header) {
	t.Helper()
	c := p.Dial(t)
	defer c.Close()
	text := as([]header{{"Action", "Login"}, {"Username", "attacker"}, {"Secret", proxytest.Secret}, {"Events", "off"}}) + as(all)
	go func() { // the proxy may not want to read it all
		_, _ = io.WriteString(c, text)
		_ = c.Conn.(*net.TCPConn).CloseWrite()
	}()
	if _, err := io.Copy(io.Discard, c.Conn); err != nil && !errors.Is(err, syscall.ECONNRESET) {
		t.Error(err)
	}
}

func ask(t *testing.T, p *proxytest.Proxy, method, path, kind, body string) {
	t.Helper()
	r, err := http.NewRequestWithContext(t.Context(), method, p.URL+path, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	r.SetBasicAuth("attacker", proxytest.Secret)
	r.Header.Set("Content-Type", kind)
	answer, err := http.DefaultClient.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	defer answer.Body.Close()
	if _, err := io.Copy(io.Discard, answer.Body); err != nil {
		t.Fatal(err)
	}
}

func throughManager(t *testing.T, p *proxytest.Proxy, path string, all []header) {
	t.Helper()
	_, login := get(t, p, path+"?action=login&username=attacker&secret="+proxytest.Secret)
	cookie, _, _ := strings.Cut(login.Get("Set-Cookie"), ";")
	get(t, p, path+"?"+asForm(all), "Cookie", cookie)
	get(t, p, path+"?action=logoff", "Cookie", cookie)
}

// throughAPI has the action's name in the path.
func throughAPI(t *testing.T, p *proxytest.Proxy, all []header) {
	t.Helper()
	var rest []header
	path := ""
	for _, h := range all {
		if h.name == "Action" && path == "" {
			path = "/api/v1/actions/" + url.PathEscape(h.value)
			continue
		}
		rest = append(rest, h)
	}
	ask(t, p, "POST", path, "application/json", asJSON(rest))
}

func throughWebSocket(t *testing.T, p *proxytest.Proxy, protocol, text string) {
	t.Helper()
	dialer := websocket.Dialer{Subprotocols: []string{protocol}}
	r := &http.Request{Header: http.Header{}}
	r.SetBasicAuth("attacker", proxytest.Secret)
	conn, answer, err := dialer.DialContext(t.Context(), "ws"+strings.TrimPrefix(p.URL, "http")+"/ws", r.Header)
	if err != nil {
		t.Fatal(err)
	}
	answer.Body.Close()
	defer conn.Close()
	conn.SetReadDeadline(time.Now().Add(proxytest.Patience))
	if err := conn.WriteMessage(websocket.TextMessage, []byte(text)); err != nil {
		t.Fatal(err)
	}
	_ = conn.WriteMessage(websocket.CloseMessage, websocket.FormatCloseMessage(websocket.CloseNormalClosure, ""))
	for {
		if _, _, err := conn.ReadMessage(); err != nil {
			if websocket.IsUnexpectedCloseError(err) || strings.Contains(err.Error(), "timeout") {
				t.Log(err)
			}
			return
		}
	}
}
