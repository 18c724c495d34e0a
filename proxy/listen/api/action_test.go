package api_test

import (
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"

	"github.com/astproxy/astproxy/proxy/proxytest"
)

func TestAListComesBackWhole(t *testing.T) {
	_, config := asterisk(t, "pbx1")
	s := newStage(t, config)
	s.proxy.Up(t, "pbx1")
	a := s.ask(t, run("QueueStatus", `{"ActionID":"mine","Queue":"support"}`))
	if a.status != 200 || get(a.value, "response", "Response") != "Success" || get(a.value, "response", "ActionID") != "mine" {
		t.Errorf("got %d %s", a.status, a.body)
	}
	if get(a.value, "items", 0, "Event") != "QueueParams" || get(a.value, "items", 0, "Server") != "pbx1" {
		t.Errorf("the list is %v", a.value["items"])
	}
	if get(a.value, "complete", "Event") != "QueueStatusComplete" {
		t.Errorf("its end is %v", a.value["complete"])
	}
	if a.header.Get("Content-Type") != "application/json" || a.header.Get("Cache-Control") != "no-store" {
		t.Errorf("its headers are %v", a.header)
	}
	if a := s.ask(t, run("ping", "")); a.value["complete"] != nil || length(a.value["items"]) != 0 || get(a.value, "response", "Ping") != "Pong" {
		t.Errorf("what is no list: %s", a.body)
	}
	if a := s.ask(t, run("Command", `{"Command":"core show version"}`)); length(get(a.value, "response", "Output")) != 1 {
		t.Errorf("a Command's output: %s", a.body)
	}
}

func TestJSONBecomesTheHeadersOfTheAction(t *testing.T) {
	pbx, config := asterisk(t, "pbx1")
	s := newStage(t, config)
	s.proxy.Up(t, "pbx1")
	s.ask(t, run("userevent", `{"action":"UserEvent","UserEvent":"x","Username":"theirs","Number":1,"True":true,"Many":["a","b"],"Variable":{"v":"1,2"}}`))
	m := await(t, pbx, "UserEvent")
	for _, line := range []string{"UserEvent: x", "Username: theirs", "Number: 1", "True: true", "Many: a", "Many: b", `Variable: v=1\,2`} {
		if !proxytest.HasLines(m, line) {
			t.Errorf("there is no %q in %s", line, m)
		}
	}
	if n := len(slices.Collect(m.Values("Action"))); n != 1 {
		t.Errorf("%d actions in %s", n, m)
	}
}

func TestAsterisksOwnErrorComesWithItsAnswer(t *testing.T) {
	_, config := asterisk(t, "pbx1")
	s := newStage(t, config)
	s.proxy.Up(t, "pbx1")
	a := s.ask(t, run("DBGet", `{"Family":"none","Key":"none","ActionID":7}`))
	if a.status != 422 || a.code() != "asterisk_error" || a.header.Get("Content-Type") != "application/problem+json" ||
		get(a.value, "response", "Response") != "Error" || get(a.value, "response", "ActionID") != "7" ||
		a.value["detail"] != get(a.value, "response", "Message") || a.value["may_have_happened"] != true {
		t.Errorf("got %d %s", a.status, a.body)
	}
}

func TestWhatMayHaveHappenedIsTold(t *testing.T) {
	pbx, config := asterisk(t, "pbx1")
	s := newStage(t, config, absent(t, "down"))
	s.proxy.Up(t, "pbx1")
	if a := s.ask(t, run("Ping", `{"Server":"down"}`)); a.status != 502 || a.value["may_have_happened"] != false || a.header.Get("Retry-After") == "" {
		t.Errorf("not sent: %d %v %s", a.status, a.header, a.body)
	}
	release := pbx.HoldReplies("DBPut")
	defer release()
	lost := make(chan answer)
	go func() { lost <- s.ask(t, run("DBPut", `{"Family":"a","Key":"b","Val":"c"}`)) }()
	await(t, pbx, "DBPut")
	pbx.Disconnect()
	if a := <-lost; a.status != 502 || a.code() != "outcome_unknown" || a.value["may_have_happened"] != true || a.header.Get("Retry-After") != "" {
		t.Errorf("sent: %d %v %s", a.status, a.header, a.body)
	}
}

