package api_test

import "testing"

func TestEveryServerIsAskedAtTheSameTime(t *testing.T) {
	one, oneConfig := asterisk(t, "pbx1")
	two, twoConfig := asterisk(t, "pbx2")
	s := newStage(t, oneConfig, absent(t, "down"), twoConfig)
	s.proxy.Up(t, "pbx1")
	s.proxy.Up(t, "pbx2")
	releaseOne, releaseTwo := one.HoldReplies("QueueSummary"), two.HoldReplies("QueueSummary")
	defer releaseOne()
	defer releaseTwo()
	merged := make(chan answer)
	go func() { merged <- s.ask(t, run("QueueSummary", `{"Server":"*","ActionID":"mine"}`)) }()
	await(t, one, "QueueSummary")
	await(t, two, "QueueSummary")
	releaseTwo()
	releaseOne()
	a := <-merged
	if a.status != 200 || length(a.value["responses"]) != 2 || length(a.value["completes"]) != 2 || length(a.value["items"]) != 4 {
		t.Fatalf("got %d %s", a.status, a.body)
	}
	for i, server := range []string{"pbx1", "pbx1", "pbx2", "pbx2"} {
		if get(a.value, "items", i, "Server") != server || get(a.value, "items", i, "ActionID") != "mine" {
			t.Errorf("item %d is %v", i, get(a.value, "items", i))
		}
	}
	if length(a.value["failed"]) != 1 || get(a.value, "failed", 0, "server") != "down" ||
		get(a.value, "failed", 0, "code") != "server_down" || get(a.value, "failed", 0, "may_have_happened") != false {
		t.Errorf("what failed is %v", a.value["failed"])
	}
}

func TestWhatOneServerRefusesIsToldBesideTheOthersAnswers(t *testing.T) {
	one, oneConfig := asterisk(t, "pbx1")
	_, twoConfig := asterisk(t, "pbx2")
	s := newStage(t, oneConfig, twoConfig)
	s.proxy.Up(t, "pbx1")
	s.proxy.Up(t, "pbx2")
	one.ShuttingDown(true)
	a := s.ask(t, run("CoreStatus", `{"Server":"*"}`))
	if a.status != 200 || length(a.value["responses"]) != 1 || get(a.value, "responses", 0, "Server") != "pbx2" ||
		get(a.value, "failed", 0, "server") != "pbx1" || get(a.value, "failed", 0, "code") != "asterisk_error" ||
		get(a.value, "failed", 0, "response", "Response") != "Error" {
		t.Errorf("got %d %s", a.status, a.body)
	}
}

func TestWhenNoServerAnswersWellItIsTheirProblem(t *testing.T) {
	_, config := asterisk(t, "pbx1")
	s := newStage(t, config, absent(t, "down"))
	s.proxy.Up(t, "pbx1")
	for _, c := range []struct {
		action, body string
		status       int
		code         string
	}{
		{"DBGet", `{"Server":"*","Family":"none","Key":"none"}`, 502, "server_down"}, // the gravest
		{"NoSuchAction", `{"Server":"*"}`, 502, "server_down"},
	} {
		a := s.ask(t, run(c.action, c.body))
		if a.status != c.status || a.code() != c.code || length(a.value["failed"]) != 2 || get(a.value, "failed", 0, "server") != "pbx1" {
			t.Errorf("%s: %d %s", c.action, a.status, a.body)
		}
	}
	nobody := run("Command", `{"Server":"*","Command":"core show version"}`)
	nobody.user = "nobody"
	if a := s.ask(t, nobody); a.value["may_have_happened"] != false || get(a.value, "failed", 0, "code") != "permission_denied" {
		t.Errorf("who may not: %d %s", a.status, a.body)
	}
}
