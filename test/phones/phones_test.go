package phones_test

import (
	"testing"
	"time"

	"github.com/astproxy/astproxy/proxy/proxytest"
	"github.com/astproxy/astproxy/test/asterisk"
	"github.com/astproxy/astproxy/test/phones"
)

func TestMain(m *testing.M) { proxytest.Main(m) }

func TestPhonesAnswerRingAndRefuse(t *testing.T) {
	for _, version := range asterisk.Versions() {
		t.Run(version, func(t *testing.T) {
			server := asterisk.Start(t, version)
			phones.Start(t, server, phones.Answers(50*time.Millisecond), "101", "102", "500")
			phones.Start(t, server, phones.AnswersAndHangsUp(50*time.Millisecond, 100*time.Millisecond), "103")
			phones.Start(t, server, phones.RingsForEver(), "104")
			phones.Start(t, server, phones.IsBusy(), "105")
			phones.Start(t, server, phones.Declines(), "106")

			c := proxytest.Dial(t, server.AMIAddress)
			c.Login(server.Username, server.Secret)
			call := func(name string) {
				c.Send("Originate", "Async: true", "ActionID: "+name, "Channel: PJSIP/"+name, "ChannelId: call-"+name, "Timeout: 4000",
					"Application: Wait", "Data: 60")
			}
			for _, name := range []string{"101", "102", "500", "103", "104", "105", "106"} {
				call(name)
			}
			for _, name := range []string{"101", "102", "500", "103"} {
				c.Event("OriginateResponse", "ActionID: "+name, "Reason: 4")
			}
			c.Event("Hangup", "Uniqueid: call-103")
			c.Event("Hangup", "Uniqueid: call-105", "Cause: 17")
			c.Event("Hangup", "Uniqueid: call-106", "Cause: 21")
			c.Event("Newstate", "Uniqueid: call-104", "ChannelStateDesc: Ringing")
			c.Event("OriginateResponse", "ActionID: 104", "Reason: 3")
			for _, name := range []string{"101", "102", "500"} {
				c.Send("Hangup", "Channel: call-"+name)
				c.Event("Hangup", "Uniqueid: call-"+name)
			}
		})
	}
}
