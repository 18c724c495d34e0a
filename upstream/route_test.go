package upstream

import (
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/astproxy/astproxy/ami"
)

func TestAnActionIsAnsweredToWhoAskedAndNobodyElse(t *testing.T) {
	b := start(t)
	p := b.up()
	alice, bob := b.client(), b.client()
	first := alice.request(ping(1))
	one := p.expect("Ping")
	second := bob.request(ping(1))
	two := p.expect("Ping")
	if one.ActionID() == "1" || one.ActionID() == two.ActionID() {
		t.Fatalf("tokens %q and %q", one.ActionID(), two.ActionID())
	}
	p.answer(one, pong+"\nTimestamp: 1")
	p.answer(two, pong+"\nTimestamp: 2")
	first.wants("Timestamp: 1+")
	second.wants("Timestamp: 2+")
	p.quiet()
	first.empty()
	second.empty()
}

func TestAnActionIsSentAsItCameButForItsActionIDAndServer(t *testing.T) {
	b := start(t)
	p := b.up()
	b.client().request("Action: Originate\nServer: office\nActionID: x\nActionID: y\nChannel: Local/1@a\nVariable: A=1\nVariable: B=2",
		func(r *Request) { r.Without = []string{"Server"} })
	m := p.expect("Originate")
	want := "Action: Originate\r\nActionID: " + m.ActionID() + "\r\nChannel: Local/1@a\r\nVariable: A=1\r\nVariable: B=2\r\n"
	if m.Raw() != want {
		t.Errorf("sent %q, want %q", m, want)
	}
}

func TestAListGoesToWhoAskedWithItsLastItemLast(t *testing.T) {
	b := start(t)
	p := b.up()
	in := b.client().request("Action: Status")
	p.reply("Status", `Response: Success
ActionID: $
EventList: start
Message: Channel status will follow

Event: Status
Privilege: Call
Channel: Local/1@x
ActionID: $

Event: StatusComplete
ActionID: $
EventList: Complete
ListItems: 1`)
	in.wants("Channel status will follow", "Event: Status\r\n", "StatusComplete+")
	p.quiet()
	in.empty()
}

// A function in a Status's Variables may give any text, line ends and all: Asterisk prints it in front of
// the ActionID. The token must be found there, or everybody would see it.
func TestATokenIsFoundBehindAnActionIDOfAClientsMaking(t *testing.T) {
	b := start(t)
	p := b.up()
	in := b.client().request("Action: Status\nVariables: URIDECODE(a%0D%0AActionID: z)")
	action := p.reply("Status", `Response: Success
ActionID: $
EventList: start

Event: Status
Privilege: Call
Variable: URIDECODE(a%0D%0AActionID: z)=a
ActionID: z
ActionID: $

Event: StatusComplete
ActionID: $
EventList: Complete`)
	in.wants("EventList: start")
	item := in.next().Message
	if line := b.session.TokenLine(item); line < 0 || item.Replacing(line, "").Raw() != strings.Replace(item.Raw(), "ActionID: "+action.ActionID()+"\r\n", "", 1) {
		t.Errorf("the token of %q is taken to be in line %d", item, line)
	}
	in.wants("StatusComplete+")
	p.quiet()
	p.answer(action, "Event: UserEvent\nPrivilege: user,all\nActionID: z\nActionID: $")
	if m := b.broadcast(); strings.Contains(m.Raw(), action.ActionID()) {
		t.Errorf("everybody sees the token in %q", m)
	}
}

func TestALongListComesWholeWhileOthersWait(t *testing.T) {
	b := start(t)
	p := b.up()
	in := b.client().request("Action: CoreShowChannels")
	other := b.client().request(ping(1))
	action := p.expect("CoreShowChannels")
	fence := p.expect("Ping")
	const items = 900
	var text strings.Builder
	text.WriteString("Response: Success\nActionID: $\nEventList: start\n\n")
	for range items {
		text.WriteString("Event: CoreShowChannel\nActionID: $\nChannel: x\n\n")
	}
	text.WriteString("Event: CoreShowChannelsComplete\nActionID: $\nEventList: Complete")
	p.answer(action, text.String())
	p.answer(fence, pong)
	other.wants("Pong+")
	in.wants("EventList: start")
	for range items {
		in.wants("Event: CoreShowChannel\r\n")
	}
	in.wants("Complete+")
}

