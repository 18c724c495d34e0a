package conference

import (
	"errors"
	"strings"
	"testing"

	"github.com/astproxy/astproxy/ami"
)

// transferOf is one of parties with these Uniqueids.
func transferOf(uniqueids ...string) *Transfer {
	t := &Transfer{Room: "8000"}
	for _, id := range uniqueids {
		t.Parties = append(t.Parties, &Party{Channel: "PJSIP/" + id, Uniqueid: id, State: PartyReady})
	}
	return t
}

func answer(text string) ami.Message { return ami.Parse(strings.ReplaceAll(text, "|", "\r\n")) }

// told is what a redirect is about.
func told(r Redirect) string {
	if r.Second != nil {
		return r.First.Uniqueid + "+" + r.Second.Uniqueid
	}
	return r.First.Uniqueid
}

// states are the parties' states.
func states(t *Transfer) string {
	var all []string
	for _, p := range t.Parties {
		all = append(all, string(p.State))
	}
	return strings.Join(all, " ")
}

const (
	success   = "Response: Success|Message: Dual Redirect successful"
	halfDone  = "Response: Error|Message: Secondary redirect failed"
	noChannel = "Response: Error|Message: Channel does not exist: b"
	noExtra   = "Response: Error|Message: ExtraChannel does not exist: b"
)

func TestEveryWayARedirectCanGoWrongIsToldForEveryParty(t *testing.T) {
	joins := func(who string) string { return "ConfbridgeJoin|Conference: 8000|Uniqueid: " + who }
	hangs := func(who string) string { return "Hangup|Cause-txt: Normal Clearing|Uniqueid: " + who }
	for _, it := range []struct {
		name      string
		parties   string
		alone     bool
		script    []string // "redirect answer", or an event
		redirects string
		states    string
		result    Result
	}{
		{"both join", "a b", false, []string{success, joins("a"), joins("b")}, "a+b", "joined joined", Complete},
		{"both join before the answer", "a b", false, []string{joins("b"), joins("a")}, "", "joined joined", Complete},
		{"the peer is gone", "a b", false, []string{noExtra}, "a+b", "kept lost", Failed},
		{"the peer is gone, and called back", "a b", true, []string{noExtra, success, joins("a")}, "a+b a", "joined lost", Partial},
		{"the initiator is gone", "a b", false, []string{noChannel}, "a+b", "lost kept", Failed},
		{"half done, the second alone", "a b", false, []string{halfDone, success, joins("a"), joins("b")}, "a+b b", "joined joined", Complete},
		{"half done, the second is gone", "a b", false, []string{halfDone, noChannel, joins("a")}, "a+b b", "joined lost", Partial},
		{"the peer hangs up on the way", "a b", false, []string{success, hangs("b"), joins("a")}, "a+b", "joined lost", Partial},
		{"both hang up", "a b", false, []string{success, hangs("b"), hangs("a")}, "a+b", "lost lost", Failed},
		{"one leaves again", "a b", false, []string{success, joins("a"), "ConfbridgeLeave|Conference: 8000|Uniqueid: a", joins("b")}, "a+b", "lost joined", Partial},
		{"another conference", "a b", false, []string{success, "ConfbridgeJoin|Conference: 1|Uniqueid: a", joins("b")}, "a+b", "lost joined", Partial},
		{"four", "a b c d", false, []string{success, success, success, joins("a"), joins("b"), joins("c"), joins("d")}, "d c a+b", "joined joined joined joined", Complete},
		{"four, of whom one is gone", "a b c d", false, []string{success, noChannel, success, joins("a"), joins("b"), joins("d")}, "d c a+b", "joined joined lost joined", Partial},
		{"one by himself", "a", false, []string{success, joins("a")}, "a", "joined", Complete},
		{"the peer hangs up before", "a b", false, []string{hangs("b")}, "", "kept lost", Failed},
	} {
		transfer := transferOf(strings.Fields(it.parties)...)
		transfer.Alone = it.alone
		var redirects []string
		for _, step := range it.script {
			if !strings.HasPrefix(step, "Response") {
				transfer.Hear(event(step))
				continue
			}
			next, is := transfer.Next()
			if !is {
				t.Fatalf("%s: nothing is to be done, %s", it.name, states(transfer))
			}
			redirects = append(redirects, told(next))
			transfer.Answered(next, answer(step))
		}
		if next, is := transfer.Next(); is {
			t.Errorf("%s: there is %s to be done still", it.name, told(next))
		}
		if got := strings.Join(redirects, " "); got != it.redirects {
			t.Errorf("%s: redirected were %q, want %q", it.name, got, it.redirects)
		}
		if got := states(transfer); got != it.states || transfer.Result() != it.result || !transfer.Over() {
			t.Errorf("%s: %s, %s, over: %t; want %s, %s", it.name, got, transfer.Result(), transfer.Over(), it.states, it.result)
		}
	}
}

func TestWhatIsNotKnownIsNotSaid(t *testing.T) {
	lost := transferOf("a", "b")
	next, _ := lost.Next()
	lost.Unanswered(next, errors.New("the server was lost before it answered"))
	if states(lost) != "moving moving" || lost.Over() {
		t.Errorf("without an answer the parties are %s", states(lost))
	}
	// They are found in the room when the server is back.
	lost.Listed(func(id string) bool { return id == "b" })
	lost.Expire("too late")
	if states(lost) != "unknown joined" || lost.Result() != Partial || lost.Parties[0].Reason == "too late" {
		t.Errorf("after a look the parties are %s: %s", states(lost), lost.Parties[0].Reason)
	}
	late := transferOf("a")
	next, _ = late.Next()
	late.Answered(next, answer(success))
	late.Expire("too late")
	if states(late) != "unknown" || late.Parties[0].Reason != "too late" {
		t.Errorf("who is late is %+v", late.Parties[0])
	}
}

func TestWhoCannotBePreparedIsNotRedirected(t *testing.T) {
	transfer := transferOf("a", "b", "c")
	transfer.Prepared(transfer.Parties[1], answer("Response: Error|Message: No such channel"))
	next, _ := transfer.Next()
	if told(next) != "a+c" {
		t.Errorf("redirected is %s", told(next))
	}
}
