package host_test

import (
	"bufio"
	"context"
	"encoding/json"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/astproxy/astproxy/access"
	"github.com/astproxy/astproxy/ami"
	"github.com/astproxy/astproxy/plugins"
	"github.com/astproxy/astproxy/plugins/host"
	"github.com/astproxy/astproxy/plugins/plugintest"
	"github.com/astproxy/astproxy/proxy/proxytest"
)

// work is one job under a test's control: it tells each progress, and ends when that is closed. An error ends it, too.
type work struct {
	progress chan string
	fail     chan error
}

// worker has the action Work, which begins a job.
func worker(w work) plugins.Kind {
	return kind("worker", func(h plugins.Host) *acting {
		return &acting{actions: []plugins.Action{{
			Name: "Work", Class: ami.ClassOriginate, Summary: "Work for long.", Headers: []plugins.Header{{Name: "Name"}},
			FromDialplan: true,
			Run: func(_ context.Context, by plugins.Caller, m ami.Message) (plugins.Answer, error) {
				job, err := h.NewJob("Work", by, func(ctx context.Context, j plugins.Job) error {
					for {
						select {
						case step, goesOn := <-w.progress:
							if !goesOn {
								j.SetResult(new(ami.Builder).Add("Total", "3"))
								return nil
							}
							j.Tell(new(ami.Builder).Add("Step", step))
						case err := <-w.fail:
							if err == nil {
								panic("at work")
							}
							return err
						case <-ctx.Done():
							return ctx.Err()
						}
					}
				})
				return plugins.Answer{Job: job}, err
			},
		}}}
	})
}

func newWork() work { return work{make(chan string), make(chan error)} }

// users are the administrator user, anna and ben, who see calls and may originate.
func users() []access.UserConfig {
	may := proxytest.May([]string{"call"}, []string{"originate"})
	return []access.UserConfig{proxytest.User(), proxytest.User(proxytest.Named("anna"), may), proxytest.User(proxytest.Named("ben"), may)}
}