func TestCommandOutputIsOneReply(t *testing.T) {
	b := start(t)
	p := b.up()
	in := b.client().request("Action: Command\nCommand: core show uptime")
	p.reply("Command", "Response: Success\nActionID: $\nMessage: Command output follows\nOutput: Uptime: 5\nOutput: Event: no event")
	in.wants("Output: Uptime: 5\r\nOutput: Event: no event\r\n+")
	p.quiet()
}

func TestAnErrorInsideAListDoesNotEndItWhenTheCompleteStillComes(t *testing.T) {
	b := start(t)
	p := b.up()
	c := b.client()
	in := c.request("Action: PJSIPShowEndpoint\nEndpoint: 101")
	action := p.expect("PJSIPShowEndpoint")
	p.answer(action, "Response: Success\nActionID: $\nEventList: start\n\nResponse: Error\nActionID: $\nMessage: half")
	p.answer(action, "Event: EndpointDetailComplete\nActionID: $\nEventList: Complete")
	p.reply("Ping", pong)
	in.wants("EventList: start", "Message: half", "EndpointDetailComplete+")
	in.empty()
}

func TestAnErrorInsideAListEndsItWhenNothingElseComes(t *testing.T) {
	b := start(t)
	p := b.up()
	in := b.client().request("Action: CoreShowChannelMap\nChannel: x")
	p.reply("CoreShowChannelMap", "Response: Success\nActionID: $\nEventList: start\n\nResponse: Error\nActionID: $\nMessage: Could not complete channel map\n")
	p.reply("Ping", pong)
	in.wants("EventList: start", "Could not complete+")
	in.empty()
}

func TestEventsBehindAResponseThatOpensNoListStillBelongToIt(t *testing.T) {
	b := start(t)
	p := b.up()
	c := b.client()
	in := c.request("Action: FAXStats")
	p.reply("FAXStats", "Response: Success\nActionID: $\nMessage: FAXStats event will follow\n\nEvent: FAXStats\nActionID: $\nCurrentSessions: 0")
	p.reply("Ping", pong)
	in.wants("will follow", "Event: FAXStats+")

	in = c.request("Action: QueueStatus") // as up to Asterisk 12
	p.reply("QueueStatus", "Response: Success\nActionID: $\nMessage: Queue status will follow\n\nEvent: QueueParams\nActionID: $\n\nEvent: QueueStatusComplete\nActionID: $")
	in.wants("will follow", "QueueParams", "QueueStatusComplete+")
	p.reply("Ping", pong)

	in = c.request("Action: DBGet") // as up to Asterisk 12: no Complete
	p.reply("DBGet", "Response: Success\nActionID: $\nMessage: Result will follow\n\nEvent: DBGetResponse\nActionID: $\nVal: 1")
	p.reply("Ping", pong)
	in.wants("will follow", "Val: 1\r\n+")
	p.quiet()
	in.empty()
}

func TestStragglersReachTheirOwnerUntilTheNextResponse(t *testing.T) {
	b := start(t)
	p := b.up()
	c := b.client()
	in := c.request("Action: Odd")
	action := p.expect("Odd")
	p.answer(action, "Response: Success\nActionID: $\nMessage: Done\n\nEvent: OddItem\nActionID: $\nN: 1")
	in.wants("Done+", "N: 1\r\n+")
	next := c.request(ping(1))
	p.reply("Ping", pong)
	next.wants("Pong+")
	p.answer(action, "Event: OddItem\nActionID: $\nN: 2")
	p.quiet()
	in.empty()
}

func TestTextWithoutResponseBelongsToTheActionThatAnswersSo(t *testing.T) {
	b := start(t)
	p := b.up()
	c := b.client()
	in := c.request("Action: Queues")
	p.expect("Queues")
	other := c.request("Action: ParkedCalls")
	fence := p.expect("Ping")
	behind := p.expect("ParkedCalls")
	p.sendRaw("support has 0 calls (max unlimited) in 'ringall' strategy\r\n   No Members\r\n   No Callers\r\n\r\n")
	p.sendRaw("sales has 0 calls\r\n\r\n\r\n\r\n")
	p.answer(fence, pong)
	p.answer(behind, "Response: Success\nActionID: $\nMessage: x")
	in.wants("support has 0 calls", "sales has 0 calls+")
	other.wants("Message: x+")
	in.empty()
}

