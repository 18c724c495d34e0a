package soak_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/astproxy/astproxy/ami"
	"github.com/astproxy/astproxy/proxy/feed"
)

// want compares what a judge says in the end, "" for nothing, with what it must.
func want(t *testing.T, verdict error, text string) {
	t.Helper()
	switch {
	case text == "" && verdict != nil:
		t.Errorf("it is found wrong: %v", verdict)
	case text != "" && (verdict == nil || !strings.Contains(verdict.Error(), text)):
		t.Errorf("the judge says %v, not %q", verdict, text)
	}
}

// numbered is a step of what a client sees: a small number, or an announcement.
type numbered struct {
	life, number int
	missed       string // of a ProxyGap
	reason       string
	status       bool // a ProxyServerStatus
}

func TestTheJudgeOfNumbersFindsWhatIsLostTwiceOrOutOfOrder(t *testing.T) {
	slow := feed.GapTooSlow
	for name, c := range map[string]struct {
		exact bool
		steps []numbered
		want  string
	}{
		"all":                                {steps: []numbered{{life: 1, number: 1}, {life: 1, number: 2}}},
		"a late beginning":                   {steps: []numbered{{life: 1, number: 2}}, want: "it should have had number 1"},
		"one lost":                           {steps: []numbered{{life: 1, number: 1}, {life: 1, number: 3}}, want: "no loss was announced"},
		"one twice":                          {steps: []numbered{{life: 1, number: 1}, {life: 1, number: 1}}, want: "has come before"},
		"out of order":                       {steps: []numbered{{life: 1, number: 1}, {life: 1, number: 2}, {life: 1, number: 1}}, want: "has come before"},
		"an announced loss":                  {steps: []numbered{{life: 1, number: 1}, {missed: "2", reason: slow}, {life: 1, number: 4}}},
		"more lost than announced":           {steps: []numbered{{life: 1, number: 1}, {missed: "1", reason: slow}, {life: 1, number: 4}}, want: "1 more than the ProxyGap said"},
		"others' events lost, too":           {steps: []numbered{{life: 1, number: 1}, {missed: "9", reason: slow}, {life: 1, number: 4}}},
		"less lost than announced":           {exact: true, steps: []numbered{{life: 1, number: 1}, {missed: "9", reason: slow}, {life: 1, number: 4}}, want: "7 more than are missing"},
		"less lost than everybody is told":   {exact: true, steps: []numbered{{life: 1, number: 1}, {missed: "9", reason: feed.GapOverload}, {life: 1, number: 4}}},
		"nobody knows how much":              {exact: true, steps: []numbered{{life: 1, number: 1}, {reason: feed.GapForgotten}, {life: 1, number: 4}}},
		"a loss behind the one announced":    {steps: []numbered{{life: 1, number: 1}, {missed: "2", reason: slow}, {life: 1, number: 4}, {life: 1, number: 6}}, want: "no loss was announced"},
		"an announced restart":               {steps: []numbered{{life: 1, number: 1}, {status: true}, {status: true}, {life: 2, number: 1}}},
		"a restart of which nothing is told": {steps: []numbered{{life: 1, number: 1}, {life: 2, number: 1}}, want: "nothing has told that life 1 was over"},
		"a new life without its beginning":   {steps: []numbered{{life: 1, number: 1}, {status: true}, {life: 2, number: 2}}, want: "no loss was announced"},
		"an old life again":                  {steps: []numbered{{life: 1, number: 1}, {status: true}, {life: 2, number: 1}, {life: 1, number: 2}}, want: "life 2 was there before"},
		"an end before that of others":       {steps: []numbered{{life: 1, number: 1}, {life: 1, number: 2}, {status: true}}, want: "for another client number 7"},
	} {
		t.Run(name, func(t *testing.T) {
			truth := &told{}
			truth.begin()
			n := numbers{told: truth, sees: [seriesCount]bool{small: true}, exact: c.exact}
			n.begin()
			if strings.Contains(c.want, "another client") {
				if err := truth.ended(1, small, 7); err != nil {
					t.Fatal(err)
				}
			}
			var verdict error
			for _, s := range c.steps {
				if verdict != nil {
					t.Fatalf("before the end: %v", verdict)
				}
				switch {
				case s.status:
					verdict = n.announceStatus()
				case s.number == 0:
					n.announceGap(s.missed, s.reason)
				default:
					verdict = n.take(small, s.life, s.number)
				}
			}
			want(t, verdict, c.want)
		})
	}
}