// request asks for a path, and returns the status and what is said, as JSON where it is.
func request(t *testing.T, s *plugintest.Stage, user, method, path, kind, body string) (status int, answer map[string]any, text string) {
	t.Helper()
	r, err := http.NewRequestWithContext(t.Context(), method, s.URL+path, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	r.SetBasicAuth(user, proxytest.Secret)
	r.Header.Set("Content-Type", kind)
	response, err := (&http.Client{Transport: &http.Transport{DisableKeepAlives: true}}).Do(r)
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	var all strings.Builder
	if _, err := bufio.NewReader(response.Body).WriteTo(&all); err != nil {
		t.Fatal(err)
	}
	_ = json.Unmarshal([]byte(all.String()), &answer)
	return response.StatusCode, answer, all.String()
}

const asJSON = "application/json"

func TestAJobIsAnsweredAtOnceAndToldOfToItsOwner(t *testing.T) {
	w := newWork()
	s := plugintest.Start(t, worker(w), nil, plugintest.Options{Proxy: proxytest.Options{Users: users()}})
	anna, ben, admin := s.Login(t, "anna"), s.Login(t, "ben"), s.Login(t, "user")
	id := anna.Ask("Work", "ActionID: 1").Get("JobID")
	if len(id) < 20 {
		t.Fatalf("its JobID is %q", id)
	}
	w.progress <- "one"
	for _, c := range []*proxytest.Client{anna, admin} {
		if m := c.Event("JobProgress", "JobID: "+id); !proxytest.HasLines(m, "Privilege: originate,all", "JobAction: Work", "Step: one", "Server: pbx1") {
			t.Errorf("the progress is %s", m)
		}
	}
	path := "/api/v1/jobs/" + id
	if status, job, _ := request(t, s, "anna", "GET", path, asJSON, ""); status != 200 || job["status"] != "running" || job["progress"].(map[string]any)["Step"] != "one" ||
		job["user"] != "anna" || job["plugin"] != "worker" || job["action"] != "Work" {
		t.Errorf("%d %v", status, job)
	}
	for _, method := range []string{"GET", "DELETE"} {
		if status, problem, _ := request(t, s, "ben", method, path, asJSON, ""); status != 404 || problem["code"] != "not_found" {
			t.Errorf("somebody else is answered %d %v", status, problem)
		}
	}
	if _, _, list := request(t, s, "ben", "GET", "/api/v1/jobs", asJSON, ""); list != "[]" {
		t.Errorf("somebody else has %s", list)
	}
	for _, user := range []string{"anna", "user"} {
		if _, _, list := request(t, s, user, "GET", "/api/v1/jobs", asJSON, ""); !strings.Contains(list, id) {
			t.Errorf("%s has %s", user, list)
		}
	}
	close(w.progress)
	for _, c := range []*proxytest.Client{anna, admin} {
		if m := c.Event("JobComplete", "JobID: "+id); !proxytest.HasLines(m, "Status: done", "Total: 3") {
			t.Errorf("its end is %s", m)
		}
	}
	if status, job, _ := request(t, s, "anna", "GET", path, asJSON, ""); status != 200 || job["status"] != "done" || job["result"].(map[string]any)["Total"] != "3" {
		t.Errorf("%d %v", status, job)
	}
	for _, m := range ben.Settle() {
		if strings.HasPrefix(m.Event(), "Job") {
			t.Errorf("somebody else is told %s", m)
		}
	}
}

func TestAClientThatWaitsIsAnsweredAtTheEndOfTheJob(t *testing.T) {
	w := newWork()
	s := plugintest.Start(t, worker(w), nil, plugintest.Options{Proxy: proxytest.Options{Users: users()}})
	c := s.Login(t, "anna")
	c.Send("Work", "ActionID: 1", "Wait: yes")
	w.progress <- "one"
	if m := c.Ask("Ping", "ActionID: 2"); m.ActionID() != "2" {
		t.Errorf("first comes %s", m)
	}
	w.fail <- plugins.Refuse("no_more", "There is no more of it")
	if m := c.Response(); !proxytest.HasLines(m, "Response: Error", "ActionID: 1", "Code: no_more", "Message: There is no more of it") || m.Get("JobID") == "" {
		t.Errorf("the answer is %s", m)
	}
	if m := c.Event("JobComplete"); !proxytest.HasLines(m, "Status: failed", "Code: no_more") {
		t.Errorf("its end is %s", m)
	}
	answer := make(chan map[string]any)
	go func() {
		_, a, _ := request(t, s, "anna", "POST", "/api/v1/actions/Work", asJSON, `{"Wait":true}`)
		answer <- a
	}()
	w.progress <- "two"
	w.fail <- nil // it panics
	if a := await(t, answer, "the answer"); a["code"] != "failed" {
		t.Errorf("what has panicked is answered with %v", a)
	}
	go func() {
		_, a, _ := request(t, s, "anna", "POST", "/api/v1/actions/Work", asJSON, `{"Wait":true}`)
		answer <- a
	}()
	w.progress <- "three"
	close(w.progress)
	if a := await(t, answer, "the answer"); a["response"].(map[string]any)["Total"] != "3" {
		t.Errorf("what has ended well is answered with %v", a)
	}
}

func TestAJobIsFollowedAndCancelledByHTTP(t *testing.T) {
	w := newWork()
	s := plugintest.Start(t, worker(w), nil, plugintest.Options{Proxy: proxytest.Options{Users: users()}})
	_, begun, _ := request(t, s, "anna", "POST", "/api/v1/actions/Work", asJSON, "")
	path := "/api/v1/jobs/" + begun["response"].(map[string]any)["JobID"].(string)
	r, _ := http.NewRequestWithContext(t.Context(), http.MethodGet, s.URL+path+"/events", nil)
	r.SetBasicAuth("anna", proxytest.Secret)
	response, err := (&http.Client{Transport: &http.Transport{DisableKeepAlives: true}}).Do(r)
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	if kind := response.Header.Get("Content-Type"); kind != "text/event-stream" {
		t.Errorf("it is %s", kind)
	}
	lines := bufio.NewScanner(response.Body)
	expect := func(has ...string) {
		t.Helper()
		text := ""
		for lines.Scan() && lines.Text() != "" {
			text += lines.Text() + "\n"
		}
		for _, part := range has {
			if !strings.Contains(text, part) {
				t.Errorf("there is no %s in %s", part, text)
			}
		}
	}
	expect("event: progress", `"status":"running"`)
	w.progress <- "one"
	expect("event: progress", `"Step":"one"`)
	if status, job, _ := request(t, s, "anna", "DELETE", path, asJSON, ""); status != 202 || job["id"] != begun["response"].(map[string]any)["JobID"] {
		t.Errorf("%d %v", status, job)
	}
	for lines.Scan() {
		if lines.Text() == "event: complete" {
			break
		}
	}
	expect(`"status":"cancelled"`, `"code":"cancelled"`)
	if lines.Scan() {
		t.Errorf("behind it comes %s", lines.Text())
	}
	if status, _, _ := request(t, s, "anna", "PUT", path, asJSON, ""); status != 405 {
		t.Errorf("another method is answered %d", status)
	}
}

//astproxy:attack
func TestJobsAreBoundedAndForgotten(t *testing.T) {
	w := newWork()
	clock := plugintest.NewClock()
	configs := users()
	configs[1].MaxPluginActions = 2
	s := plugintest.Start(t, worker(w), nil, plugintest.Options{Proxy: proxytest.Options{Users: configs}, Host: host.Options{Clock: clock}})
	c := s.Login(t, "anna")
	id := c.Ask("Work").Get("JobID")
	c.Ask("Work")
	if m := c.Ask("Work"); !proxytest.HasLines(m, "Code: too_many", "Message: Too many jobs at once: 2 are allowed") {
		t.Errorf("one more is answered with %s", m)
	}
	if m := s.Login(t, "ben").Ask("Work"); m.Response() != "Success" {
		t.Errorf("another's is answered with %s", m)
	}
	close(w.progress)
	for range 2 {
		c.Event("JobComplete")
	}
	path := "/api/v1/jobs/" + id
	clock.Advance(time.Hour)
	if status, _, _ := request(t, s, "anna", "GET", path, asJSON, ""); status != 200 {
		t.Errorf("within an hour it is answered %d", status)
	}
	clock.Advance(time.Second)
	if status, _, _ := request(t, s, "anna", "GET", path, asJSON, ""); status != 404 {
		t.Errorf("later it is answered %d", status)
	}
}

func TestAJobEndsWithItsPlugin(t *testing.T) {
	s := plugintest.Start(t, worker(newWork()), nil, plugintest.Options{Proxy: proxytest.Options{Users: users()}})
	c := s.Login(t, "anna")
	c.Send("Work", "ActionID: 1", "Wait: yes")
	for { // until it has begun
		if _, _, list := request(t, s, "anna", "GET", "/api/v1/jobs", asJSON, ""); list != "[]" {
			break
		}
	}
	change, err := s.Host.Prepare(nil)
	if err != nil {
		t.Fatal(err)
	}
	s.Host.Apply(change)
	if m := c.Response(); !proxytest.HasLines(m, "ActionID: 1", "Code: cancelled") {
		t.Errorf("who waits is answered with %s", m)
	}
	if m := c.Event("JobComplete"); !proxytest.HasLines(m, "Status: failed", "Code: cancelled") {
		t.Errorf("its end is %s", m)
	}
}

// A token that may do nothing is no way to its user's jobs, and who is removed hears no more of his.
//
//astproxy:attack
func TestAJobIsNotThatOfATokenThatMayLessNorOfWhoIsRemoved(t *testing.T) {
	w, tokens := newWork(), []access.TokenConfig{
		{Name: "wallboard", User: "anna", Hash: access.TokenHash("looks"), Write: []string{}},
		{Name: "dialler", User: "anna", Hash: access.TokenHash("dials")},
	}
	s := plugintest.Start(t, worker(w), nil, plugintest.Options{Proxy: proxytest.Options{Users: users(), Tokens: tokens}})
	_, begun, _ := request(t, s, "anna", "POST", "/api/v1/actions/Work", asJSON, "")
	path := "/api/v1/jobs/" + begun["response"].(map[string]any)["JobID"].(string)
	by := func(token, method, path string) *http.Response {
		r, _ := http.NewRequestWithContext(t.Context(), method, s.URL+path, nil)
		r.Header.Set("Authorization", "Bearer "+token)
		response, err := (&http.Client{Transport: &http.Transport{DisableKeepAlives: true}}).Do(r)
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { response.Body.Close() })
		return response
	}
	for _, c := range []struct{ method, path string }{{"GET", path}, {"GET", path + "/events"}, {"DELETE", path}} {
		if r := by("looks", c.method, c.path); r.StatusCode != http.StatusNotFound { //nolint:bodyclose // by closes it
			t.Errorf("%s %s by a token that may nothing: %d", c.method, c.path, r.StatusCode)
		}
	}
	if t.Failed() {
		return // the job was cancelled
	}
	followed := by("dials", "GET", path+"/events") //nolint:bodyclose // by closes it
	lines := bufio.NewScanner(followed.Body)
	for lines.Scan() && lines.Text() != "" { // as it is
	}
	s.SetUsers(t, users()[0], users()[2])
	w.progress <- "secret"
	for lines.Scan() {
		if strings.Contains(lines.Text(), "secret") {
			t.Errorf("who is removed is told %s", lines.Text())
		}
	}
	close(w.progress)
}
