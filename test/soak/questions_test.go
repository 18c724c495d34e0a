package soak_test

import (
	"fmt"
	"math/rand/v2"
	"strconv"
	"strings"
)

// askers make the questions that clients ask, each as often as it stands here. word is one that no other client has.
var askers = [...]func(word, from string, number int) *question{
	getvar, getvar, getvar, getvar, getvar, getvar, mailbox, mailbox, mailbox, mailbox, ping, ping, queues, queues, queues,
	ownEvent, ownEvent, rare, rare, rare,
}

// newQuestion is a client's question of that number. Some have no ActionID, and others that of other clients'.
func newQuestion(random *rand.Rand, from string, number int) *question {
	word := fmt.Sprintf("%s_%d", strings.Map(letters, from), number)
	q := askers[random.IntN(len(askers))](word, from, number)
	if q == nil {
		q = rarely[random.IntN(len(rarely))]()
	}
	if random.IntN(4) > 0 {
		q.id = strconv.Itoa(number)
	}
	return q
}

func letters(r rune) rune {
	if r >= 'a' && r <= 'z' || r >= '0' && r <= '9' || r >= 'A' && r <= 'Z' {
		return r
	}
	return '_'
}

func success(m message) bool { return m.Get("Response") == "Success" }

// getvar asks for a variable that is not set: the answer says which.
func getvar(word, _ string, _ int) *question {
	return &question{action: "Getvar", headers: []string{"Variable: " + word}, right: func(m message) bool {
		return success(m) && m.Get("Variable") == word
	}}
}

// mailbox asks what others ask, too, but of another mailbox.
func mailbox(word, _ string, _ int) *question {
	return &question{action: "MailboxCount", headers: []string{"Mailbox: " + word + "@default"}, right: func(m message) bool {
		return success(m) && m.Get("Mailbox") == word+"@default"
	}}
}

func ping(string, string, int) *question {
	return &question{action: "Ping", right: func(m message) bool { return success(m) && m.Get("Ping") == "Pong" }}
}

// queues asks what many ask, who share an answer.
func queues(string, string, int) *question {
	return &question{action: "QueueStatus", list: "QueueStatusComplete", right: success}
}

// ownEvent has Asterisk tell everybody an event.
func ownEvent(_, from string, number int) *question {
	return &question{
		action: "UserEvent", headers: []string{"UserEvent: Own", "From: " + from, fmt.Sprintf("Number: %d", number)}, echo: number,
		right: func(m message) bool { return success(m) && m.Get("Message") == "Event Sent" },
	}
}

func rare(string, string, int) *question { return nil }

// rarely are questions that cost more.
var rarely = [...]func() *question{
	func() *question {
		return &question{action: "CoreShowChannels", list: "CoreShowChannelsComplete", right: success}
	},
	func() *question {
		return &question{action: "CoreStatus", right: func(m message) bool { return success(m) && m.Get("CoreStartupDate") != "" }}
	},
	func() *question {
		return &question{action: "CoreSettings", right: func(m message) bool { return success(m) && m.Get("AsteriskVersion") != "" }}
	},
	func() *question {
		return &question{action: "ListCommands", right: func(m message) bool { return success(m) && m.Get("Originate") != "" }}
	},
	func() *question {
		return &question{action: "Command", headers: []string{"Command: core show version"}, right: func(m message) bool {
			return success(m) && strings.Contains(m.Get("Output"), "Asterisk")
		}}
	},
	func() *question {
		return &question{action: "Originate", headers: []string{"Channel: Local/load@default/n", "Application: Wait", "Data: 1"}, right: success}
	},
}
