package groupcall_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/astproxy/astproxy/ami"
	"github.com/astproxy/astproxy/plugins/groupcall"
	"github.com/astproxy/astproxy/plugins/host"
	"github.com/astproxy/astproxy/plugins/plugintest"
	"github.com/astproxy/astproxy/proxy/proxytest"
)

// originates are those that the simulated Asterisk has got.
func originates(s *plugintest.Stage) (all []ami.Message) {
	for _, m := range s.Asterisk.Received() {
		if m.Action() == "Originate" {
			all = append(all, m)
		}
	}
	return all
}

func TestALostSessionIsToldAndNobodyIsCalledTwice(t *testing.T) {
	s := start(t, plugintest.Options{}, nil)
	c := s.Login(t, "user")
	begin(t, c, append(destinations("1001", "2001", "2002"), "Conference: 600", "Timeout: 3000")...)
	leg(c, "1001", "joined")
	leg(c, "2001", "ringing")
	leg(c, "2002", "ringing")
	s.Asterisk.Disconnect()
	for _, d := range []string{"1001", "2001", "2002"} {
		leg(c, d, "unknown")
	}
	leg(c, "1001", "joined")
	leg(c, "2001", "ringing")
	leg(c, "2002", "ringing")
	if m := c.Event("GroupComplete"); !proxytest.HasLines(m, "Joined: 1", "NoAnswer: 2") {
		t.Errorf("the end is %s", m)
	}
	if got := originates(s); len(got) != 3 {
		t.Errorf("called were %v", got)
	}
}

func TestAServerThatIsNotThereIsAnErrorAtOnce(t *testing.T) {
	s := start(t, plugintest.Options{}, nil)
	c := s.Login(t, "user")
	s.Asterisk.RefuseLogins(true)
	s.Asterisk.Disconnect()
	c.Event("ProxyServerStatus", "Status: Disconnected")
	if m := c.Ask("GroupOriginate", "Group: sales", "Conference: 600"); m.Get("Code") != "server_down" {
		t.Errorf("the answer is %s", m)
	}
}

func TestAJobEndsThoughTheServerDoesNotComeBack(t *testing.T) {
	clock := plugintest.NewClock()
	s := start(t, plugintest.Options{Host: host.Options{Clock: clock}}, nil)
	c := s.Login(t, "user")
	begin(t, c, append(destinations("2001", "1001"), "Conference: 600", "Timeout: 3600000", "Concurrency: 1")...)
	leg(c, "2001", "ringing")
	s.Asterisk.RefuseLogins(true)
	s.Asterisk.Disconnect()
	c.Event("ProxyServerStatus", "Status: Disconnected")
	clock.Advance(2 * time.Hour)
	if m := c.Event("GroupComplete"); !proxytest.HasLines(m, "Unknown: 1", "Failed: 1") {
		t.Errorf("the end is %s", m)
	}
	if got := originates(s); len(got) != 1 {
		t.Errorf("called were %v", got)
	}
}

func TestANewConfigurationEndsWhatRingsAndKeepsWhoHasAnswered(t *testing.T) {
	s := start(t, plugintest.Options{}, nil)
	c := s.Login(t, "user")
	begin(t, c, append(destinations("1001", "2001", "2002"), "Conference: 600")...)
	leg(c, "1001", "joined")
	leg(c, "2001", "ringing")
	leg(c, "2002", "ringing")
	other := groupcall.DefaultConfig()
	other.Calls = 7
	s.Configure(t, other)
	leg(c, "2001", "cancelled")
	leg(c, "2002", "cancelled")
	c.Event("JobComplete")
	for {
		list := c.List("1", "CoreShowChannels")
		if len(list) == 4 && !slices.ContainsFunc(list, func(m ami.Message) bool { return strings.Contains(m.Get("Channel"), "/2") }) {
			break // one that is hung up is there until its Hangup event
		}
		c.Event("Hangup")
	}
}

func TestAPluginThatStopsWhileAThousandAreCalledLeavesNobodyRinging(t *testing.T) {
	s := start(t, plugintest.Options{}, func(c *groupcall.Config) {
		c.LegsAtOnce = 1000
		c.Groups = []groupcall.GroupConfig{{Name: "many"}}
		for i := range 200 {
			c.Groups[0].Members = append(c.Groups[0].Members, fmt.Sprint(2000+i))
		}
	})
	c := s.Login(t, "user")
	begin(t, c, "Group: many", "Conference: 600")
	leg(c, "2100", "ringing")
	s.Configure(t, groupcall.DefaultConfig())
	for len(c.List("1", "CoreShowChannels")) > 2 {
		c.Event("Hangup")
	}
}

