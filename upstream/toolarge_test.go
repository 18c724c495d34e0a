package upstream

import (
	"strings"
	"testing"

	"github.com/astproxy/astproxy/ami"
)

// huge is lines of more than a message may have.
var huge = strings.Repeat("Output: "+strings.Repeat("x", 1000)+"\n", ami.ReplyLimits.Block/1000)

func TestAnAnswerThatIsTooLargeIsAnErrorForWhoAskedAndTheSessionGoesOn(t *testing.T) {
	b := start(t)
	p := b.up()
	c, other := b.client(), b.client()
	in := c.request("Action: Command\nCommand: dump all")
	p.reply("Command", "Response: Success\nActionID: $\nMessage: Command output follows\n"+huge)
	in.wants(tooLarge + "\r\n+")

	in = other.request(ping(1))
	p.reply("Ping", pong)
	in.wants("Ping: Pong\r\n+")
	p.quiet()
}

func TestAnItemThatIsTooLargeIsAnErrorInsideItsList(t *testing.T) {
	b := start(t)
	p := b.up()
	in := b.client().request("Action: Status\nActionID: 1")
	action := p.expect("Status")
	p.answer(action, "Response: Success\nActionID: $\nEventList: start\n\nEvent: Status\nPrivilege: Call\nActionID: $\n"+huge)
	p.answer(action, "Event: Status\nPrivilege: Call\nActionID: $\n\nEvent: StatusComplete\nActionID: $\nEventList: Complete")
	in.wants("EventList: start", tooLarge, "Event: Status\r\n", "EventList: Complete\r\n+")
	p.reply("Ping", pong) // which would tell that an error was the end
	p.quiet()
}

func TestAnEventThatIsTooLargeIsAnnouncedAsMissed(t *testing.T) {
	b := start(t)
	p := b.up()
	p.send("Event: VarSet\nPrivilege: dialplan,all\nValue: " + strings.Repeat("x", ami.ReplyLimits.Line))
	if m := p.broadcast(); m.Event() != "ProxyGap" || m.Get("Privilege") != "dialplan,all" || m.Get("Missed") != "1" {
		t.Errorf("broadcast %q", m)
	}
	p.quiet()
}
