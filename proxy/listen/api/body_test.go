package api_test

import (
	"bufio"
	"fmt"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/astproxy/astproxy/proxy/proxytest"
)

// askWithoutItsBody announces a body and does not send it.
func (s *stage) askWithoutItsBody(t *testing.T) answer {
	t.Helper()
	return s.announce(t, request{method: "POST", path: "/api/v1/actions/Ping", user: "user"}.make(t, s.url))
}

// announce sends the headers of a request with a body that never comes, and reads until the proxy
// closes the connection.
func (s *stage) announce(t *testing.T, q *http.Request) answer {
	t.Helper()
	conn, err := net.Dial("tcp", strings.TrimPrefix(s.url, "http://"))
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	conn.SetDeadline(time.Now().Add(proxytest.Patience))
	fmt.Fprintf(conn, "%s %s HTTP/1.1\r\nHost: %s\r\nAuthorization: %s\r\nContent-Type: application/json\r\nContent-Length: 20\r\n\r\n{",
		q.Method, q.URL.Path, q.URL.Host, q.Header.Get("Authorization"))
	reader := bufio.NewReader(conn)
	response, err := http.ReadResponse(reader, q)
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	a := read(t, q, response)
	if _, err := reader.ReadByte(); err == nil {
		t.Error("the connection is not closed")
	}
	return a
}

func TestABodyThatNeverComesHoldsNobodyAndEnds(t *testing.T) {
	_, config := asterisk(t, "pbx1")
	s := newStage(t, config)
	s.proxy.Up(t, "pbx1")
	s.api.SetBodyTimeout(time.Millisecond)
	for _, c := range []struct {
		path, user string
		status     int
		code       string
	}{
		{"/api/v1/actions/Ping", "user", 408, "body_timed_out"},
		{"/api/v1/actions/Ping", "", 401, "login_required"}, // who has not logged in holds nothing either
		{"/api/v1/tickets", "user", 201, ""},
	} {
		if a := s.announce(t, request{method: "POST", path: c.path, user: c.user}.make(t, s.url)); a.status != c.status || a.code() != c.code {
			t.Errorf("%s of %q: %d %s", c.path, c.user, a.status, a.body)
		}
	}
	if a := s.ask(t, run("Ping", "")); a.status != 200 {
		t.Errorf("another's is answered with %d %s", a.status, a.body)
	}
}

//astproxy:attack
func TestWhatCannotBeAnActionIsRefusedAndNothingIsSent(t *testing.T) {
	pbx, config := asterisk(t, "pbx1")
	s := newStage(t, config)
	s.proxy.Up(t, "pbx1")
	c := s.proxy.Login(t, "user")
	before := pbx.Received()
	for _, r := range []request{
		run("UserEvent", `[{"UserEvent":"x"}]`),
		run("UserEvent", `{"UserEvent":"x"}{}`),
		run("UserEvent", `{"UserEvent":"x\r\nAction: Reload"}`),
		run("UserEvent", `{"UserEvent":"x\nAction: Reload"}`),
		run("UserEvent", `{"UserEvent":"x\u0000"}`),
		run("UserEvent", `{"User\nEvent":"x"}`),
		run("UserEvent", "{\"UserEvent\":\"\xff\"}"),
		run("UserEvent", `{"UserEvent":null}`),
		run("UserEvent", `{"UserEvent":{"a":"b"}}`),
		run("UserEvent", `{"UserEvent":"x","userevent":"y"}`),
		run("UserEvent", `{"Action":"Reload"}`),
		run("UserEvent", `{"Action":["UserEvent","Reload"]}`),
		run("UserEvent", `{"A":"`+strings.Repeat("x", 1100)+`"}`),
		run("UserEvent", `{"A":[`+strings.Repeat(`"x",`, 127)+`"x"]}`), // and Action are 129
		run("UserEvent", `{"A":[`+strings.Repeat(`"x",`, 1000)+`"x"]}`),
		run("UserEvent", `{"A":`+strings.Repeat(`[`, 100_000)),
		run("UserEvent%0d%0aX:%20y", ``),
		run("UserEvent%00", ``),
		run("%ff", ``),
		run("%20", ``),
		run(strings.Repeat("x", 1100), ``),
		run("WaitEvent", ``),
		run("Login", `{"Username":"user","Secret":"hunter2"}`),
	} {
		if a := s.ask(t, r); a.status != 400 || a.code() != "invalid_action" || a.value["may_have_happened"] != false {
			t.Errorf("%.60s %.60s: %d %s", r.path, r.body, a.status, a.body)
		}
	}
	c.Settle()
	for _, m := range pbx.Received()[len(before):] {
		if m.Action() != "Ping" {
			t.Errorf("sent: %s", m)
		}
	}
}

//astproxy:attack
func TestTheContentTypeIsJSONOrThereIsNoContent(t *testing.T) {
	_, config := asterisk(t, "pbx1")
	s := newStage(t, config)
	s.proxy.Up(t, "pbx1")
	for _, c := range []struct {
		kind, encoding, body string
		status               int
	}{
		{"application/json", "", "{}", 200},
		{"application/json; charset=utf-8", "", `{"ActionID":1}`, 200},
		{"application/json", "", " \r\n", 200},
		{"application/x-www-form-urlencoded", "", "", 200}, // curl -d ''
		{"application/x-www-form-urlencoded", "", "{}", 415},
		{"text/plain", "", "{}", 415}, // what a page of another site could send unasked
		{"application/json; charset=utf-16", "", "{}", 415},
		{"application/json", "gzip", "{}", 415},
		{"", "", "{}", 415},
	} {
		r := run("Ping", c.body).with("Content-Type", c.kind)
		if c.encoding != "" {
			r = r.with("Content-Encoding", c.encoding)
		}
		a := s.ask(t, r)
		if a.status != c.status || (a.status == 415) != (a.header.Get("Accept") != "") {
			t.Errorf("%s %s %q: %d %s", c.kind, c.encoding, c.body, a.status, a.body)
		}
	}
}

// deadlines is a connection as a handler sees it, that remembers when it is to be read no longer.
type deadlines struct {
	*httptest.ResponseRecorder
	latest time.Time
}

func (d *deadlines) SetReadDeadline(at time.Time) error {
	d.latest = at
	return nil
}

func TestAnActionMayTakeLongerThanItsBody(t *testing.T) {
	_, config := asterisk(t, "pbx1")
	s := newStage(t, config)
	s.proxy.Up(t, "pbx1")
	w := &deadlines{ResponseRecorder: httptest.NewRecorder()}
	s.api.ServeHTTP(w, run("Ping", "{}").make(t, s.url))
	if w.Code != 200 || !w.latest.IsZero() {
		t.Errorf("%d, the connection is read until %v", w.Code, w.latest)
	}
	w = &deadlines{ResponseRecorder: httptest.NewRecorder()}
	nobody := run("Ping", "{}")
	nobody.user = ""
	s.api.ServeHTTP(w, nobody.make(t, s.url))
	if w.Code != 401 || w.latest.IsZero() {
		t.Errorf("who has not logged in: %d, the body may take for ever", w.Code)
	}
}