func TestLegsWaitForTheirTurnWhereTheServerMayNotBeAskedForMore(t *testing.T) {
	s := start(t, plugintest.Options{}, func(c *groupcall.Config) { c.LegsAtOnce = 2 })
	c, d := s.Login(t, "user"), s.Login(t, "user")
	begin(t, c, append(destinations("2001", "2002", "2003"), "Conference: 600", "Timeout: 300")...)
	begin(t, d, append(destinations("1001", "1002"), "Conference: 601")...)
	for range 2 {
		if m := c.Event("GroupComplete"); m.Get("Conference") == "600" && !proxytest.HasLines(m, "NoAnswer: 3") {
			t.Errorf("the end is %s", m)
		}
	}
	calling := 0
	for _, m := range d.Settle() {
		switch m.Get("State") {
		case "dialing":
			if calling++; calling > 2 {
				t.Errorf("%d are called at once", calling)
			}
		case "answered", "noanswer":
			calling--
		}
	}
}

func TestWhoIsBusyIsTriedAgain(t *testing.T) {
	s := start(t, plugintest.Options{}, nil)
	c := s.Login(t, "user")
	begin(t, c, "Destination: 3001", "Conference: 600", "Retries: 2", "RetryDelay: 10")
	for attempt := 1; attempt <= 3; attempt++ {
		c.Event("GroupLeg", "State: busy", fmt.Sprintf("Attempt: %d", attempt))
	}
	if m := c.Event("GroupComplete"); !proxytest.HasLines(m, "Busy: 1", "Total: 1") {
		t.Errorf("the end is %s", m)
	}
	seen := map[string]bool{}
	for _, m := range originates(s) {
		if id := m.Get("ChannelId"); seen[id] || len(id) > 149 {
			t.Errorf("a ChannelId comes twice: %s", id)
		} else {
			seen[id] = true
		}
	}
	if len(seen) != 3 {
		t.Errorf("it was called %d times", len(seen))
	}
}

func TestTenThousandDestinationsAreAnErrorAndDuplicatesAreNot(t *testing.T) {
	s := start(t, plugintest.Options{}, nil)
	post := func(numbers []string) (int, string) {
		t.Helper()
		body, err := json.Marshal(map[string]any{"Destination": numbers, "Conference": "600", "Wait": "yes"})
		if err != nil {
			t.Fatal(err)
		}
		request, err := http.NewRequest(http.MethodPost, s.URL+"/api/v1/actions/GroupOriginate", strings.NewReader(string(body)))
		if err != nil {
			t.Fatal(err)
		}
		request.SetBasicAuth("user", proxytest.Secret)
		request.Header.Set("Content-Type", "application/json")
		answer, err := http.DefaultClient.Do(request)
		if err != nil {
			t.Fatal(err)
		}
		defer answer.Body.Close()
		var said struct{ Code, Message string }
		_ = json.NewDecoder(answer.Body).Decode(&said)
		return answer.StatusCode, said.Code
	}
	var many, same []string
	for i := range 10_000 {
		many = append(many, fmt.Sprint(10_000+i))
	}
	for range 100 {
		same = append(same, "1001")
	}
	c := s.Login(t, "user")
	if status, code := post(many); status < 400 {
		t.Errorf("10,000 are answered with %d %s", status, code)
	}
	if status, code := post(same); status != http.StatusOK {
		t.Errorf("100 times the same are answered with %d %s", status, code)
	}
	leg(c, "1001", "joined")
	if got := originates(s); len(got) != 1 {
		t.Errorf("called were %d", len(got))
	}
}

func TestNoMoreCallsBeginThanMayBe(t *testing.T) {
	s := start(t, plugintest.Options{}, func(c *groupcall.Config) { c.Calls = 2 })
	c := s.Login(t, "user")
	for i := range 2 {
		begin(t, c, fmt.Sprintf("Destination: 200%d", i), "Conference: 600", "ActionID: x")
	}
	if m := c.Ask("GroupOriginate", "Destination: 2007", "Conference: 600"); m.Get("Code") != "too_many" {
		t.Errorf("a third is answered with %s", m)
	}
}

func TestAsterisksOwnRefusalEndsTheLeg(t *testing.T) {
	s := start(t, plugintest.Options{}, nil)
	c := s.Login(t, "user")
	begin(t, c, "Destination: 1001", "Context: nowhere", "Exten: 1")
	if m := c.Event("GroupLeg", "State: failed"); m.Get("Reason") != "Extension does not exist." {
		t.Errorf("it ends with %s", m)
	}
}
