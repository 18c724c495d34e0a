package load

import (
	"fmt"
	"strings"
	"time"
)

const fullyBooted = "Event: FullyBooted\r\nPrivilege: system,all\r\nUptime: 195\r\nLastReload: 195\r\nStatus: Fully Booted\r\n\r\n"

// commands is the ListCommands of the played Asterisk: enough of each class that a proxy learns
// which rights exist.
const commands = "Challenge: Generate Challenge for MD5 Auth.  (Priv: <none>)\r\n" +
	"Command: Execute Asterisk CLI Command.  (Priv: command,all)\r\n" +
	"CoreSettings: Show PBX core settings (version etc).  (Priv: system,reporting,all)\r\n" +
	"CoreShowChannels: List currently active channels.  (Priv: system,reporting,all)\r\n" +
	"Events: Control Event Flow.  (Priv: <none>)\r\n" +
	"GetConfig: Retrieve configuration.  (Priv: system,config,all)\r\n" +
	"Hangup: Hangup channel.  (Priv: system,call,all)\r\n" +
	"ListCommands: List available manager commands.  (Priv: <none>)\r\n" +
	"Login: Login Manager.  (Priv: <none>)\r\n" +
	"Logoff: Logoff Manager.  (Priv: <none>)\r\n" +
	"Originate: Originate a call.  (Priv: originate,all)\r\n" +
	"Ping: Keepalive command.  (Priv: <none>)\r\n" +
	"QueueStatus: Show queue status.  (Priv: <none>)\r\n" +
	"Status: List channel status.  (Priv: system,call,reporting,all)\r\n" +
	"UserEvent: Send an arbitrary event.  (Priv: user,all)\r\n"

// A reply is what one action is answered with, and what it changes.
type reply struct {
	text   string
	login  bool // the session is logged in from here
	mask   bool // events says what the session gets from here
	events bool
	logoff bool
}

// replyTo answers one action as Asterisk 22 would; what it does not know succeeds.
func replyTo(action message) reply {
	id := ""
	if v := action.get("ActionID"); v != "" {
		id = "ActionID: " + v + "\r\n"
	}
	success := func(rest string) string { return "Response: Success\r\n" + id + rest + "\r\n" }
	switch strings.ToLower(action.get("Action")) {
	case "challenge":
		return reply{text: success("Challenge: 208712345\r\n")}
	case "login":
		return reply{
			text:   success("Message: Authentication accepted\r\n"),
			login:  true,
			events: eventsOn(action.get("Events")),
		}
	case "logoff":
		return reply{text: "Response: Goodbye\r\n" + id + "Message: Thanks for all the fish.\r\n\r\n", logoff: true}
	case "events":
		on := eventsOn(action.get("EventMask"))
		state := "Off"
		if on {
			state = "On"
		}
		return reply{text: success("Events: " + state + "\r\n"), mask: true, events: on}
	case "ping":
		now := time.Now()
		return reply{text: success(fmt.Sprintf("Ping: Pong\r\nTimestamp: %d.%06d\r\n", now.Unix(), now.Nanosecond()/1000))}
	case "listcommands":
		return reply{text: success(commands)}
	case "coreshowchannels":
		// A proxy that tracks channels waits for the list's end.
		return reply{text: success("EventList: start\r\nMessage: Channels will follow\r\n") +
			"Event: CoreShowChannelsComplete\r\n" + id + "EventList: Complete\r\nListItems: 0\r\n\r\n"}
	default:
		return reply{text: success("")}
	}
}
