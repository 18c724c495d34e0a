package action_test

import (
	"context"
	"runtime"
	"strings"
	"sync"
	"testing"

	"github.com/astproxy/astproxy/access"
	"github.com/astproxy/astproxy/ami"
	"github.com/astproxy/astproxy/proxy/proxytest"
)

func userEvent(name string) ami.Message {
	return ami.NewEvent("UserEvent").Add("Privilege", "user,all").Add("UserEvent", name).Message()
}

// broadcasting has Asterisk say something again and again while f runs.
func (s *stage) broadcasting(m ami.Message, f func()) {
	ctx, cancel := context.WithCancel(context.Background())
	var running sync.WaitGroup
	running.Go(func() {
		for ctx.Err() == nil {
			s.asterisk.Broadcast(m)
			s.Settle(s.t)
		}
	})
	f()
	cancel()
	running.Wait()
}

// awaitAction returns when Asterisk has read an action.
func (s *stage) awaitAction(name string) {
	s.t.Helper()
	if _, err := s.asterisk.Await(s.t.Context(), func(m ami.Message) bool { return m.Action() == name }); err != nil {
		s.t.Fatal(err)
	}
}

func names(all []ami.Message) string {
	var names []string
	for _, m := range all {
		names = append(names, m.Event()+m.Response())
	}
	return strings.Join(names, " ")
}

func TestXUntilEventWaitsForWhatAnActionBrings(t *testing.T) {
	s := start(t)
	const originate = "/?Action=Originate&Async=true&Channel=Local/1001@default&Context=default&Exten=1002&Priority=1&format=standard&ActionID=mine"
	for name, got := range map[string]reply{
		"as a header":    s.get(originate, "X-Until-Event", "OriginateResponse"),
		"as a parameter": s.get(originate + "&X-Until-Event=originateresponse"),
	} {
		all := messages(t, got)
		last := all[len(all)-1]
		if all[0].Response() != "Success" || last.Event() != "OriginateResponse" || last.ActionID() != "mine" || last.Get("Server") != "pbx1" {
			t.Errorf("%s: %s", name, got.body)
		}
		if !strings.Contains(names(all), "Newchannel") {
			t.Errorf("%s: what comes before is not there: %s", name, names(all))
		}
	}
}

func TestXUntilEventThatIsInTheListWaitsForNothing(t *testing.T) {
	s := start(t)
	all := messages(t, s.get("/?Action=QueueSummary&ActionID=Foo3&format=standard", "X-Until-Event", "QueueSummaryComplete", "X-Maxtime", "2000000"))
	if got, want := names(all), "Success QueueSummary QueueSummary QueueSummaryComplete"; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
}

func TestXUntilEventOfAnErrorWaitsForNothing(t *testing.T) {
	s := start(t)
	got := s.get("/?Action=NoSuch&format=standard&X-Until-Event=Never&X-Maxtime=2000000")
	if got.status != 200 || !strings.HasPrefix(got.body, "Response: Error") {
		t.Errorf("%d %s", got.status, got.body)
	}
}

func TestXUntilEventIsNotEndedByAnothersAnswer(t *testing.T) {
	s := start(t)
	release := s.asterisk.HoldReplies("QueueSummary")
	answers := make(chan reply, 1)
	go func() {
		answers <- s.get("/?Action=QueueSummary&format=standard&ActionID=mine&X-Maxtime=600000&X-Until-Event=OriginateResponse")
	}()
	s.awaitAction("QueueSummary")
	for _, id := range []string{"another", "mine"} {
		s.asterisk.Broadcast(ami.NewEvent("OriginateResponse").Add("Privilege", "call,all").Add("ActionID", id).Message())
	}
	release()
	got := <-answers
	if !strings.Contains(got.body, "ActionID: another") || !strings.HasSuffix(got.body, "ActionID: mine\r\nServer: pbx1\r\n\r\n") {
		t.Errorf("got\n%s", got.body)
	}
}

func TestXMaxtimeEndsTheWaitWithWhatHasCome(t *testing.T) {
	s := start(t)
	all := messages(t, s.get("/?Action=UserEvent&UserEvent=Hello&format=standard&X-Until-Event=Never&X-Maxtime=2000"))
	if got := names(all); got != "Success UserEvent" {
		t.Errorf("got %s", got)
	}
	got := s.get("/?Action=Originate&Channel=Local/2001@default&Context=default&Exten=1002&Priority=1&Timeout=60000&ActionID=1&format=standard&X-Maxtime=100")
	if want := "Response: Error\r\nActionID: 1\r\nMessage: There was no answer in time: the outcome is unknown\r\n\r\n"; got.status != 200 || got.body != want {
		t.Errorf("an action that takes longer: %d %s", got.status, got.body)
	}
}

