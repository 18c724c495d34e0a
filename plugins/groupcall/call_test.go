package groupcall_test

import (
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/astproxy/astproxy/access"
	"github.com/astproxy/astproxy/ami"
	"github.com/astproxy/astproxy/plugins/groupcall"
	"github.com/astproxy/astproxy/plugins/plugintest"
	"github.com/astproxy/astproxy/proxy/proxytest"
	"github.com/astproxy/astproxy/sim"
)

// start runs the plugin in front of a simulated Asterisk, with limits that no test meets by chance.
func start(t testing.TB, o plugintest.Options, change func(*groupcall.Config)) *plugintest.Stage {
	t.Helper()
	c := groupcall.DefaultConfig()
	c.LegsPerSecond = 100_000
	c.Groups = []groupcall.GroupConfig{{Name: "sales", Description: "Sales", Members: []string{"1001", " 1002", "PJSIP/101", "1001"}}}
	if change != nil {
		change(c)
	}
	return plugintest.Start(t, groupcall.Kind, c, o)
}

// begin begins a group call and returns its JobID.
func begin(t testing.TB, c *proxytest.Client, headers ...string) string {
	t.Helper()
	m := c.Ask("GroupOriginate", headers...)
	if m.Response() != "Success" {
		t.Fatalf("the call is refused: %s", m)
	}
	return m.Get("JobID")
}

// leg awaits that a leg is told to be in a state.
func leg(c *proxytest.Client, destination, state string) {
	c.Event("GroupLeg", "Destination: "+destination, "State: "+state)
}

func destinations(numbers ...string) (headers []string) {
	for _, n := range numbers {
		headers = append(headers, "Destination: "+n)
	}
	return headers
}

func TestAGroupIsCalledIntoAConference(t *testing.T) {
	s := start(t, plugintest.Options{}, nil)
	c := s.Login(t, "user")
	m := c.Ask("GroupOriginate", "Group: sales", "Conference: 600", "ActionID: 1")
	if !proxytest.HasLines(m, "Response: Success", "ActionID: 1", "Message: Group call begun", "Legs: 3", "Excluded: 0") {
		t.Fatalf("the answer is %s", m)
	}
	for _, d := range []string{"1001", "1002", "PJSIP/101"} {
		for _, state := range []string{"queued", "dialing", "answered", "joined"} {
			leg(c, d, state)
		}
	}
	done := c.Event("GroupComplete")
	if !proxytest.HasLines(done, "Privilege: call,all", "JobID: "+m.Get("JobID"), "Group: sales", "Conference: 600", "Total: 3", "Joined: 3", "Failed: 0", "Server: pbx1") {
		t.Errorf("the end is %s", done)
	}
	if done := c.Event("JobComplete"); !proxytest.HasLines(done, "JobID: "+m.Get("JobID"), "Status: done", "Joined: 3") {
		t.Errorf("the job's end is %s", done)
	}
	room := c.List("2", "ConfbridgeList", "Conference: 600")
	if len(room) != 5 {
		t.Errorf("in the conference are %v", room)
	}
	status := c.List("3", "GroupStatus", "JobID: "+m.Get("JobID"))
	if len(status) != 5 || !proxytest.HasLines(status[1], "Event: GroupStatus", "Leg: 1", "Destination: 1001", "State: joined", "Attempt: 1") {
		t.Errorf("the status is %v", status)
	}
	c.Ask("GroupCancel", "JobID: "+m.Get("JobID"))
	for range 3 {
		c.Event("GroupLeg", "State: left", "Reason: cancelled")
	}
	if again := c.Ask("GroupCancel", "JobID: "+m.Get("JobID")); again.Response() != "Success" {
		t.Errorf("a second time: %s", again)
	}
	if c.List("4", "CoreShowChannels")[0].Response() == "Error" {
		t.Error("no list of channels")
	}
}

func TestEachLegEndsAsItDoes(t *testing.T) {
	s := start(t, plugintest.Options{}, nil)
	c := s.Login(t, "user")
	c.Send("GroupOriginate", append(destinations("1001", "2001", "3001", "5999", "PJSIP/301"),
		"Timeout: 2000", "Context: default", "Exten: ring", "Wait: yes")...)
	leg(c, "1001", "answered")
	leg(c, "2001", "ringing")
	leg(c, "2001", "noanswer")
	leg(c, "3001", "busy")
	leg(c, "PJSIP/301", "busy")
	leg(c, "5999", "failed")
	m := c.Response()
	if !proxytest.HasLines(m, "Response: Success", "Total: 5", "Answered: 1", "Busy: 2", "NoAnswer: 1", "Failed: 1") {
		t.Errorf("the answer is %s", m)
	}
}