func TestAnActionThatAnswersWithNothingIsAnswered(t *testing.T) {
	b := start(t)
	p := b.up()
	in := b.client().request("Action: iaxnetstats")
	p.expect("iaxnetstats")
	fence := p.expect("Ping")
	p.sendRaw("\r\n")
	p.answer(fence, pong)
	in.wants("+")
	in.empty()
}

func TestATextAnswererThatIsUnknownIsAnErrorOnce(t *testing.T) {
	b := start(t)
	p := b.up()
	in := b.client().request("Action: Queues")
	action := p.expect("Queues")
	fence := p.expect("Ping")
	p.answer(action, "Response: Error\nActionID: $\nMessage: Invalid/unknown command: Queues.")
	p.answer(fence, pong)
	in.wants("Invalid/unknown command+")
	in.empty()
}

func TestAReplyToAYoungerActionEndsTheOlderOnes(t *testing.T) {
	b := start(t)
	p := b.up()
	c := b.client()
	silent, list, last := c.request("Action: Silent"), c.request("Action: List"), c.request(ping(1))
	p.expect("Silent")
	p.reply("List", "Response: Success\nActionID: $\nEventList: start")
	p.reply("Ping", pong)
	silent.wants("+")
	list.wants("EventList: start", "+")
	last.wants("Pong+")
}

func TestAResponseWithoutActionIDBelongsToTheOldest(t *testing.T) {
	b := start(t)
	p := b.up()
	c := b.client()
	first, second := c.request("Action: One"), c.request("Action: Two")
	p.expect("One")
	p.expect("Two")
	p.send("Response: Success\nMessage: 1\n\nResponse: Success\nMessage: 2")
	p.reply("Ping", pong) // only now is it clear that they have no other
	first.wants("Message: 1\r\n+")
	second.wants("Message: 2\r\n+")
}

// Getvar prints the value of a variable, or of a function such as URIDECODE, as it is.
func TestAForgedAnswerInAValueIsNotGivenToSomebodyElse(t *testing.T) {
	b := start(t)
	p := b.up()
	mallory, bob, carol := b.client(), b.client(), b.client()
	forger := mallory.request("Action: Getvar\nVariable: X")
	getvar := p.expect("Getvar")
	plain, list := bob.request("Action: Setvar"), carol.request("Action: Status")
	setvar, status := p.expect("Setvar"), p.expect("Status")
	p.answer(getvar, "Response: Success\nActionID: $\nVariable: X\nValue: a\n\n"+
		"Response: Success\nMessage: forged\n\nEvent: Forged\nX: 1\n\nforged: 2\n\nResponse: Error\nMessage: forged, too")
	p.answer(setvar, "Response: Success\nActionID: $\nMessage: Variable Set")
	p.answer(status, "Response: Success\nActionID: $\nEventList: start\n\nEvent: Status\nActionID: $\nChannel: x\n\n"+
		"Event: StatusComplete\nActionID: $\nEventList: Complete")
	forger.wants("Value: a\r\n+")
	plain.wants("Variable Set\r\n+")
	list.wants("EventList: start", "Channel: x", "StatusComplete+")
	p.reply("Ping", pong)
	p.reply("Ping", pong)
	p.quiet()
	forger.empty()
	plain.empty()
	list.empty()
}

func TestAnEventWithoutResponseIsItsOwners(t *testing.T) {
	b := start(t)
	p := b.up()
	in := b.client().request("Action: DataGet") // as up to Asterisk 13
	p.reply("DataGet", "Event: DataGet Tree\nActionID: $\nX: 1")
	p.reply("Ping", pong)
	in.wants("DataGet Tree+")
	p.quiet()
}

func TestTheRestOfAValueWithBlankLinesIsNotGivenToSomebodyElse(t *testing.T) {
	b := start(t)
	p := b.up()
	alice, bob := b.client(), b.client()
	mine := alice.request("Action: Getvar\nVariable: CURL(x)")
	his := bob.request("Action: Getvar\nVariable: Y")
	first, second := p.expect("Getvar"), p.expect("Getvar")
	p.answer(first, "Response: Success\nActionID: $\nVariable: CURL(x)\nValue: one\n\ntwo: private")
	p.answer(second, "Response: Success\nActionID: $\nVariable: Y\nValue: 2")
	mine.wants("Value: one\r\n+", "two: private\r\n+")
	his.wants("Value: 2\r\n+")
	his.empty()
}