func TestEventsAreWrittenInEveryFormatAsOnAConnection(t *testing.T) {
	s := start(t)
	for format, want := range map[string]string{
		"xml":      "<AsteriskManagerOutput>\r\n <Event Value=\"UserEvent\"/>\r\n <Privilege Value=\"user,all\"/>\r\n <UserEvent Value=\"Hello\"/>\r\n <Server Value=\"pbx1\"/>\r\n</AsteriskManagerOutput>",
		"json":     `{"Event":"UserEvent","Privilege":"user,all","UserEvent":"Hello","Server":"pbx1"}`,
		"standard": "\r\n\r\nEvent: UserEvent\r\nPrivilege: user,all\r\nUserEvent: Hello\r\nServer: pbx1\r\n\r\n",
	} {
		if got := s.get("/?Action=UserEvent&UserEvent=Hello&X-Until-Event=UserEvent&format=" + format); !strings.Contains(got.body, want) {
			t.Errorf("%s:\n%s", format, got.body)
		}
	}
}

// withoutLogins has the user not see the logins of others, as broadcasting makes them: those are events.
func withoutLogins(o *proxytest.Options) {
	o.Users = []access.UserConfig{proxytest.User(proxytest.May([]string{"system", "user"}, []string{"all"}))}
}

func TestWaitEventReturnsTheNextEvent(t *testing.T) {
	s := start(t, withoutLogins)
	s.asterisk.Broadcast(userEvent("early"))
	s.Settle(t)
	var got reply
	s.broadcasting(userEvent("late"), func() { got = s.get("/?Action=WaitEvent&ActionID=1&format=standard") })
	all := messages(t, got)
	last := len(all) - 1
	if all[0].Get("Message") != "Waiting for Event completed." || all[1].Get("UserEvent") != "late" || all[last].Event() != "WaitEventComplete" || all[last].ActionID() != "1" {
		t.Errorf("got %s", got.body)
	}
	for _, path := range []string{"/?Action=WaitEvent&Timeout=0&format=standard", "/?Action=WaitEvent&Timeout=60000&X-Maxtime=1&format=standard"} {
		if got := names(messages(t, s.get(path))); got != "Success WaitEventComplete" {
			t.Errorf("%s: got %s", path, got)
		}
	}
}

//astproxy:attack
func TestOneUserMayHaveOnlySoManyRequestsThatWait(t *testing.T) {
	s := start(t, withoutLogins)
	const most = 100
	answers := make(chan reply, most+1)
	for range most + 1 {
		go func() { answers <- s.get("/?Action=WaitEvent&Timeout=-1&format=standard") }()
	}
	if got := <-answers; got.status != 429 || !strings.Contains(got.body, "Response: Error") || got.header.Get("Retry-After") == "" {
		t.Errorf("%d %s", got.status, got.body)
	}
	if got := s.get("/?Action=Ping&format=standard"); got.status != 200 {
		t.Errorf("who does not wait: %d %s", got.status, got.body)
	}
	s.broadcasting(userEvent("wake"), func() {
		for range most {
			if got := <-answers; got.status != 200 || !strings.Contains(got.body, "wake") {
				t.Errorf("%d %s", got.status, got.body)
			}
		}
	})
}

//astproxy:attack
func TestWhatAllRequestsOfAUserGatherIsBounded(t *testing.T) {
	s := start(t)
	const requests = 50
	answers := make(chan reply, requests)
	for range requests {
		go func() {
			answers <- s.get("/?Action=QueueSummary&format=standard&X-Until-Event=Never&X-Maxtime=600000")
		}()
	}
	for waiting := 0; waiting < requests; runtime.Gosched() {
		waiting = 0
		for _, view := range s.Feed().Stats().Views {
			waiting += view.Cursors
		}
	}
	large := ami.NewEvent("UserEvent").Add("Privilege", "user,all")
	for range 60 {
		large.Add("Text", strings.Repeat("x", 1000))
	}
	ctx, cancel := context.WithCancel(t.Context())
	var broadcasting sync.WaitGroup
	broadcasting.Go(func() {
		for ctx.Err() == nil {
			for range 10 {
				s.asterisk.Broadcast(large.Message())
			}
			s.Settle(t)
		}
	})
	// Alone, each would have 8 MiB.
	if got := <-answers; got.status != 200 || len(got.body) > 4<<20 || !strings.Contains(got.body, "Event: UserEvent") {
		t.Errorf("%d with %d bytes", got.status, len(got.body))
	}
	cancel()
	broadcasting.Wait()
	s.Stop()
	for range requests - 1 {
		<-answers
	}
}

func TestARequestThatWaitsEndsWhenTheProxyStops(t *testing.T) {
	s := start(t)
	answers := make(chan reply, 1)
	go func() {
		answers <- s.get("/?Action=QueueSummary&format=standard&X-Until-Event=Never&X-Maxtime=600000")
	}()
	s.awaitAction("QueueSummary")
	s.Stop()
	if got := <-answers; got.status != 200 || !strings.Contains(got.body, "QueueSummaryComplete") {
		t.Errorf("%d %s", got.status, got.body)
	}
}