func TestTheFirstToAnswerEndsTheOthers(t *testing.T) {
	s := start(t, plugintest.Options{}, nil)
	c := s.Login(t, "user")
	c.Send("GroupOriginate", append(destinations("2001", "2002", "1001", "2003"), "Mode: first", "Conference: 600", "Wait: yes")...)
	m := c.Response()
	if !proxytest.HasLines(m, "Joined: 1", "Cancelled: 3", "Winner: 1001") {
		t.Errorf("the answer is %s", m)
	}
	if list := c.List("1", "CoreShowChannels"); len(list) != 4 {
		t.Errorf("left are %v", list)
	}
}

func TestOfManyThatAnswerAtOnceOneIsLeft(t *testing.T) {
	s := start(t, plugintest.Options{}, nil)
	c := s.Login(t, "user")
	var numbers []string
	for i := range 20 {
		numbers = append(numbers, fmt.Sprint(1000+i))
	}
	c.Send("GroupOriginate", append(destinations(numbers...), "Mode: first", "Conference: 600", "Wait: yes")...)
	if m := c.Response(); !proxytest.HasLines(m, "Joined: 1", "Cancelled: 19") {
		t.Errorf("the answer is %s", m)
	}
	if list := c.List("1", "CoreShowChannels"); len(list) != 4 {
		t.Errorf("left are %v", list)
	}
}

func TestACallThatIsCancelledWhileItRingsLeavesNoChannel(t *testing.T) {
	s := start(t, plugintest.Options{Asterisk: sim.Config{OriginateDelay: 5 * time.Millisecond}}, nil)
	c := s.Login(t, "user")
	id := begin(t, c, append(destinations("2001", "2002", "1001"), "Conference: 600")...)
	c.Ask("GroupCancel", "JobID: "+id) // perhaps before there is any channel
	if m := c.Event("GroupComplete"); !proxytest.HasLines(m, "Total: 3", "Ringing: 0", "Dialing: 0", "Joined: 0") {
		t.Errorf("the end is %s", m)
	}
	if list := c.List("1", "CoreShowChannels"); len(list) != 2 {
		t.Errorf("left are %v", list)
	}
}

func TestACallIsCancelledAsTheJobThatItIs(t *testing.T) {
	s := start(t, plugintest.Options{}, nil)
	c := s.Login(t, "user")
	id := begin(t, c, append(destinations("2001", "2002"), "Conference: 600")...)
	leg(c, "2001", "ringing")
	r, err := http.NewRequestWithContext(t.Context(), http.MethodDelete, s.URL+"/api/v1/jobs/"+id, http.NoBody)
	if err != nil {
		t.Fatal(err)
	}
	r.SetBasicAuth("user", proxytest.Secret)
	answer, err := http.DefaultClient.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	answer.Body.Close()
	if answer.StatusCode != http.StatusAccepted {
		t.Errorf("the answer is %s", answer.Status)
	}
	if m := c.Event("GroupComplete"); !proxytest.HasLines(m, "Total: 2", "Cancelled: 2") {
		t.Errorf("the end is %s", m)
	}
	if list := c.List("1", "CoreShowChannels"); len(list) != 2 {
		t.Errorf("left are %v", list)
	}
}

func TestWhoHasAnsweredStaysIfTheCallIsCancelledSo(t *testing.T) {
	s := start(t, plugintest.Options{}, nil)
	c := s.Login(t, "user")
	id := begin(t, c, append(destinations("2001", "1001"), "Conference: 600")...)
	leg(c, "1001", "joined")
	c.Ask("GroupCancel", "JobID: "+id, "KeepAnswered: yes")
	if m := c.Event("GroupComplete"); !proxytest.HasLines(m, "Joined: 1", "Cancelled: 1") {
		t.Errorf("the end is %s", m)
	}
}

