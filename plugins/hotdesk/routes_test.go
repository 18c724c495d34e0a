package hotdesk

import (
	"net/http"
	"strings"
	"testing"

	"github.com/astproxy/astproxy/access"
	"github.com/astproxy/astproxy/plugins/plugintest"
	"github.com/astproxy/astproxy/proxy/proxytest"
)

func TestSessionsByHTTP(t *testing.T) {
	s := start(t, testConfig(), plugintest.Options{Proxy: proxytest.Options{
		Users: []access.UserConfig{proxytest.User(), agentUser(), proxytest.User(proxytest.Named("viewer"), proxytest.May([]string{"agent"}, nil)),
			proxytest.User(proxytest.Named("barred"), func(u *access.UserConfig) { u.DenyActions = []string{"HotdeskLog*"} })},
	}})
	request := func(user, method, path, body string, status int, contains string) {
		t.Helper()
		r, err := http.NewRequestWithContext(t.Context(), method, s.URL+"/api/v1/hotdesk/"+path, strings.NewReader(body))
		if err != nil {
			t.Fatal(err)
		}
		r.SetBasicAuth(user, proxytest.Secret)
		r.Header.Set("Content-Type", "application/json")
		response, err := http.DefaultClient.Do(r)
		if err != nil {
			t.Fatal(err)
		}
		defer response.Body.Close()
		text := new(strings.Builder)
		if err := response.Write(text); err != nil {
			t.Fatal(err)
		}
		if response.StatusCode != status || !strings.Contains(text.String(), contains) {
			t.Errorf("%s %s %s is answered with %s", user, method, path, text)
		}
	}
	defer http.DefaultClient.CloseIdleConnections()
	request("barred", "GET", "sessions", "", 200, `{"sessions":[]}`)
	request("barred", "POST", "sessions", `{"user":"741","device":"101","pin":"0123"}`, 403, `"code":"permission_denied"`)
	request("panel", "GET", "sessions", "", 200, `{"sessions":[]}`)
	request("panel", "POST", "sessions", `{"user":"741","device":"101","pin":"9999"}`, 403, `"code":"login_refused"`)
	request("panel", "POST", "sessions", `{"user":"741","device":"101"}`, 400, `"code":"missing_header"`)
	request("panel", "POST", "sessions", `{"user":"741","device":"101","pin":"0123","queue":"x"}`, 400, `"code":"invalid_header"`)
	request("panel", "POST", "sessions", `{"user":"741","device":"999","pin":"0123"}`, 404, `"code":"unknown_device"`)
	request("panel", "POST", "sessions", `{"user":"741","device":"101","pin":"0123"} {}`, 400, `"code":"invalid_header"`)
	request("panel", "POST", "sessions", `{"user":"741","device":"101","pin":"0123","queues":["support","nowhere"]}`, 404, `"code":"unknown_queue"`)
	request("viewer", "POST", "sessions", `{"user":"741","device":"101","pin":"0123"}`, 403, `"code":"permission_denied"`)
	request("viewer", "GET", "sessions", "", 403, `"code":"permission_denied"`)
	request("panel", "POST", "sessions", `{"user":"741","device":"101","pin":"0123","queues":["sales:3"],"expires":"8h"}`, 201, `"queues":[{"queue":"sales","penalty":3}]`)
	request("panel", "GET", "sessions", "", 200, `"user":"741","name":"Ann","server":"pbx1","device":"PJSIP/101"`)
	request("panel", "GET", "sessions/741", "", 200, `"device_state":"NOT_INUSE"`)
	request("panel", "GET", "sessions/742", "", 404, `"code":"not_logged_in"`)
	request("user", "POST", "sessions", `{"user":"742","device":"102"}`, 201, `"user":"742"`)
	request("panel", "DELETE", "sessions/741?force=true", "", 403, `"code":"permission_denied"`)
	request("panel", "DELETE", "sessions/741", "", 200, `{"logged_out":1}`)
	request("panel", "DELETE", "sessions/741", "", 200, `{"logged_out":0}`)
}