func TestASlowServerHoldsNoRequestToAnother(t *testing.T) {
	slow, slowConfig := asterisk(t, "slow")
	_, config := asterisk(t, "pbx1")
	s := newStage(t, slowConfig, config)
	s.proxy.Up(t, "slow")
	s.proxy.Up(t, "pbx1")
	release := slow.HoldReplies("DBGet")
	defer release()
	held := make(chan answer)
	go func() { held <- s.ask(t, run("DBGet", `{"Server":"slow","Family":"a","Key":"b"}`)) }()
	await(t, slow, "DBGet")
	for range 20 {
		if a := s.ask(t, run("Ping", `{"Server":"pbx1"}`)); a.status != 200 {
			t.Fatalf("got %d %s", a.status, a.body)
		}
	}
	select {
	case a := <-held:
		t.Errorf("the slow one is answered with %s", a.body)
	default:
	}
	release()
	if a := <-held; a.status != 422 {
		t.Errorf("then the slow one is answered with %d %s", a.status, a.body)
	}
}

func TestAClientThatGoesIsNotWaitedFor(t *testing.T) {
	pbx, config := asterisk(t, "pbx1")
	s := newStage(t, config)
	s.proxy.Up(t, "pbx1")
	server := httptest.NewServer(s.api)
	s.url = server.URL
	release := pbx.HoldReplies("DBGet")
	defer release()
	giveUp := s.begin(t, run("DBGet", `{"Family":"a","Key":"b"}`))
	everywhere := s.begin(t, run("DBGet", `{"Server":"*","Family":"a","Key":"b"}`))
	await(t, pbx, "DBGet")
	giveUp()
	everywhere()
	server.Close() // returns when no request is being served
}

func TestAPathThatIsNotThereIsAProblem(t *testing.T) {
	_, config := asterisk(t, "pbx1")
	s := newStage(t, config)
	for _, c := range []struct {
		method, path string
		status       int
		code, allow  string
	}{
		{"GET", "/api", 404, "not_found", ""},
		{"GET", "/api/v1/", 404, "not_found", ""},
		{"POST", "/api/v1/actions/", 404, "not_found", ""},
		{"POST", "/api/v1/actions/a/b", 404, "not_found", ""},
		{"GET", "/api/v1/actions/Ping", 405, "method_not_allowed", "POST, OPTIONS"},
		{"DELETE", "/api/v1/clients", 405, "method_not_allowed", "GET, OPTIONS"},
	} {
		if a := s.ask(t, request{method: c.method, path: c.path, user: "user"}); a.status != c.status || a.code() != c.code || a.header.Get("Allow") != c.allow {
			t.Errorf("%s %s: %d %v %s", c.method, c.path, a.status, a.header, a.body)
		}
	}
}

func TestWhoIsNotLoggedInIsToldHow(t *testing.T) {
	_, config := asterisk(t, "pbx1")
	s := newStage(t, config)
	for _, r := range []request{
		{method: "POST", path: "/api/v1/actions/Ping"},
		{method: "POST", path: "/api/v1/actions/Ping", body: `{"Username":"user","Secret":"hunter2"}`}, // a header, no login
		{method: "GET", path: "/api/v1/servers", user: "user", secret: "wrong"},
	} {
		a := s.ask(t, r)
		if ways := strings.Join(a.header["Www-Authenticate"], " "); a.status != 401 || !strings.Contains(ways, "Basic") || !strings.Contains(ways, "Bearer") {
			t.Errorf("%s: %d %v %s", r.path, a.status, a.header, a.body)
		}
	}
}

func TestTheListenerServesTheAPI(t *testing.T) {
	_, config := asterisk(t, "pbx1")
	s := newStage(t, config)
	s.proxy.Up(t, "pbx1")
	s.url = s.proxy.URL
	if a := s.ask(t, run("Ping", "")); a.status != http.StatusOK {
		t.Errorf("got %d %s", a.status, a.body)
	}
}
