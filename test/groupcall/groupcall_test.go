package groupcall_test

import (
	"database/sql"
	"fmt"
	"path/filepath"
	"strconv"
	"testing"
	"time"

	"github.com/astproxy/astproxy/access"
	"github.com/astproxy/astproxy/ami"
	"github.com/astproxy/astproxy/plugins/groupcall"
	"github.com/astproxy/astproxy/proxy/proxytest"
	"github.com/astproxy/astproxy/test/phones"
)

const (
	// ringing is how long a leg that nobody answers rings, in milliseconds: a busy machine has answered the others by then.
	ringing = 4000
	// unanswered is how many of fifty those are.
	unanswered = 4
)

// fifty are fifty destinations, of which some are never answered.
func fifty() (all []string) {
	for i := range 50 {
		number := 1000 + i
		if i%12 == 11 {
			number += 1000 // it rings for ever
		}
		all = append(all, fmt.Sprint(number))
	}
	return all
}

func TestAGroupIsGatheredInTheTimeOfItsSlowestLeg(t *testing.T) {
	forEachVersion(t, nil, func(t *testing.T, s *stage) {
		began := time.Now()
		s.begin(t, append(destinations(fifty()...), "Conference: 600", fmt.Sprintf("Timeout: %d", ringing))...)
		called, ended := 0, 0
		for called+ended < 50+unanswered {
			m := s.client.Event("GroupLeg")
			switch m.Get("State") {
			case "dialing":
				if called++; ended > 0 {
					t.Errorf("%s is called when %d legs have ended", m.Get("Destination"), ended)
				}
			case "noanswer":
				ended++
			case "busy", "failed", "congestion", "cancelled", "left", "unknown":
				t.Fatalf("a leg ends otherwise: %s", m)
			}
		}
		if m := s.client.Event("GroupComplete"); !proxytest.HasLines(m, "Total: 50", fmt.Sprintf("Joined: %d", 50-unanswered), fmt.Sprintf("NoAnswer: %d", unanswered)) {
			t.Errorf("the end is %s", m)
		}
		group := time.Since(began)
		s.client.Ask("Command", "Command: confbridge kick 600 all")
		alone := oneAfterTheOther(t, s)
		t.Logf("50 legs, %d of which are not answered within %d ms: %v as a group, %v by synchronous Originates", unanswered, ringing, group, alone)
		if alone < unanswered*ringing*time.Millisecond {
			t.Errorf("one after the other takes %v: what is compared is something else", alone)
		}
	})
}

// oneAfterTheOther calls the same group by synchronous Originates on a manager session of Asterisk's own.
func oneAfterTheOther(t *testing.T, s *stage) time.Duration {
	t.Helper()
	c := proxytest.Dial(t, s.asterisk.AMIAddress)
	c.Login(s.asterisk.Username, s.asterisk.Secret, "Events: off")
	began := time.Now()
	for _, number := range fifty() {
		c.Send("Originate", "Channel: Local/"+number+"@default", "Application: ConfBridge", "Data: 601", fmt.Sprintf("Timeout: %d", ringing))
	}
	for range 50 {
		c.Response()
	}
	return time.Since(began)
}

// callGroup is the dialplan that the page has.
const callGroup = `exten => _*XXX,1,Answer()
 same => n,UserEvent(Astproxy,Do: GroupOriginate,Group: ${EXTEN:1},Conference: 8${EXTEN:1},Timeout: 20000)
 same => n,ConfBridge(8${EXTEN:1})`

