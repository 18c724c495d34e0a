package upstream

import (
	"testing"
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
