package legs

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/astproxy/astproxy/ami"
)

// stage is a call whose effects are noted and whose timers run when time is made to pass.
type stage struct {
	t       *testing.T
	call    *Call
	now     time.Time
	effects []Effect
	timers  []dated
}

type dated struct {
	at    time.Time
	timer Timer
}

func begin(t *testing.T, destinations int, change func(*Plan)) *stage {
	t.Helper()
	tokens := 0
	p := Plan{
		Conference: "600", Timeout: 20 * time.Second, Grace: 10 * time.Second,
		Tokens: func() (string, string) { tokens++; return fmt.Sprintf("u%d", tokens), fmt.Sprintf("t%d", tokens) },
	}
	for i := range destinations {
		p.Destinations = append(p.Destinations, Destination{Number: fmt.Sprint(100 + i)})
	}
	if change != nil {
		change(&p)
	}
	s := &stage{t: t, call: NewCall(p), now: time.Unix(1000, 0)}
	s.note(s.call.Begin(s.now))
	s.dial()
	return s
}

// note keeps what is to be done.
func (s *stage) note(effects []Effect) {
	s.effects = append(s.effects, effects...)
	for _, e := range effects {
		if e.Deed == Wake {
			s.timers = append(s.timers, dated{s.now.Add(e.After), e.Timer})
		}
	}
}

// dial dials all that may be.
func (s *stage) dial() {
	for s.call.Ready() {
		s.note(s.call.Dial(s.now))
	}
}

func (s *stage) hear(text string) {
	s.note(s.call.Hear(s.now, ami.Parse(text)))
	s.dial()
}

func (s *stage) seen(uniqueid string) {
	s.hear("Event: Newchannel\nUniqueid: " + uniqueid + "\nChannel: Local/x-" + uniqueid + ";1\nChannelState: 0")
}

func (s *stage) up(uniqueid string) {
	s.hear("Event: Newstate\nUniqueid: " + uniqueid + "\nChannelState: 6")
}

func (s *stage) hungUp(uniqueid string, cause int) {
	s.hear(fmt.Sprintf("Event: Hangup\nUniqueid: %s\nCause: %d", uniqueid, cause))
}

func (s *stage) response(token string, reason int) {
	response := "Failure"
	if reason == 4 {
		response = "Success"
	}
	s.hear(fmt.Sprintf("Event: OriginateResponse\nActionID: %s\nResponse: %s\nReason: %d", token, response, reason))
}

// ended is a leg that was not answered.
func (s *stage) ended(i, reason int) {
	s.hungUp(fmt.Sprintf("u%d", i), 0)
	s.response(fmt.Sprintf("t%d", i), reason)
}

// pass lets time pass, and every timer whose time comes run.
func (s *stage) pass(d time.Duration) {
	until := s.now.Add(d)
	for {
		slices.SortStableFunc(s.timers, func(a, b dated) int { return a.at.Compare(b.at) })
		if len(s.timers) == 0 || s.timers[0].at.After(until) {
			s.now = until
			return
		}
		next := s.timers[0]
		s.timers = s.timers[1:]
		s.now = next.at
		s.note(s.call.Woken(s.now, next.timer))
		s.dial()
	}
}

// found answers what was asked.
func (s *stage) found(channels ...Channel) {
	all := map[string]Channel{}
	for _, c := range channels {
		all[c.Uniqueid] = c
	}
	s.note(s.call.Found(s.now, all, false))
	s.dial()
}

// done counts what was to be done of a kind, and forgets it.
func (s *stage) done(d Deed) (of []Effect) {
	s.effects = slices.DeleteFunc(s.effects, func(e Effect) bool {
		if e.Deed == d {
			of = append(of, e)
		}
		return e.Deed == d
	})
	return of
}

func (s *stage) expectDone(d Deed, count int) {
	s.t.Helper()
	if got := s.done(d); len(got) != count {
		s.t.Errorf("deed %d is to be done %d times, not %d: %v", d, len(got), count, got)
	}
}

// expect compares the states of all legs.
func (s *stage) expect(want string) {
	s.t.Helper()
	var states []string
	for _, l := range s.call.Legs() {
		states = append(states, l.State.String())
	}
	if got := strings.Join(states, " "); got != want {
		s.t.Errorf("the legs are %s; want %s", got, want)
	}
}

func TestAllLegsAreDialledBeforeAnyIsAnswered(t *testing.T) {
	s := begin(t, 50, nil)
	s.expectDone(Dial, 50)
	s.expectDone(Settled, 0)
}

func TestNoMoreLegsThanConcurrencyAreCalledAtOnce(t *testing.T) {
	s := begin(t, 5, func(p *Plan) { p.Concurrency = 2 })
	s.expectDone(Dial, 2)
	s.up("u1")
	s.expectDone(Dial, 1)
	s.ended(2, 5)
	s.expectDone(Dial, 1)
	s.expect("answered busy dialing dialing queued")
}