func TestAPhoneCallsTheGroupThatATableHas(t *testing.T) {
	path := filepath.Join(t.TempDir(), "pbx.sqlite")
	db, err := sql.Open("sqlite", path)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { db.Close() })
	run := func(sql string) {
		t.Helper()
		if _, err := db.Exec(sql); err != nil {
			t.Fatal(err)
		}
	}
	run("CREATE TABLE members (groupnumber, number, name, description)")
	forEachVersion(t, func(c *groupcall.Config) {
		c.Databases = []groupcall.DatabaseConfig{{Driver: "sqlite", Source: access.Secret(path), Query: "SELECT number, name FROM members WHERE groupnumber = ?"}}
	}, func(t *testing.T, s *stage) {
		phones.Start(t, s.asterisk, phones.Answers(50*time.Millisecond), "101", "102")
		s.asterisk.AddExtensions("_*XXX", callGroup)
		run(`DELETE FROM members; INSERT INTO members VALUES ('600', ' 1001 ', 'Ann', ''), ('600', '1001', '', ''), ('600', 'PJSIP/101', '', ''),
			('600', '101', '', ''), ('600', '1002', '', ''), ('600', '1003', '', '')`)
		s.client.Ask("Originate", "Async: true", "Channel: Local/1002@default", "Application: ConfBridge", "Data: 8600", "ActionID: 1")
		s.client.Event("ConfbridgeJoin")

		dial := func(phone, exten string) {
			s.client.Ask("Originate", "Async: true", "Channel: PJSIP/"+phone, "Context: default", "Exten: "+exten, "Priority: 1", "ActionID: 2")
		}
		dial("101", "*600")
		called := func(want ...string) {
			t.Helper()
			for _, number := range want {
				s.client.Event("GroupLeg", "Destination: "+number, "State: joined")
			}
			if m := s.client.Event("GroupComplete"); !proxytest.HasLines(m, "Group: 600", "Conference: 8600", fmt.Sprintf("Total: %d", len(want)), fmt.Sprintf("Joined: %d", len(want))) {
				t.Errorf("the end is %s", m)
			}
		}
		called("1001", "1003")
		if room := s.client.List("3", "ConfbridgeList", "Conference: 8600"); len(room) != 6 {
			t.Errorf("in the conference are %v", room)
		}
		run("INSERT INTO members VALUES ('600', '1004', 'New', '')")
		dial("102", "*600")
		called("1004")
		dial("102", "*999")
		s.client.Event("VarSet", "Variable: ASTPROXY_CODE", "Value: unknown_group")
	})
}

func TestPhonesAreCalledIntoAConference(t *testing.T) {
	forEachVersion(t, nil, func(t *testing.T, s *stage) {
		phones.Start(t, s.asterisk, phones.Answers(100*time.Millisecond).Speaking(), "101", "102", "103")
		phones.Start(t, s.asterisk, phones.AnswersAndHangsUp(100*time.Millisecond, time.Second).Speaking(), "104")
		phones.Start(t, s.asterisk, phones.RingsForEver(), "105")
		phones.Start(t, s.asterisk, phones.IsBusy(), "106")
		phones.Start(t, s.asterisk, phones.Declines(), "107")
		id := s.begin(t, append(destinations("PJSIP/101", "PJSIP/102", "103", "104", "PJSIP/105", "PJSIP/106", "PJSIP/107", "PJSIP/108"),
			"Conference: 600", "Timeout: 6000")...)
		for destination, states := range map[string][]string{
			"PJSIP/101": {"ringing", "answered", "joined"}, "PJSIP/102": {"joined"}, "103": {"ringing", "joined"}, "104": {"joined", "left"},
			"PJSIP/105": {"ringing", "noanswer"}, "PJSIP/106": {"busy"}, "PJSIP/107": {"failed"}, "PJSIP/108": {"failed"},
		} {
			for _, state := range states {
				s.leg(destination, state)
			}
		}
		if m := s.client.Event("GroupComplete"); !proxytest.HasLines(m, "Joined: 3", "Left: 1", "NoAnswer: 1", "Busy: 1", "Failed: 2") {
			t.Errorf("the end is %s", m)
		}
		s.client.Ask("GroupCancel", "JobID: "+id)
		for _, destination := range []string{"PJSIP/101", "PJSIP/102", "103"} {
			s.leg(destination, "left")
		}
		s.expectNoChannels(t)
	})
}

func TestTheFirstPhoneToAnswerStopsTheOthers(t *testing.T) {
	forEachVersion(t, nil, func(t *testing.T, s *stage) {
		phones.Start(t, s.asterisk, phones.Answers(300*time.Millisecond), "101")
		phones.Start(t, s.asterisk, phones.RingsForEver(), "102", "103")
		id := s.begin(t, append(destinations("PJSIP/102", "103", "101", "2001"), "Mode: first", "Application: Wait", "Data: 60")...)
		m := s.client.Event("GroupComplete")
		if !proxytest.HasLines(m, "Answered: 1", "Cancelled: 3", "Winner: 101") {
			t.Errorf("the end is %s", m)
		}
		s.client.Ask("GroupCancel", "JobID: "+id)
		s.expectNoChannels(t)
	})
}