func TestWhoIsThereAlreadyAndWhoIsExcludedIsNotCalled(t *testing.T) {
	s := start(t, plugintest.Options{}, nil)
	c := s.Login(t, "user")
	c.Ask("Originate", "Async: true", "Channel: PJSIP/101", "Application: ConfBridge", "Data: 600", "ActionID: 1")
	c.Event("ConfbridgeJoin")
	m := c.Ask("GroupOriginate", "Group: sales", "Conference: 600", "Exclude: 1002")
	if !proxytest.HasLines(m, "Legs: 1", "Excluded: 2") {
		t.Fatalf("the answer is %s", m)
	}
	leg(c, "1001", "joined")
	if m := c.Ask("GroupOriginate", "Group: sales", "Conference: 600", "Exclude: Local/1002@default"); m.Get("Code") != groupcall.CodeNobody {
		t.Errorf("a second time: %s", m)
	}
}

//astproxy:attack
func TestBadInputIsAnErrorWithACode(t *testing.T) {
	s := start(t, plugintest.Options{}, func(c *groupcall.Config) {
		c.GroupSize = 20
		c.Groups = append(c.Groups, groupcall.GroupConfig{Name: "nobody", Members: []string{}})
		c.Files = []groupcall.FileConfig{{Path: "testdata/groups.csv"}}
	})
	c := s.Login(t, "user")
	for _, wrong := range []struct{ code, headers string }{
		{"missing_header", "Conference: 600"},
		{"missing_header", "Group: sales"},
		{"missing_header", "Group: sales|Exten: 100"},
		{"invalid_header", "Group: sales|Destination: 1|Conference: 600"},
		{"invalid_header", "Group: sales|Conference: 600|Application: Echo"},
		{"invalid_header", "Group: sales|Conference: 600|Data: x"},
		{"invalid_header", "Group: sales|Conference: 600,x"},
		{"invalid_header", "Group: sales|Application: Echo|Context: x"},
		{"invalid_header", "Group: sales|Conference: 600|Mode: some"},
		{"invalid_header", "Group: sales|Conference: 600|Timeout: 0"},
		{"invalid_header", "Group: sales|Conference: 600|Timeout: 30s"},
		{"invalid_header", "Group: sales|Conference: 600|Timeout: 99999999999999999999"},
		{"invalid_header", "Group: sales|Conference: 600|Retries: -1"},
		{"invalid_header", "Group: sales|Conference: 600|RetryOn: failed"},
		{"invalid_header", "Group: sales|Conference: 600|Mode: all|Mode: first"},
		{"unknown_header", "Group: sales|Conference: 600|Codec: x"},
		{"unknown_group", "Group: Sales|Conference: 600"},
		{"empty_group", "Group: nobody|Conference: 600"},
		{"too_many_destinations", "Group: large|Conference: 600"},
		{"invalid_destination", "Destination: 1001,1002|Conference: 600"},
		{"invalid_destination", "Destination: PJSIP/101&PJSIP/102|Conference: 600"},
		{"invalid_destination", "Destination: PJSIP/101,30|Conference: 600"},
		{"invalid_destination", "Destination: Local/1001|Conference: 600"},
		{"invalid_destination", "Destination: Local/${EXTEN}@default|Conference: 600"},
		{"invalid_destination", "Destination: 1001@default|Conference: 600"},
		{"invalid_destination", "Destination: 10 01|Conference: 600"},
		{"invalid_destination", "Destination: /101|Conference: 600"},
		{"invalid_destination", "Destination: PJSIP/|Conference: 600"},
		{"invalid_destination", "Destination: " + strings.Repeat("1", 300) + "|Conference: 600"},
		{"nobody_to_call", "Destination: 1001|Exclude: 1001|Conference: 600"},
		{"invalid_destination", "Destination: 1001|Exclude: a,b|Conference: 600"},
	} {
		m := c.Ask("GroupOriginate", strings.Split(wrong.headers, "|")...)
		if m.Response() != "Error" || m.Get("Code") != wrong.code || m.Get("Message") == "" {
			t.Errorf("%s is answered with %s, want the code %s", wrong.headers, m, wrong.code)
		}
	}
	for _, action := range []string{"GroupCancel", "GroupStatus"} {
		if m := c.Ask(action, "JobID: x"); m.Get("Code") != groupcall.CodeUnknownJob {
			t.Errorf("%s of nothing: %s", action, m)
		}
	}
	if m := c.Ask("GroupShow", "Group: x"); m.Get("Code") != groupcall.CodeUnknownGroup {
		t.Errorf("an unknown group is shown: %s", m)
	}
	if received := s.Asterisk.Received(); slices.ContainsFunc(received, func(m ami.Message) bool { return m.Action() == "Originate" }) {
		t.Error("somebody was called")
	}
}

