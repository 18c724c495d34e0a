package app

import (
	"testing"

	"github.com/astproxy/astproxy/agi/agitest"
	"github.com/astproxy/astproxy/proxy/proxytest"
	"github.com/astproxy/astproxy/sim"
	"github.com/astproxy/astproxy/sim/simtest"
)

// TestSomebodyLogsInAtAPhoneAndIsThereAfterAReloadAndARestart is hotdesk as a configuration file makes it.
func TestSomebodyLogsInAtAPhoneAndIsThereAfterAReloadAndARestart(t *testing.T) {
	asterisk := simtest.Start(t, sim.Config{})
	rest := server("pbx", asterisk.Addr()) + listener("ami", "127.0.0.1:0") + listener("agi", "127.0.0.1:0") + "token = 's3cret'\n" + aUser +
		"[plugin.hotdesk]\ncontext = 'default'\n"
	const ann, bob = "[[plugin.hotdesk.user]]\nextension = '741'\nname = 'Ann'\npin = '0123'\nqueues = ['support']\n",
		"[[plugin.hotdesk.user]]\nextension = '742'\nname = 'Bob'\npin = '9876'\n"
	r := run(t, rest, ann)
	r.up("pbx")
	phone := func(channel, user, pin string) string {
		t.Helper()
		return agitest.Call(t, r.Addresses()[1], channel, "hotdesk/login?token=s3cret&user="+user).Talk(pin).Variables["HOTDESKSTATUS"]
	}
	if status := phone("PJSIP/101-00000001", "741", "0123"); status != "LOGGEDIN" {
		t.Errorf("the login ends as %q", status)
	}
	if status := phone("PJSIP/102-00000001", "742", "9876"); status != "REFUSED" {
		t.Errorf("who there is not ends as %q", status)
	}
	r.reload(rest, ann, bob)
	if status := phone("PJSIP/102-00000001", "742", "9876"); status != "LOGGEDIN" {
		t.Errorf("who is new ends as %q", status)
	}
	there := func(c *proxytest.Client, user string) {
		t.Helper()
		if m := c.Ask("HotdeskStatus", "User: "+user); m.Get("LoggedIn") != "yes" {
			t.Errorf("%s is answered with %s", user, m)
		}
	}
	c := r.login()
	there(c, "741")
	there(c, "742")
	if status := agitest.Call(t, r.Addresses()[1], "PJSIP/103-00000001", "hotdesk/login?user=741&token=wrong").Talk("0123").Variables["HOTDESKSTATUS"]; status != "" {
		t.Errorf("without the token it ends as %q", status)
	}
	state := r.state.folder
	r.stop()

	again := run(t, "state = '"+state+"'\n", rest, ann, bob)
	there(again.login(), "741")
}