func TestTheFirstToAnswerWinsAndTheOthersAreHungUp(t *testing.T) {
	s := begin(t, 4, func(p *Plan) { p.First, p.Concurrency = true, 3 })
	for _, u := range []string{"u1", "u2", "u3"} {
		s.seen(u)
	}
	s.up("u2")
	s.expect("dialing answered dialing cancelled")
	s.expectDone(Hangup, 2)
	s.expectDone(Dial, 3)
	s.ended(1, 0)
	s.ended(3, 0)
	s.expect("cancelled answered cancelled cancelled")
	s.hear("Event: ConfbridgeJoin\nConference: 600\nUniqueid: u2\nChannel: PJSIP/1")
	s.expectDone(Settled, 1)
	if w := s.call.Winner(); w == nil || w.Number != "101" {
		t.Errorf("the winner is %v", w)
	}
}

func TestOfTwoThatAnswerInTheSameInstantOneIsLeft(t *testing.T) {
	s := begin(t, 2, func(p *Plan) { p.First = true })
	s.seen("u1")
	s.seen("u2")
	s.up("u1")
	s.up("u2") // before its Hangup has got there
	s.hungUp("u2", 16)
	s.expect("answered cancelled")
}

func TestALegThatIsBusyIsTriedAgainAfterTheDelay(t *testing.T) {
	s := begin(t, 1, func(p *Plan) { p.Retries, p.RetryDelay, p.RetryOn = 1, 5*time.Second, []State{Busy} })
	s.ended(1, 5)
	s.expect("queued")
	s.pass(4 * time.Second)
	s.expectDone(Dial, 1)
	s.pass(2 * time.Second)
	s.expectDone(Dial, 1)
	s.ended(1, 5) // an echo of the first attempt
	s.expect("dialing")
	s.ended(2, 5)
	s.expect("busy")
	s.expectDone(Settled, 1)
	s.expectDone(Over, 1)
}

func TestALegThatIsCancelledBeforeItsChannelExistsIsHungUpWhenItDoes(t *testing.T) {
	s := begin(t, 1, nil)
	s.note(s.call.Cancel(s.now, false, "asked"))
	s.expectDone(Hangup, 0)
	s.seen("u1")
	s.expectDone(Hangup, 1)
	s.ended(1, 0)
	s.expect("cancelled")
}

func TestCancelKeepsThoseWhoHaveAnsweredIfAsked(t *testing.T) {
	s := begin(t, 2, nil)
	s.seen("u1")
	s.seen("u2")
	s.up("u1")
	s.note(s.call.Cancel(s.now, true, "asked"))
	if hung := s.done(Hangup); len(hung) != 1 || hung[0].Uniqueid != "u2" {
		t.Errorf("hung up: %v", hung)
	}
	s.note(s.call.Cancel(s.now, false, "asked"))
	if hung := s.done(Hangup); len(hung) != 1 || hung[0].Uniqueid != "u1" {
		t.Errorf("hung up: %v", hung)
	}
}

func TestAHangupThatWasOfNoUseIsSentAgain(t *testing.T) {
	s := begin(t, 1, nil)
	s.seen("u1")
	s.note(s.call.Cancel(s.now, false, "asked"))
	s.expectDone(Hangup, 1)
	s.pass(10 * time.Second)
	s.expectDone(Ask, 0) // it is not answered yet
	s.note(s.call.HungUp(s.now, "u1"))
	s.pass(2 * time.Second)
	s.expectDone(Ask, 1)
	s.found(Channel{Uniqueid: "u1", State: "5"})
	s.expectDone(Hangup, 1)
	s.ended(1, 0)
	s.expect("cancelled")
}

func TestWhoHasAnsweredHasLeftWhenTheCallIsCancelled(t *testing.T) {
	s := begin(t, 2, func(p *Plan) { p.Conference = "" })
	s.seen("u1")
	s.seen("u2")
	s.up("u1")
	s.note(s.call.Cancel(s.now, false, "asked"))
	s.hungUp("u1", 16)
	s.ended(2, 0)
	s.expect("left cancelled")
}

func TestALegThatAsteriskNeverReportsIsLookedForAndEnds(t *testing.T) {
	s := begin(t, 1, nil)
	s.pass(29 * time.Second)
	s.expectDone(Ask, 0)
	s.pass(2 * time.Second)
	s.expectDone(Ask, 1)
	s.found()
	s.expect("dialing")
	s.pass(time.Second)
	s.expectDone(Ask, 1)
	s.found()
	s.expect("failed")
	s.expectDone(Over, 1)
}

func TestALegThatRingsForTooLongIsHungUp(t *testing.T) {
	s := begin(t, 1, nil)
	s.pass(31 * time.Second)
	s.found(Channel{Uniqueid: "u1", State: "5"})
	s.expectDone(Hangup, 1)
	s.response("t1", 3)
	s.hungUp("u1", 0)
	s.expect("noanswer")
}

