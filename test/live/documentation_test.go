package live_test

import (
	"net/http"
	"os"
	"os/exec"
	"regexp"
	"strings"
	"testing"

	"github.com/gorilla/websocket"

	"github.com/astproxy/astproxy/proxy/proxytest"
	"github.com/astproxy/astproxy/sim"
	"github.com/astproxy/astproxy/sim/simtest"
	"github.com/astproxy/astproxy/test/asterisk"
)

// documentation is docs/http-live.md.
func documentation(t *testing.T) string {
	t.Helper()
	text, err := os.ReadFile("../../docs/http-live.md")
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// script is the JavaScript in it.
func script(t *testing.T) string {
	t.Helper()
	var all strings.Builder
	for _, block := range regexp.MustCompile("(?s)```js\n(.*?)```").FindAllStringSubmatch(documentation(t), -1) {
		all.WriteString(block[1])
	}
	return all.String()
}

func TestTheConversationInTheDocumentationIsTrue(t *testing.T) {
	s := simtest.Start(t, sim.Config{})
	p := startProxy(t, s.Addr(), "astproxy", "secret")
	request, err := http.NewRequest(http.MethodGet, "ws"+strings.TrimPrefix(p.URL, "http")+"/ws?mask=none", nil)
	if err != nil {
		t.Fatal(err)
	}
	request.SetBasicAuth("user", proxytest.Secret)
	conn, response, err := websocket.DefaultDialer.Dial(request.URL.String(), request.Header)
	if err != nil {
		t.Fatal(err)
	}
	response.Body.Close()
	defer conn.Close()
	if _, _, err := conn.ReadMessage(); err != nil { // its position
		t.Fatal(err)
	}
	said := 0
	for line := range strings.Lines(documentation(t)) {
		text := strings.TrimSpace(line)
		if action, ok := strings.CutPrefix(text, "> "); ok && strings.HasPrefix(line, "    ") {
			if err := conn.WriteMessage(websocket.TextMessage, []byte(action)); err != nil {
				t.Fatal(err)
			}
			said++
		}
		if want, ok := strings.CutPrefix(text, "< "); ok && strings.HasPrefix(line, "    ") {
			_, got, err := conn.ReadMessage()
			if err != nil {
				t.Fatal(err)
			}
			pattern := "^" + strings.ReplaceAll(regexp.QuoteMeta(want), regexp.QuoteMeta("..."), ".*") + "$"
			if !regexp.MustCompile(pattern).Match(got) {
				t.Errorf("answered with %s, not %s", got, want)
			}
		}
	}
	if _, _, err := conn.ReadMessage(); said != 4 || !websocket.IsCloseError(err, websocket.CloseNormalClosure) {
		t.Errorf("after %d actions: %v", said, err)
	}
}

func TestTheCommandInTheDocumentationShowsCalls(t *testing.T) {
	if _, err := exec.LookPath("curl"); err != nil {
		asterisk.Missing(t, err)
	}
	command := regexp.MustCompile(`(?m)^    (curl .*)$`).FindStringSubmatch(documentation(t))
	if command == nil {
		t.Fatal("there is none")
	}
	forEachAsterisk(t, nil, func(t *testing.T, p *proxytest.Proxy) {
		text := strings.NewReplacer("user:secret", "user:"+proxytest.Secret, "http://127.0.0.1:8088", p.URL).Replace(command[1])
		tells := run(t, exec.Command("sh", "-c", "exec "+text))
		tells.await("ProxyPosition")
		p.Login(t, "user", "Events: off").Ask("Originate", "Channel: Local/1001@default", "Context: default", "Exten: load", "Priority: 1", "Async: true")
		tells.await(`"Event":"Newchannel"`)
		tells.await(`"Event":"Hangup"`)
	})
}
