package api_test

import "testing"

func TestABrowserIsToldWhichPagesMayAsk(t *testing.T) {
	_, config := asterisk(t, "pbx1")
	s := newStage(t, config)
	preflight := func(path, origin string) answer {
		t.Helper()
		return s.ask(t, request{method: "OPTIONS", path: path}.with("Origin", origin).
			with("Access-Control-Request-Method", "POST").with("Access-Control-Request-Headers", "authorization, content-type"))
	}
	a := preflight("/api/v1/actions/Ping", panel)
	for name, want := range map[string]string{
		"Access-Control-Allow-Origin":      panel,
		"Access-Control-Allow-Credentials": "true",
		"Access-Control-Allow-Methods":     "POST",
		"Access-Control-Allow-Headers":     "Authorization, Content-Type",
		"Vary":                             "Origin",
	} {
		if a.status != 204 || a.header.Get(name) != want {
			t.Errorf("%d, %s is %q, want %q", a.status, name, a.header.Get(name), want)
		}
	}
	for _, origin := range []string{"https://elsewhere.example.org", "http://panel.example.org", panel + ".evil.example", "null"} {
		a := preflight("/api/v1/actions/Ping", origin)
		if a.status != 403 || a.code() != "cross_site" || a.header.Get("Access-Control-Allow-Origin") != "" {
			t.Errorf("%s: %d %v", origin, a.status, a.header)
		}
	}
	if a := s.ask(t, request{method: "OPTIONS", path: "/api/v1/servers"}); a.status != 204 || a.header.Get("Allow") != "GET, OPTIONS" {
		t.Errorf("who is no page: %d %v", a.status, a.header)
	}
}

func TestAPageReadsWhatItMayAndNoOther(t *testing.T) {
	_, config := asterisk(t, "pbx1")
	s := newStage(t, config)
	s.proxy.Up(t, "pbx1")
	if a := s.ask(t, run("Ping", "").with("Origin", panel)); a.status != 200 || a.header.Get("Access-Control-Allow-Origin") != panel {
		t.Errorf("its answer: %d %v", a.status, a.header)
	}
	if a := s.ask(t, request{method: "GET", path: "/api/v1/servers"}.with("Origin", panel)); a.status != 401 || a.header.Get("Access-Control-Allow-Origin") != panel {
		t.Errorf("its problem: %d %v", a.status, a.header)
	}
	if a := s.ask(t, run("Ping", "").with("Origin", "https://elsewhere.example.org")); a.status != 403 || a.code() != "cross_site" ||
		a.header.Get("Access-Control-Allow-Origin") != "" {
		t.Errorf("another's: %d %v", a.status, a.header)
	}
}