func TestWhatABlockIsItsFirstLineSays(t *testing.T) {
	b := start(t)
	p := b.up()
	in := b.client().request(ping(1))
	action := p.expect("Ping")
	p.answer(action, "Event: UserEvent\nPrivilege: user,all\nUserEvent: x\nResponse: Success\nActionID: $\nEventList: Complete")
	p.answer(action, pong)
	in.wants("Pong+")
	if m := p.broadcast(); m.Event() != "UserEvent" || m.Get("Response") != "Success" || m.ActionID() != "1" {
		t.Errorf("broadcast %q", m)
	}
}

func TestABroadcastGetsTheClientsActionIDBack(t *testing.T) {
	b := start(t)
	p := b.up()
	c := b.client()
	userEvent := "Event: UserEvent\nPrivilege: user,all\nUserEvent: Hello\nActionID: $\nFoo: bar"

	in := c.request("Action: UserEvent\nUserEvent: Hello\nActionID: mine \nFoo: bar")
	p.reply("UserEvent", "Response: Success\nActionID: $\nMessage: Event Sent\n\n"+userEvent)
	in.wants("Event Sent+")
	if m := p.broadcast(); m.Raw() != "Event: UserEvent\r\nPrivilege: user,all\r\nUserEvent: Hello\r\nActionID: mine \r\nFoo: bar\r\n" {
		t.Errorf("broadcast %q", m)
	}

	in = c.request("Action: UserEvent\nUserEvent: Hello\nFoo: bar")
	p.reply("UserEvent", "Response: Success\nActionID: $\nMessage: Event Sent\n\n"+userEvent)
	in.wants("Event Sent+")
	if m := p.broadcast(); m.Raw() != "Event: UserEvent\r\nPrivilege: user,all\r\nUserEvent: Hello\r\nFoo: bar\r\n" {
		t.Errorf("broadcast %q", m)
	}

	in = c.request("Action: UserEvent\nUserEvent: Hello\nActionID:\nFoo: bar")
	p.reply("UserEvent", "Response: Success\nActionID: $\n\n"+userEvent)
	in.wants("Success+")
	if m := p.broadcast(); !m.Has("ActionID") || m.ActionID() != "" {
		t.Errorf("broadcast %q", m)
	}
}

func TestAUserEventsActionIDKeepsItsPlaceAndSpelling(t *testing.T) {
	b := start(t)
	p := b.up()
	c := b.client()
	for _, line := range []string{"ActionID: mine", "actionid:mine", "ACTIONID:   mine ", "ActionID:", "ActionID:" + strings.Repeat(" ", 1008) + "mine"} {
		in := c.request("Foo: bar\nAction: userevent\nUserEvent: Hello\n"+line+"\nServer: office\nBaz: x", func(r *Request) { r.Without = []string{"Server"} })
		_ = p.conn.SetReadDeadline(time.Now().Add(p.patience))
		action, err := p.reader.Read() // within Asterisk's limits
		if err != nil || ami.CheckAction(action) != nil {
			t.Fatalf("%q arrives as %q, %v", line, action, err)
		}
		lines := ""
		for l := range strings.Lines(action.Raw()) {
			if name, _, _ := strings.Cut(l, ":"); name != "Action" && name != "UserEvent" {
				lines += l
			}
		}
		p.answer(action, "Response: Success\nActionID: $\nMessage: Event Sent")
		p.sendRaw("Event: UserEvent\r\nPrivilege: user,all\r\nUserEvent: Hello\r\n" + lines + "\r\n")
		in.wants("Event Sent+")
		want := "Event: UserEvent\r\nPrivilege: user,all\r\nUserEvent: Hello\r\nFoo: bar\r\n" + line + "\r\nBaz: x\r\n"
		if len(line) > 1000 {
			want = strings.Replace(want, line, "ActionID: mine", 1) // there is no room for the token
		}
		if m := p.broadcast(); m.Raw() != want {
			t.Errorf("broadcast %q, want %q", m, want)
		}
	}
}

