package manager_test

import (
	"strings"
	"testing"

	"github.com/astproxy/astproxy/ami"
	"github.com/astproxy/astproxy/proxy/proxytest"
)

//astproxy:attack
func TestASessionHasTheRightsOfNowAndEndsWithItsUser(t *testing.T) {
	b := startBare(t)
	stays, goes := b.logIn(t, "user"), b.logIn(t, "limited")
	event := func(number string) {
		b.proxy.Feed().Append("pbx1", ami.ClassUser, ami.NewEvent("UserEvent").Add("Privilege", "user,all").Add("Number", number).Message())
	}
	event("1") // unread
	limited := proxytest.User(proxytest.Named("limited"), proxytest.May([]string{"call"}, []string{"call"}))
	b.proxy.SetUsers(t, proxytest.User(), limited)
	event("2")
	came := b.ask("/rawman?action=waitevent&timeout=0", "Cookie", goes).Body.String()
	if strings.Contains(came, "UserEvent") {
		t.Errorf("what he may not see any more is there: %s", came)
	}
	if a := b.ask("/rawman?action=command&command=core+show+version", "Cookie", goes).Body.String(); !strings.Contains(a, "Permission denied") {
		t.Errorf("what he may not any more is answered with %s", a)
	}
	waiter := b.program(t)
	waiter.cookie = goes
	conn := b.waiting(waiter, "/rawman")
	b.proxy.SetUsers(t, proxytest.User())
	if a := waiter.receive(conn, "GET"); !strings.Contains(a.body, "WaitEventComplete") {
		t.Errorf("who waits while he is removed is answered with %q", a.body)
	}
	if b.open(goes) || !b.open(stays) {
		t.Error("the wrong session is open")
	}
	came = b.ask("/rawman?action=waitevent&timeout=0", "Cookie", stays).Body.String()
	if !strings.Contains(came, "Number: 1") || !strings.Contains(came, "Number: 2") {
		t.Errorf("who stays has lost events: %s", came)
	}
}

//astproxy:attack
func TestWhatIsUnreadOfOtherCallsThanTheUsersIsLostAndToldOf(t *testing.T) {
	b := startBare(t)
	session, other := b.logIn(t, "user"), b.logIn(t, "user")
	b.proxy.Feed().Append("pbx1", ami.ClassUser, ami.NewEvent("UserEvent").Add("Privilege", "user,all").Add("Number", "1").Message())
	if read := b.ask("/rawman?action=waitevent", "Cookie", other).Body.String(); !strings.Contains(read, "Number: 1") {
		t.Fatalf("the event has not come: %s", read)
	}
	filtered := proxytest.User()
	filtered.Channels = []string{"PJSIP/9"}
	b.proxy.SetUsers(t, filtered)
	came := b.ask("/rawman?action=waitevent&timeout=0", "Cookie", session).Body.String()
	if strings.Contains(came, "Number: 1") {
		t.Errorf("what is not about his channels is there: %s", came)
	}
	if !strings.Contains(came, "Event: ProxyGap\r\nMissed: ") || !strings.Contains(came, "Reason: The user's rights have changed") {
		t.Errorf("nothing tells of what is lost: %s", came)
	}
}