func TestLegsAreUnknownWhileTheServerIsLostAndThenWhatTheyAre(t *testing.T) {
	s := begin(t, 5, func(p *Plan) { p.Concurrency = 4 })
	for _, u := range []string{"u1", "u2", "u3", "u4"} {
		s.seen(u)
	}
	s.up("u1")
	s.hear("Event: ConfbridgeJoin\nConference: 600\nUniqueid: u1\nChannel: PJSIP/1")
	s.expectDone(Dial, 5)
	s.note(s.call.Lost(s.now))
	s.dial()
	s.expect("unknown unknown unknown unknown unknown")
	s.expectDone(Ask, 0)
	s.note(s.call.Back(s.now))
	s.expectDone(Ask, 1)
	s.found(
		Channel{Uniqueid: "u1", State: "6", Application: "ConfBridge", Data: "600"},
		Channel{Uniqueid: "u2", State: "6", Application: "ConfBridge", Data: "600,x"},
		Channel{Uniqueid: "u3", State: "5"},
		Channel{Uniqueid: "u5", State: "0"},
	)
	s.expect("joined joined ringing unknown dialing")
	s.pass(time.Second)
	s.found()
	s.expect("joined joined ringing failed dialing")
	s.expectDone(Dial, 0)
}

func TestWhatWasNotDialledWhenTheServerWasLostFailsIfItStaysLost(t *testing.T) {
	s := begin(t, 3, func(p *Plan) { p.Concurrency = 1 })
	s.note(s.call.Lost(s.now))
	s.pass(31 * time.Second)
	s.expect("unknown failed failed")
	s.expectDone(Settled, 1)
	s.expectDone(Dial, 1)
	s.expectDone(Over, 0)
	s.note(s.call.Back(s.now))
	s.found()
	s.pass(time.Second)
	s.found()
	s.expect("failed failed failed")
	s.expectDone(Over, 1)
}

func TestWhatWasNeverSentIsDialledAgainAndWhatMayHaveBeenIsNot(t *testing.T) {
	s := begin(t, 2, nil)
	s.note(s.call.Replied(s.now, "t1", Unsent, "the server was lost"))
	s.note(s.call.Replied(s.now, "t2", Doubtful, ""))
	s.expectDone(Dial, 2)
	s.expect("queued dialing")
	s.pass(time.Second)
	s.expectDone(Dial, 1)
	s.expectDone(Ask, 1)
}

func TestARefusalByAsteriskEndsTheLegWithItsWords(t *testing.T) {
	s := begin(t, 1, nil)
	s.note(s.call.Replied(s.now, "t1", Refused, "Extension does not exist."))
	if l := s.call.Legs()[0]; l.State != Failed || l.Reason != "Extension does not exist." {
		t.Errorf("the leg is %v", &l)
	}
	s.expectDone(Over, 1)
}

func TestAnAnsweredLegThatNeverJoinsHasFailedAndHoldsTheEndForAWhileOnly(t *testing.T) {
	s := begin(t, 2, nil)
	s.up("u1")
	s.up("u2")
	s.hungUp("u1", 16)
	s.expect("failed answered")
	s.pass(11 * time.Second)
	s.expectDone(Settled, 1)
	s.hear("Event: ConfbridgeJoin\nConference: 600\nUniqueid: u2\nChannel: PJSIP/1")
	s.expect("failed joined")
}

func TestALocalChannelThatIsSwappedAwayIsFollowedAsTheOneBehindIt(t *testing.T) {
	s := begin(t, 1, func(p *Plan) { p.Conference = "" })
	s.up("u1")
	s.hear("Event: DialEnd\nUniqueid: u1;2\nDestUniqueid: phone\nDialStatus: ANSWER")
	s.hear("Event: LocalOptimizationBegin\nLocalOneUniqueid: u1\nSourceUniqueid: other\nDestUniqueId: u1;2\nId: 1")
	s.hungUp("u1", 16)
	s.expect("answered")
	s.hungUp("phone", 16)
	s.expect("left")
}

func TestALocalChannelIsNotFollowedToAPhoneThatHasHungUp(t *testing.T) {
	s := begin(t, 1, func(p *Plan) { p.Conference = "" })
	s.up("u1")
	s.hear("Event: DialEnd\nUniqueid: u1;2\nDestUniqueid: phone\nDialStatus: ANSWER")
	s.hear("Event: LocalOptimizationBegin\nLocalOneUniqueid: u1\nId: 1")
	s.hungUp("phone", 16)
	s.hungUp("u1", 16)
	s.expect("left")
}

func TestWhatOthersWriteIntoTheStreamChangesNoLeg(t *testing.T) {
	s := begin(t, 1, nil)
	s.hear("Event: OriginateResponse\nActionID: u1\nUniqueid: u1\nResponse: Failure\nReason: 5")
	s.hear("Event: UserEvent\nUniqueid: u1\nEvent: Hangup\nCause: 17")
	s.hear("Event: ConfbridgeJoin\nConference: 601\nUniqueid: u1")
	s.expect("dialing")
}
