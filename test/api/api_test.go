package api_test

import (
	"bytes"
	"context"
	"encoding/json"
	"io"
	"log/slog"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/pb33f/libopenapi"
	validator "github.com/pb33f/libopenapi-validator"

	"github.com/astproxy/astproxy/access"
	"github.com/astproxy/astproxy/app"
	"github.com/astproxy/astproxy/test/asterisk"
)

// patience bounds everything waited for.
const patience = 2 * time.Minute

// through is the API of a proxy in front of an Asterisk, and of a second server that is never there.
type through struct {
	url              string
	username, secret string
	document         validator.Validator
}

func start(t *testing.T, s *asterisk.Server) *through {
	t.Helper()
	up, down := app.DefaultServer(), app.DefaultServer()
	up.Name, up.Address, up.Username, up.Secret = "pbx1", s.AMIAddress, s.Username, access.Secret(s.Secret)
	down.Name, down.Address, down.Username, down.Secret = "down", "127.0.0.1:1", "astproxy", "none"
	listener := app.DefaultListener()
	listener.URL = "http://127.0.0.1:0"
	config := app.DefaultConfig()
	config.State = t.TempDir()
	config.Servers = []app.ServerConfig{up, down}
	config.Listeners = []app.ListenerConfig{listener}
	config.Users = []access.UserConfig{{Name: "user", Secret: "hunter2", Read: []string{"all"}, Write: []string{"all"}}}
	proxy, err := app.New(config, slog.New(slog.NewTextHandler(t.Output(), nil)))
	if err != nil {
		t.Fatal(err)
	}
	ctx, stop := context.WithCancel(context.Background())
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		proxy.Run(ctx)
	}()
	t.Cleanup(func() {
		stop()
		<-ended
	})
	a := &through{url: "http://" + proxy.Addresses()[0], username: "user", secret: "hunter2"}
	a.readDocument(t)
	a.awaitReady(t)
	return a
}

func (a *through) readDocument(t *testing.T) {
	t.Helper()
	_, text := a.read(t, "/api/v1/openapi.json")
	document, err := libopenapi.NewDocument([]byte(text))
	if err != nil {
		t.Fatal(err)
	}
	var errs []error
	if a.document, errs = validator.NewValidator(document); len(errs) > 0 {
		t.Fatal(errs)
	}
}

// awaitReady asks /readyz until the Asterisk is connected.
func (a *through) awaitReady(t *testing.T) {
	t.Helper()
	tick := time.NewTicker(20 * time.Millisecond)
	defer tick.Stop()
	for end := time.Now().Add(patience); ; <-tick.C {
		status, text := a.read(t, "/readyz")
		if status == http.StatusOK {
			return
		}
		if time.Now().After(end) {
			t.Fatalf("not ready: %s", text)
		}
	}
}

func (a *through) read(t *testing.T, path string) (status int, text string) {
	t.Helper()
	response, err := http.Get(a.url + path)
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	body, err := io.ReadAll(response.Body)
	if err != nil {
		t.Fatal(err)
	}
	return response.StatusCode, string(body)
}

// answer is what the API says to an action, of one server or of several.
type answer struct {
	status    int
	body      string
	Response  map[string]any
	Items     []map[string]any
	Complete  map[string]any
	Responses []map[string]any
	Completes []map[string]any
	Failed    []map[string]any
	Code      string
	Detail    string
}

// run runs an action. Every answer has to be as the document says.
func (a *through) run(t *testing.T, action, headers string) (got answer) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	q, err := http.NewRequestWithContext(ctx, http.MethodPost, a.url+"/api/v1/actions/"+action, strings.NewReader(headers))
	if err != nil {
		t.Fatal(err)
	}
	q.SetBasicAuth(a.username, a.secret)
	q.Header.Set("Content-Type", "application/json")
	response, err := http.DefaultClient.Do(q)
	if err != nil {
		t.Fatalf("%s: %v", action, err)
	}
	defer response.Body.Close()
	body, err := io.ReadAll(response.Body)
	if err != nil {
		t.Fatal(err)
	}
	response.Body = io.NopCloser(bytes.NewReader(body))
	if good, wrong := a.document.ValidateHttpResponse(q, response); !good {
		t.Errorf("%s: %d is not as documented: %v: %s", action, response.StatusCode, wrong, body)
	}
	if err := json.Unmarshal(body, &got); err != nil {
		t.Fatalf("%s: %v: %s", action, err, body)
	}
	got.status, got.body = response.StatusCode, string(body)
	return got
}

