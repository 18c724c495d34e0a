package host_test

import (
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/gorilla/websocket"

	"github.com/astproxy/astproxy/plugins"
	"github.com/astproxy/astproxy/plugins/plugintest"
	"github.com/astproxy/astproxy/proxy/proxytest"
)

// Whichever way in somebody has taken, a plugin's action and its errors are the same.
func TestAPluginsActionIsTheSameAtEveryDoor(t *testing.T) {
	s := plugintest.Start(t, kind("greeter", greeter), nil, plugintest.Options{})
	c := s.Login(t, "user")
	form := func(name string) string {
		return url.Values{"Action": {"Greet"}, "Name": {name}, "ActionID": {"7"}, "Username": {"user"}, "Secret": {proxytest.Secret}, "format": {"standard"}}.Encode()
	}
	for door, ask := range map[string]func(name string) string{
		"AMI": func(name string) string { return c.Ask("Greet", "Name: "+name, "ActionID: 7").Raw() },
		"GET": func(name string) string {
			_, _, text := request(t, s, "user", "GET", "/?"+form(name), "", "")
			return text
		},
		"POST": func(name string) string {
			_, _, text := request(t, s, "user", "POST", "/", "application/x-www-form-urlencoded", form(name))
			return text
		},
		"/api/v1": func(name string) string {
			_, _, text := request(t, s, "user", "POST", "/api/v1/actions/Greet", asJSON, `{"Name":"`+name+`","ActionID":"7"}`)
			return text
		},
		"WebSocket": func(name string) string {
			header := http.Header{}
			header.Set("Authorization", "Basic dXNlcjpodW50ZXIy")
			ws, response, err := websocket.DefaultDialer.Dial("ws"+strings.TrimPrefix(s.URL, "http")+"/ws?events=off", header)
			if err != nil {
				t.Fatal(err, response)
			}
			defer response.Body.Close()
			defer ws.Close()
			if err := ws.WriteMessage(websocket.TextMessage, []byte(`{"Action":"Greet","Name":"`+name+`","ActionID":"7"}`)); err != nil {
				t.Fatal(err)
			}
			for {
				_ = ws.SetReadDeadline(time.Now().Add(proxytest.Patience))
				_, text, err := ws.ReadMessage()
				if err != nil {
					t.Fatal(err)
				}
				if strings.Contains(string(text), `"7"`) {
					return string(text)
				}
			}
		},
	} {
		for name, says := range map[string][]string{
			"Anna":   {"Success", "Hello Anna", "pbx1"},
			"nobody": {"Error", "unknown_person", "There is no nobody"},
			"":       {"Error", "missing_header"},
			"panic":  {"Error", "failed"},
		} {
			answer := ask(name)
			for _, part := range says {
				if !strings.Contains(answer, part) {
					t.Errorf("at %s %q is answered with %s", door, name, answer)
				}
			}
		}
	}
	list := strings.Count(c.List("8", "Greet", "Name: all")[0].Raw(), "EventList")
	_, all, text := request(t, s, "user", "POST", "/api/v1/actions/greet", asJSON, `{"Name":"all"}`)
	if items, _ := all["items"].([]any); list != 1 || len(items) != 2 || all["complete"] == nil {
		t.Errorf("the list is %s", text)
	}
	if status, problem, _ := request(t, s, "user", "POST", "/api/v1/actions/Greet", asJSON, `{"Name":"nobody"}`); status != 422 || problem["code"] != "unknown_person" ||
		problem["detail"] != "There is no nobody" || problem["response"] == nil {
		t.Errorf("%d %v", status, problem)
	}
}

func TestAPluginServesPathsToWhoHasLoggedIn(t *testing.T) {
	greeting := kind("greeting", func(plugins.Host) *acting {
		return &acting{routes: []plugins.Route{
			{Method: "GET", Path: "/api/v1/greetings/{name}", Summary: "A greeting.", Serve: func(w http.ResponseWriter, r *http.Request, by plugins.Caller) {
				if r.PathValue("name") == "panic" {
					panic("at the disco")
				}
				_, _ = w.Write([]byte("Hello " + r.PathValue("name") + ", says " + by.User.Name()))
			}},
			{Method: "PUT", Path: "/api/v1/greetings/{name}", Summary: "Another one.", Serve: func(w http.ResponseWriter, _ *http.Request, _ plugins.Caller) {
				w.WriteHeader(http.StatusNoContent)
			}},
		}}
	})
	s := plugintest.Start(t, greeting, nil, plugintest.Options{})
	for _, c := range []struct {
		user, method, name string
		status             int
		says               string
	}{
		{"user", "GET", "anna", 200, "Hello anna, says user"},
		{"user", "PUT", "anna", 204, ""},
		{"user", "GET", "panic", 500, `"code":"failed"`},
		{"user", "DELETE", "anna", 405, "the methods here are GET, PUT"},
		{"nobody", "GET", "anna", 401, "login_failed"},
	} {
		if status, _, text := request(t, s, c.user, c.method, "/api/v1/greetings/"+c.name, asJSON, ""); status != c.status || !strings.Contains(text, c.says) {
			t.Errorf("%s %s is answered with %d %s", c.method, c.name, status, text)
		}
	}
	if _, _, text := request(t, s, "user", "GET", "/api/v1/openapi.json", asJSON, ""); !strings.Contains(text, `"/api/v1/greetings/{name}"`) {
		t.Error("the document does not have it")
	}
}