func TestOfTwentyThatAnswerInTheSameInstantOneIsLeft(t *testing.T) {
	forEachVersion(t, nil, func(t *testing.T, s *stage) {
		var numbers []string
		for i := range 20 {
			numbers = append(numbers, fmt.Sprint(1000+i))
		}
		id := s.begin(t, append(destinations(numbers...), "Mode: first", "Conference: 600")...)
		if m := s.client.Event("GroupComplete"); !proxytest.HasLines(m, "Joined: 1", "Cancelled: 19") {
			t.Errorf("the end is %s", m)
		}
		s.client.Ask("GroupCancel", "JobID: "+id)
		s.client.Event("GroupLeg", "State: left")
		s.expectNoChannels(t)
	})
}

func TestACancelledCallLeavesNoChannelWheneverItIsCancelled(t *testing.T) {
	forEachVersion(t, nil, func(t *testing.T, s *stage) {
		for i := range 20 {
			id := s.begin(t, append(destinations("2001", "2002", "1001", "1002", "3001"), "Conference: 600")...)
			for range i % 7 {
				s.client.Event("Newchannel")
			}
			s.client.Ask("GroupCancel", "JobID: "+id)
			s.client.Event("GroupComplete", "JobID: "+id)
			s.client.Kept()
		}
		s.expectNoChannels(t)
	})
}

func TestARoomThatIsEndedWhileItIsFilledLeavesNothing(t *testing.T) {
	forEachVersion(t, nil, func(t *testing.T, s *stage) {
		phones.Start(t, s.asterisk, phones.Answers(time.Second), "101")
		id := s.begin(t, append(destinations("1001", "1002", "PJSIP/101", "2001"), "Conference: 600", "Timeout: 4000")...)
		s.leg("1001", "joined")
		s.leg("1002", "joined")
		s.client.Ask("Command", "Command: confbridge kick 600 all")
		s.leg("1001", "left")
		s.leg("1002", "left")
		s.leg("PJSIP/101", "joined")
		if m := s.client.Event("GroupComplete"); !proxytest.HasLines(m, "Joined: 1", "Left: 2", "NoAnswer: 1") {
			t.Errorf("the end is %s", m)
		}
		s.client.Ask("GroupCancel", "JobID: "+id)
		s.leg("PJSIP/101", "left")
		s.expectNoChannels(t)
	})
}

func TestWhenAsteriskIsKilledInMidCallTheJobEndsWithHonestStates(t *testing.T) {
	forEachVersion(t, nil, func(t *testing.T, s *stage) {
		s.begin(t, append(destinations(fifty()...), "Conference: 600", "Timeout: 20000")...)
		for range unanswered {
			s.client.Event("GroupLeg", "State: ringing")
		}
		for range 50 - unanswered {
			s.client.Event("GroupLeg", "State: answered")
		}
		s.asterisk.Kill()
		for range unanswered {
			s.client.Event("GroupLeg", "State: unknown")
		}
		s.asterisk.Restart()
		m := s.client.Event("GroupComplete")
		if left, failed := number(t, m, "Left"), number(t, m, "Failed"); failed < unanswered || left+failed != 50 {
			t.Errorf("the end is %s", m)
		}
		s.expectNoChannels(t) // nobody was called again
	})
}

func number(t *testing.T, m ami.Message, header string) int {
	t.Helper()
	n, err := strconv.Atoi(m.Get(header))
	if err != nil {
		t.Fatalf("%s: %v", header, err)
	}
	return n
}

func TestALegWhoseDialplanCallsTheGroupAgainIsRefused(t *testing.T) {
	forEachVersion(t, nil, func(t *testing.T, s *stage) {
		s.asterisk.AddExtensions("4242", `exten => 4242,1,Answer()
 same => n,UserEvent(Astproxy,Do: GroupOriginate,Destination: 4242,Conference: 604,Timeout: 20000)
 same => n,Wait(60)`)
		id := s.begin(t, append(destinations("4242"), "Conference: 604", "Timeout: 20000")...)
		s.client.Event("VarSet", "Variable: ASTPROXY_CODE", "Value: loop")
		if m := s.client.Event("GroupComplete"); !proxytest.HasLines(m, "JobID: "+id, "Total: 1", "Joined: 1") {
			t.Errorf("the end is %s", m)
		}
		s.client.Ask("GroupCancel", "JobID: "+id)
		s.expectNoChannels(t)
	})
}