func TestTheJudgeOfCallsFindsWhatIsMissingOfThem(t *testing.T) {
	event := func(name, more string) ami.Message {
		return ami.Parse("Event: " + name + "\r\nUniqueid: soak-1-2\r\n" + more)
	}
	whole := []ami.Message{event("Newchannel", "")}
	for _, step := range []string{"1", "2", "3", "4", "5", "6", "7", "8"} {
		whole = append(whole, event("VarSet", "Variable: STEP\r\nValue: "+step+"\r\n"))
	}
	whole = append(whole, event("Hangup", ""))
	without := func(i int) []ami.Message {
		return slices.Concat(whole[:i], whole[i+1:])
	}
	for name, c := range map[string]struct {
		events []ami.Message
		want   string
	}{
		"all":            {whole, ""},
		"no Newchannel":  {without(0), "its Newchannel is missing"},
		"no third step":  {without(3), "takes step 4 behind step 2"},
		"no last step":   {without(8), "behind step 7 of 8"},
		"a second end":   {slices.Concat(whole, []ami.Message{event("Hangup", "")}), "behind its Hangup"},
		"a second start": {[]ami.Message{whole[0], whole[0]}, "a second Newchannel"},
	} {
		t.Run(name, func(t *testing.T) {
			judge := calls{told: &told{}}
			judge.begin()
			var verdict error
			for _, m := range c.events {
				if verdict = judge.take(m.Event(), m); verdict != nil {
					break
				}
			}
			want(t, verdict, c.want)
		})
	}
}

func TestTheJudgeOfAnswersFindsWhatIsLostTwiceOrAnothers(t *testing.T) {
	mine := func(id string) *question {
		q := getvar("mine"+id, "", 0)
		q.id = id
		return q
	}
	list := queues("", "", 0)
	list.id = "1"
	own := ownEvent("", "me", 1)
	own.id = "1"
	const right1, right2, nameless = "Response: Success\r\nActionID: 1\r\nVariable: mine1\r\n", "Response: Success\r\nActionID: 2\r\nVariable: mine2\r\n",
		"Response: Success\r\nVariable: mine\r\n"
	const unsent = "Response: Error\r\nActionID: 1\r\nMessage: Server pbx1: the action was not sent\r\n"
	const started, ended = "Response: Success\r\nActionID: 1\r\nEventList: start\r\n", "Event: QueueStatusComplete\r\nActionID: 1\r\nListItems: 1\r\n"
	for name, c := range map[string]struct {
		asked   []*question
		answers []string
		want    string
	}{
		"all":                            {[]*question{mine("1"), mine("2")}, []string{right2, right1}, ""},
		"one lost":                       {[]*question{mine("1"), mine("2")}, []string{right2}, "1 actions are not answered"},
		"one twice":                      {[]*question{mine("1"), mine("2")}, []string{right1, right1}, "a second answer"},
		"another's":                      {[]*question{mine("1")}, []string{"Response: Success\r\nActionID: 1\r\nVariable: theirs\r\n"}, "not its own"},
		"one that was not asked for":     {[]*question{mine("1")}, []string{right2}, "was not asked for"},
		"the outcome is not known":       {[]*question{mine("1")}, []string{"Response: Error\r\nActionID: 1\r\nMessage: Server pbx1 was lost: the action was sent, its outcome is unknown\r\n"}, ""},
		"an error for no reason":         {[]*question{mine("1")}, []string{"Response: Error\r\nActionID: 1\r\nMessage: Permission denied\r\n"}, "with the error"},
		"one without ActionID overtakes": {[]*question{mine("1"), mine("")}, []string{nameless, right1}, "is answered before"},
		"one without ActionID overtaken": {[]*question{mine(""), mine("1")}, []string{right1, nameless}, "is answered before"},
		"a list":                         {[]*question{list}, []string{started, "Event: QueueParams\r\nActionID: 1\r\n", ended}, ""},
		"an event that was not sent":     {[]*question{own}, []string{unsent, "Event: UserEvent\r\nNumber: 1\r\n"}, "was not sent"},
		"an event twice":                 {[]*question{own}, []string{"Event: UserEvent\r\nNumber: 1\r\n", "Event: UserEvent\r\nNumber: 1\r\n"}, "comes 2 times"},
		"no event":                       {[]*question{own}, []string{"Response: Success\r\nActionID: 1\r\nMessage: Event Sent\r\n"}, "has not come"},
	} {
		t.Run(name, func(t *testing.T) {
			list.listing, list.items = false, 0
			var a answers
			a.begin()
			for _, q := range c.asked {
				a.ask(q)
			}
			var verdict error
			for _, text := range c.answers {
				m := ami.Parse(text)
				switch {
				case m.Event() == "UserEvent":
					verdict = a.takeEcho(m.Get("Number"))
				case m.IsEvent():
					verdict = a.takeItem(m.Event(), m)
				default:
					verdict = a.respond(m)
				}
				if verdict != nil {
					break
				}
			}
			if verdict == nil {
				verdict = a.end(true)
			}
			want(t, verdict, c.want)
		})
	}
	t.Run("a list that lacks an item", func(t *testing.T) {
		list.listing, list.items = false, 0
		var a answers
		a.begin()
		a.ask(list)
		_ = a.respond(ami.Parse(started))
		want(t, a.takeItem("QueueStatusComplete", ami.Parse(ended)), "has 0 items of 1")
	})
}
