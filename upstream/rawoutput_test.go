package upstream

import (
	"strings"
	"testing"
)

const rawCommand = "Response: Follows\r\nPrivilege: Command\r\nActionID: $\r\nUptime: 5\n\nEvent: no event\n--END COMMAND--\r\n\r\n"

func TestOldCommandOutputIsOneReply(t *testing.T) {
	for _, banner := range []string{"Asterisk Call Manager/1.3", "Asterisk Call Manager/2.10.6", "Asterisk Call Manager", "Asterisk Call Manager/unknown"} {
		b := start(t)
		p := b.upAs(banner)
		in := b.client().request("Action: Command\nCommand: core show uptime")
		action := p.expect("Command")
		p.sendRaw(strings.ReplaceAll(rawCommand, "$", action.ActionID()))
		in.wants("Uptime: 5\n\nEvent: no event\n--END COMMAND--\r\n+")
		p.quiet()
	}
}

func TestAMadeUpResponseFollowsSwallowsNothing(t *testing.T) {
	for _, banner := range []string{"Asterisk Call Manager/2.10.6", "Asterisk Call Manager/3.1.0", banner22} {
		b := start(t)
		p := b.upAs(banner)
		p.sendRaw("Response: Follows\r\nPrivilege: Command\r\nmade up\r\n\r\n")
		p.quiet()

		// Nor while the old form may come: it carries the ActionID of the Command.
		in := b.client().request("Action: Command\nCommand: core show uptime")
		action := p.expect("Command")
		p.sendRaw("Response: Follows\r\nPrivilege: Command\r\nActionID: 1\r\nmade up\r\n\r\n")
		p.quiet()
		p.answer(action, "Response: Success\nActionID: $\nMessage: Command output follows\nOutput: Uptime: 5")
		in.wants("Output: Uptime: 5\r\n+")
	}
}

func TestOnlyACommandOfAnOldAsteriskHasRawOutput(t *testing.T) {
	b := start(t)
	p := b.up()
	in := b.client().request("Action: Command\nCommand: core show uptime")
	action := p.expect("Command")
	p.sendRaw("Response: Follows\r\nPrivilege: Command\r\nActionID: " + action.ActionID() + "\r\nmade up\r\n\r\n")
	p.quiet()
	in.wants("made up\r\n+")

	b = start(t)
	p = b.upAs("Asterisk Call Manager/1.3")
	in = b.client().request(ping(1))
	action = p.expect("Ping")
	p.sendRaw("Response: Follows\r\nPrivilege: Command\r\nActionID: " + action.ActionID() + "\r\nmade up\r\n\r\n")
	p.quiet()
	in.wants("made up\r\n+")
}
