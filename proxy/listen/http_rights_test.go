package listen_test

import (
	"io"
	"net/http"
	"strings"
	"testing"

	"github.com/astproxy/astproxy/access"
	"github.com/astproxy/astproxy/proxy/listen"
	"github.com/astproxy/astproxy/proxy/listen/monitor"
	"github.com/astproxy/astproxy/proxy/proxytest"
	"github.com/astproxy/astproxy/sim"
	"github.com/astproxy/astproxy/sim/simtest"
	"github.com/astproxy/astproxy/upstream"
)

// An administrator's token that has less than his rights makes no administrator, by whatever way in.
//
//astproxy:attack
func TestANarrowedTokenIsNoAdministratorByAnyWayIn(t *testing.T) {
	asterisk := simtest.Start(t, sim.Config{})
	p := proxytest.Start(t, proxytest.Options{
		Servers: []upstream.Config{server("pbx1", asterisk.Addr())},
		Tokens: []access.TokenConfig{
			{Name: "all", User: "user", Hash: access.TokenHash("ALL")},
			{Name: "narrow", User: "user", Hash: access.TokenHash("NARROW"), Write: []string{"user"}},
		},
		HTTP: listen.HTTPConfig{Monitoring: monitor.Admin},
	})
	p.Up(t, "pbx1")
	for _, c := range []struct{ method, path, all, narrow string }{
		{"GET", "/?ProxyAction=ListSessions&format=standard", "ProxyResponse: Success", "Permission denied"},
		{"GET", "/?ProxyAction=ListServers&format=standard", "ProxyListServer", "Permission denied"},
		{"GET", "/?Action=Command&Command=core+show+version&format=standard", "Response: Success", "Permission denied"},
		{"GET", "/api/v1/clients", `"clients":`, "permission_denied"},
		{"GET", "/api/v1/servers", `"address":`, `"connected":`},
		{"POST", "/api/v1/actions/Originate", "asterisk_error", "permission_denied"},
		{"GET", "/metrics", "astproxy_views", "only administrators"},
	} {
		for token, want := range map[string]string{"ALL": c.all, "NARROW": c.narrow} {
			body := answerTo(t, c.method, p.URL+c.path, token)
			if !strings.Contains(body, want) || token == "NARROW" && strings.Contains(body, c.all) {
				t.Errorf("%s with %s: %s", c.path, token, body)
			}
		}
	}
	// A ticket is worth what the token was that got it.
	_, ticket, _ := strings.Cut(answerTo(t, "POST", p.URL+"/api/v1/tickets", "NARROW"), `"ticket":"`)
	ticket, _, _ = strings.Cut(ticket, `"`)
	if body := answerTo(t, "GET", p.URL+"/api/v1/clients?ticket="+ticket, ""); !strings.Contains(body, "permission_denied") {
		t.Errorf("with its ticket: %s", body)
	}
}

func answerTo(t *testing.T, method, url, token string) string {
	t.Helper()
	r, err := http.NewRequestWithContext(t.Context(), method, url, nil)
	if err != nil {
		t.Fatal(err)
	}
	r.Close = true
	if token != "" {
		r.Header.Set("Authorization", "Bearer "+token)
	}
	answer, err := http.DefaultClient.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	defer answer.Body.Close()
	body, err := io.ReadAll(answer.Body)
	if err != nil {
		t.Fatal(err)
	}
	return string(body)
}
