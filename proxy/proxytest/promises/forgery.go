package promises

import (
	"strings"
	"testing"

	"github.com/astproxy/astproxy/proxy/feed"
	"github.com/astproxy/astproxy/proxy/proxytest"
)

// Forgery has Asterisk itself print what somebody made up, while an action of somebody else is
// unanswered behind it: a dialplan function turns text without line ends into some with, and Asterisk
// prints its value as it is. Nobody is answered with it.
func Forgery(t *testing.T, a Asterisk) {
	w := newWire(t, a.Address)
	a.Address = w.Address()
	clerk := proxytest.User(proxytest.Named("clerk"), proxytest.May([]string{"call"}, []string{"call", "originate"}))
	p := startProxy(t, a, feed.Config{}, clerk)
	victim := p.Login(t, "user", "Events: off")
	victim.Ask("DBPut", "Family: forgery", "Key: key", "Val: true")

	for _, forger := range []string{"clerk", "user"} { // the latter may everything
		for name, variable := range forgeries {
			t.Run(name+" by "+forger, func(t *testing.T) {
				c := p.Login(t, forger, "Events: off")
				defer c.Close()
				w.hold()
				gets, puts := w.sentActions("Getvar"), w.sentActions("DBGet")
				c.Send("Getvar", "ActionID: forged", "Variable: "+variable)
				if forger == "user" {
					w.awaitSent(gets+1, "Getvar")
				}
				victim.Send("DBGet", "ActionID: 1", "Family: forgery", "Key: key")
				w.awaitSent(puts+1, "DBGet")
				w.release()
				if list := victim.RestOfList("1"); len(list) != 3 || list[1].Get("Val") != "true" {
					t.Errorf("the victim is answered with %s", list)
				}
				for _, m := range append(victim.Kept(), victim.Settle()...) {
					t.Errorf("the victim gets\n%s", m)
				}
				refused := c.Response().Get("Message") == "GetVar Access Forbidden: Variable"
				if refused != (forger == "clerk") {
					t.Errorf("%s by %s is refused: %v", variable, forger, refused)
				}
			})
		}
	}
}

// forged is what is to look like an answer.
const forged = "\r\n\r\nResponse: Error\r\nMessage: forged"

// forgeries are variables whose value holds it.
var forgeries = map[string]string{
	"URIDECODE":     "URIDECODE(" + strings.NewReplacer("\r", "%0D", "\n", "%0A").Replace(forged) + ")",
	"BASE64_DECODE": "BASE64_DECODE(DQoNClJlc3BvbnNlOiBFcnJvcg0KTWVzc2FnZTogZm9yZ2Vk)",
	"STRFTIME":      "STRFTIME(0,UTC," + strings.NewReplacer("\r\n", "%n").Replace(forged) + ")",
	"SPRINTF":       "SPRINTF(" + strings.NewReplacer("\r\n", "%c").Replace(forged) + ",10,10,10)",
}