func TestForeignActionIDsPassUntouchedAndUnknownTokensGo(t *testing.T) {
	b := start(t)
	p := b.up()
	const text = "Event: OriginateResponse\r\nPrivilege: call,all\r\nActionID: somebody-elses\r\nReason: 4\r\n"
	p.sendRaw(text + "\r\n")
	if m := p.broadcast(); m.Raw() != text {
		t.Errorf("broadcast %q", m)
	}
	for _, token := range []string{b.session.tokens.token(999_999), newTokens().token(1), b.session.tokens.prefix + "?"} {
		p.sendRaw(strings.Replace(text, "somebody-elses", token, 1) + "\r\n")
		if m := p.broadcast(); m.Has("ActionID") {
			t.Errorf("broadcast %q", m)
		}
	}
}

func TestAnUnsolicitedPrivateMessageReachesNobody(t *testing.T) {
	b := start(t)
	p := b.up()
	p.send("Event: WaitEventComplete\n\nResponse: Error\nMessage: Missing action in request\n\nstray text")
	p.quiet()
	in := b.client().request(ping(1))
	p.send("Event: Odd\nActionID: stranger")
	p.send("Response: Success\nActionID: " + b.session.tokens.token(999_999))
	p.quiet()
	in.empty()
}

func TestOriginalsAreKeptForTheLastActionsOnly(t *testing.T) {
	var o originals
	o.put(1, "a")
	if id, found := o.get(1); !found || id != "a" {
		t.Error("the first is lost")
	}
	o.put(1+originalsKept, "b")
	if _, found := o.get(1); found {
		t.Error("the first is given for another")
	}
	if id, _ := o.get(1 + originalsKept); id != "b" || len(o.entries) > originalsKept {
		t.Errorf("%q, %d entries", id, len(o.entries))
	}
	if _, found := o.get(0); found {
		t.Error("a token of nobody is known")
	}
}

func TestTokensAreShortDifferentAndOurs(t *testing.T) {
	one, two := newTokens(), newTokens()
	token := one.token(1_000_000)
	if len(token) > 40 {
		t.Errorf("token %q has %d bytes", token, len(token))
	}
	if n, ours := one.parse(token); n != 1_000_000 || !ours {
		t.Errorf("parsed %d, %v", n, ours)
	}
	if n, ours := two.parse(token); n != 0 || !ours {
		t.Errorf("of another session: %d, %v", n, ours)
	}
	if _, ours := one.parse("1234"); ours {
		t.Error("a foreign ActionID is ours")
	}
}

func TestSendRefusesWhatIsNoAction(t *testing.T) {
	b := start(t)
	b.up()
	q := b.session.NewRequester()
	if err := q.Send(t.Context(), Request{}); !errors.Is(err, ErrNoAction) {
		t.Errorf("an empty action: %v", err)
	}
}

func TestAListWithoutActionIDsBelongsToTheOldest(t *testing.T) {
	b := start(t)
	p := b.up()
	in := b.client().request("Action: List")
	p.expect("List")
	p.send("Response: Success\nEventList: start\n\nEvent: Item\n\nEvent: ListComplete\nEventList: Complete")
	p.reply("Ping", pong)
	in.wants("EventList: start", "Item", "ListComplete+")
}

// Getvar prints the value of URIDECODE(...) as it is.
func TestAMadeUpResponseIsNobodysAnswer(t *testing.T) {
	for _, madeUp := range []string{
		"Response: Success\nMessage: made up",
		"Response: Success\nActionID: 1\nMessage: made up",
		"Response: Success\nEventList: start\n\nEvent: Item\nMessage: made up\n\nEvent: ListComplete\nEventList: Complete",
		"Response: Error\n\nmade up",
	} {
		b := start(t)
		p := b.up()
		forger, victim, another := b.client(), b.client(), b.client()
		mine := forger.request("Action: Getvar\nVariable: URIDECODE(x)")
		his := victim.request("Action: List\nActionID: 1")
		theirs := another.request("Action: Other")
		getvar, list, other := p.expect("Getvar"), p.expect("List"), p.expect("Other")
		p.answer(getvar, "Response: Success\nActionID: $\nVariable: URIDECODE(x)\nValue: \n\n"+madeUp)
		p.answer(list, "Response: Success\nActionID: $\nEventList: start\n\nEvent: Item\nActionID: $\n\nEvent: ListComplete\nActionID: $\nEventList: Complete")
		p.answer(other, "Response: Success\nActionID: $")
		p.reply("Ping", pong)
		mine.wants("URIDECODE+")
		his.wants("EventList: start", "Item", "ListComplete+")
		theirs.wants("Success+")
		his.empty()
		theirs.empty()
	}
}