func TestActionsOfARealAsteriskAreAnsweredInJSON(t *testing.T) {
	for _, version := range asterisk.Versions() {
		t.Run(version, func(t *testing.T) {
			a := start(t, asterisk.Start(t, version))
			for _, c := range []struct {
				action, headers string
				status          int
				good            func(answer) bool
			}{
				{"Ping", ``, 200, func(a answer) bool { return a.Response["Ping"] == "Pong" && a.Complete == nil }},
				{"Command", `{"Command":"core show version"}`, 200, func(a answer) bool { return strings.Contains(a.body, "Asterisk "+version+".") }},
				{"QueueStatus", `{"ActionID":"mine"}`, 200, func(a answer) bool {
					return len(a.Items) > 0 && a.Items[0]["ActionID"] == "mine" && a.Complete["Event"] == "QueueStatusComplete"
				}},
				{"PJSIPShowEndpoints", ``, 200, func(a answer) bool {
					return len(a.Items) > 0 && a.Items[0]["Event"] == "EndpointList" && a.Items[0]["Server"] == "pbx1"
				}},
				{"PJSIPShowEndpoint", `{"Endpoint":"nobody"}`, 422, func(a answer) bool { return strings.Contains(a.Detail, "nobody") }},
				{"CoreShowChannels", ``, 200, func(a answer) bool { return len(a.Items) == 0 && a.Complete["ListItems"] == "0" }},
				{"DBPut", `{"Family":"api","Key":"a","Val":"x y, \"z\""}`, 200, func(a answer) bool { return a.Response["Response"] == "Success" }},
				{"DBGet", `{"Family":"api","Key":"a"}`, 200, func(a answer) bool { return a.Items[0]["Val"] == `x y, "z"` }},
				{"DBGet", `{"Family":"api","Key":"none"}`, 422, func(a answer) bool { return a.Response["Message"] == a.Detail }},
				{"Originate", `{"Channel":"Local/1001@default","Application":"Wait","Data":1,"Variable":{"A":"1,2"}}`, 200,
					func(a answer) bool { return a.Response["Message"] == "Originate successfully queued" }},
				{"Originate", `{"Channel":"Local/nowhere@nowhere","Application":"Wait","Data":1}`, 422,
					func(a answer) bool { return a.Response["Message"] == "Originate failed" }},
				{"NoSuchAction", ``, 404, func(a answer) bool { return a.Code == "unknown_action" }},
				{"Ping", `{"Server":"down"}`, 502, func(a answer) bool { return a.Code == "server_down" }},
				{"QueueSummary", `{"Server":"*"}`, 200, func(a answer) bool {
					return len(a.Responses) == 1 && len(a.Items) > 0 && len(a.Completes) == 1 && a.Failed[0]["server"] == "down"
				}},
			} {
				if got := a.run(t, c.action, c.headers); got.status != c.status || !c.good(got) {
					t.Errorf("%s %s: %d %s", c.action, c.headers, got.status, got.body)
				}
			}
		})
	}
}

func TestTheMetricsOfARealAsteriskAreRead(t *testing.T) {
	a := start(t, asterisk.Start(t, asterisk.Versions()[0]))
	a.run(t, "Ping", "")
	status, text := a.read(t, "/metrics")
	for _, line := range []string{`astproxy_server_connected{server="pbx1"} 1`, `astproxy_server_connections_total{server="pbx1"} 1`,
		`astproxy_server_connected{server="down"} 0`} {
		if status != http.StatusOK || !strings.Contains(text, "\n"+line+"\n") {
			t.Errorf("%d: there is no %s in\n%s", status, line, text)
		}
	}
}