//astproxy:attack
func TestWhatAUserMayNotOriginateHeDoesNotCallByAGroup(t *testing.T) {
	user := func(name string, change ...func(*access.UserConfig)) access.UserConfig {
		return proxytest.User(append(change, proxytest.Named(name))...)
	}
	originate := proxytest.May([]string{"call"}, []string{"originate"})
	s := start(t, plugintest.Options{Proxy: proxytest.Options{Users: []access.UserConfig{
		user("user"),
		user("other", originate),
		user("reader", proxytest.May([]string{"call"}, []string{"call"})),
		user("ruled", originate, func(u *access.UserConfig) {
			u.Rules = []access.RuleConfig{{Action: "Originate", Headers: map[string][]string{
				"Channel": {"Local/1???@default"}, "Application": {"ConfBridge"}, "Data": {"600"},
			}}}
		}),
	}}}, nil)
	for _, c := range []struct{ user, headers, refused string }{
		{"reader", "Destination: 1001|Conference: 600", "Permission denied"},
		{"other", "Destination: 1001|Application: System|Data: id", "Originate Access Forbidden: app or data blacklisted: \"1001\""},
		{"other", "Destination: 1001|Application: Echo|Data: ${SHELL(id)}", "Originate Access Forbidden: app or data blacklisted: \"1001\""},
		{"other", "Destination: 1001|Conference: 600|Variable: FILE(/tmp/x)=1", "Originate Access Forbidden: app or data blacklisted: \"1001\""},
		{"ruled", "Destination: 2001|Conference: 600", "Permission denied: \"2001\""},
		{"ruled", "Destination: 1001|Conference: 601", "Permission denied: \"1001\""},
		{"ruled", "Destination: 1001|Conference: 600|Variable: X=1", "Permission denied: \"1001\""},
		{"ruled", "Group: sales|Conference: 600", "Permission denied: \"PJSIP/101\""},
		{"ruled", "Destination: 1001|Conference: 600", ""},
	} {
		client := s.Login(t, c.user)
		m := client.Ask("GroupOriginate", strings.Split(c.headers, "|")...)
		if got := m.Get("Message"); c.refused != "" && got != c.refused || c.refused == "" && m.Response() != "Success" {
			t.Errorf("%s: %s is answered with %s", c.user, c.headers, m)
		}
		if c.refused == "" {
			other := s.Login(t, "other")
			for _, action := range []string{"GroupStatus", "GroupCancel"} {
				if m := other.Ask(action, "JobID: "+m.Get("JobID")); m.Get("Code") != groupcall.CodeUnknownJob {
					t.Errorf("another user's %s: %s", action, m)
				}
			}
		}
	}
}

// Who is to be called on one account only is not called on another, or none, by way of a group.
//
//astproxy:attack
func TestTheLegsOfAGroupCallHaveTheAccountOfWhoAsks(t *testing.T) {
	s := start(t, plugintest.Options{Proxy: proxytest.Options{Users: []access.UserConfig{
		proxytest.User(), proxytest.User(proxytest.Named("billed"), func(u *access.UserConfig) { u.Account = "billed" }),
	}}}, nil)
	if m := s.Login(t, "billed").Ask("GroupOriginate", "Destination: 1001", "Conference: 600"); m.Response() != "Success" {
		t.Fatal(m)
	}
	m, err := s.Asterisk.Await(t.Context(), func(m ami.Message) bool { return m.Action() == "Originate" })
	if err != nil || m.Get("Account") != "billed" {
		t.Errorf("Asterisk is asked for %v, %v", m, err)
	}
}

func TestTheGroupsAreListedAndShown(t *testing.T) {
	s := start(t, plugintest.Options{}, func(c *groupcall.Config) {
		c.Files = []groupcall.FileConfig{{Path: "testdata/groups.csv"}}
	})
	c := s.Login(t, "user")
	list := c.List("1", "GroupList")
	if len(list) != 5 || !proxytest.HasLines(list[1], "Event: GroupList", "Group: sales", "Description: Sales", "Source: configuration") ||
		!proxytest.HasLines(list[2], "Group: 600", "Source: file testdata/groups.csv") {
		t.Errorf("the groups are %v", list)
	}
	show := c.List("2", "GroupShow", "Group: 600")
	if len(show) != 4 || !proxytest.HasLines(show[1], "Event: GroupMember", "Destination: 1001", "Name: Ann", "Description: front desk", "Dials: Local/1001@default") {
		t.Errorf("the group is %v", show)
	}
}
