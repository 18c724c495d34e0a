package transcript_test

import (
	"strings"
	"testing"
)

// originates are the headers of synchronous Originates: what is placed, and what is refused with
// which words.
var originates = []struct{ name, headers string }{
	{"answers", "Channel: Local/1001@default|Context: default|Exten: 1002|Priority: 1"},
	{"is busy", "Channel: Local/3001@default|Context: default|Exten: 1002|Priority: 1"},
	{"rings out", "Channel: Local/2001@default|Context: default|Exten: 1002|Priority: 1|Timeout: 1500"},
	{"no such extension to call", "Channel: Local/5999@default|Context: default|Exten: 1002|Priority: 1"},
	{"no such context to call", "Channel: Local/1001@nowhere|Context: default|Exten: 1002|Priority: 1"},
	{"no such extension to go to", "Channel: Local/1001@default|Context: default|Exten: 9999|Priority: 1"},
	{"no such context to go to", "Channel: Local/1001@default|Context: nowhere|Exten: 1002|Priority: 1"},
	{"no such priority to go to", "Channel: Local/1001@default|Context: default|Exten: 1002|Priority: 17"},
	{"no Channel", "Context: default|Exten: 1002|Priority: 1"},
	{"an empty Channel", "Channel: |Context: default|Exten: 1002|Priority: 1"},
	{"no channel but a technology", "Channel: Local|Context: default|Exten: 1002|Priority: 1"},
	{"a technology and nothing", "Channel: Local/|Context: default|Exten: 1002|Priority: 1"},
	{"no technology", "Channel: /1001@default|Context: default|Exten: 1002|Priority: 1"},
	{"an unknown technology", "Channel: Bogus/1001|Context: default|Exten: 1002|Priority: 1"},
	{"an unknown endpoint", "Channel: PJSIP/999|Context: default|Exten: 1002|Priority: 1"},
	{"an endpoint that is not there", "Channel: PJSIP/101|Context: default|Exten: 1002|Priority: 1"},
	{"a Priority that is no number", "Channel: Local/1001@default|Context: default|Exten: 1002|Priority: x"},
	{"a Priority that is a number at first", "Channel: Local/1001@default|Context: default|Exten: 1002|Priority: 1x"},
	{"a negative Priority", "Channel: Local/1001@default|Context: default|Exten: 1002|Priority: -1"},
	{"Priority 0", "Channel: Local/1001@default|Context: default|Exten: 1002|Priority: 0"},
	{"Priority 0 and something", "Channel: Local/1001@default|Context: default|Exten: 1002|Priority: 0x1"},
	{"an empty Priority", "Channel: Local/1001@default|Context: default|Exten: 1002|Priority: "},
	{"no Priority", "Channel: Local/1001@default|Context: default|Exten: 1002"},
	{"no Exten", "Channel: Local/1001@default|Context: default|Priority: 1"},
	{"no Context", "Channel: Local/1001@default|Exten: 1002|Priority: 1"},
	{"neither Exten nor Application", "Channel: Local/1001@default"},
	{"Priority alone", "Channel: Local/1001@default|Priority: 1"},
	{"an Application", "Channel: Local/1001@default|Application: Wait|Data: 1"},
	{"an Application without Data", "Channel: Local/1001@default|Application: Echo"},
	{"an unknown Application", "Channel: Local/1001@default|Application: NoSuchApplication"},
	{"Application and Priority 0", "Channel: Local/1001@default|Application: Wait|Data: 1|Priority: 0"},
	{"Application and a bad Priority", "Channel: Local/1001@default|Application: Wait|Data: 1|Priority: x"},
	{"an empty Application", "Channel: Local/1001@default|Application: |Context: default|Exten: 1002|Priority: 0"},
	{"both", "Channel: Local/1001@default|Application: Wait|Data: 1|Context: default|Exten: 9999|Priority: 1"},
	{"a busy one for an Application", "Channel: Local/3001@default|Application: Wait|Data: 1"},
	{"a Timeout that is no number", "Channel: Local/1001@default|Context: default|Exten: 1002|Priority: 1|Timeout: soon"},
	{"a Timeout that is a number at first", "Channel: Local/2001@default|Context: default|Exten: 1002|Priority: 1|Timeout: 500ms"},
	{"no bound, and it answers", "Channel: Local/1001@default|Context: default|Exten: 1002|Priority: 1|Timeout: 0"},
	{"a negative Timeout", "Channel: Local/1001@default|Context: default|Exten: 1002|Priority: 1|Timeout: -1"},
	{"no bound, and it is busy", "Channel: Local/3001@default|Context: default|Exten: 1002|Priority: 1|Timeout: 0"},
	{"a Timeout too short", "Channel: Local/2001@default|Context: default|Exten: 1002|Priority: 1|Timeout: 1"},
	{"ids of its own", "Channel: Local/1001@default|Context: default|Exten: 1002|Priority: 1|ChannelId: own-1|OtherChannelId: own-2"},
	{"an id that is taken", "Channel: Local/1001@default|Context: default|Exten: 1002|Priority: 1|ChannelId: own-1"},
	{"an id for the other half alone", "Channel: Local/1001@default|Context: default|Exten: 1002|Priority: 1|OtherChannelId: own-3"},
	{"an id too long", "Channel: Local/1001@default|Context: default|Exten: 1002|Priority: 1|ChannelId: " + strings.Repeat("x", 150)},
	{"another id too long", "Channel: Local/1001@default|Context: default|Exten: 1002|Priority: 1|OtherChannelId: " + strings.Repeat("x", 150)},
	{"an id too long and no Channel", "Context: default|Exten: 1002|ChannelId: " + strings.Repeat("x", 150)},
	{"no Channel, bad Priority, bad Timeout", "Exten: 1002|Priority: x|Timeout: soon"},
	{"bad Channel, bad Priority, bad Timeout", "Channel: Local|Exten: 1002|Priority: x|Timeout: soon"},
	{"bad Channel, bad Timeout", "Channel: Local|Context: default|Exten: 1002|Priority: 1|Timeout: soon"},
	{"bad Channel, no Priority", "Channel: Local|Context: default|Exten: 1002"},
	{"bad Timeout, no Priority", "Channel: Local/1001@default|Context: default|Exten: 1002|Timeout: soon"},
	{"bad Timeout, Priority 0", "Channel: Local/1001@default|Context: default|Exten: 1002|Priority: 0|Timeout: soon"},
	{"bad Codecs", "Channel: Local/1001@default|Context: default|Exten: 1002|Priority: 1|Codecs: nosuchcodec"},
	{"Codecs", "Channel: Local/1001@default|Context: default|Exten: 1002|Priority: 1|Codecs: ulaw,alaw"},
	{"a CallerID", "Channel: Local/1001@default|Context: default|Exten: 1002|Priority: 1|CallerID: \"Ann\" <12>|Account: a|EarlyMedia: yes"},
	{"variables", "Channel: Local/1001@default|Context: default|Exten: 1002|Priority: 1|Variable: A=1|Variable: B=2,C=3"},
	{"Async: false", "Channel: Local/3001@default|Context: default|Exten: 1002|Priority: 1|Async: false"},
	{"Async: a word", "Channel: Local/3001@default|Context: default|Exten: 1002|Priority: 1|Async: maybe"},
	{"an empty Async", "Channel: Local/3001@default|Context: default|Exten: 1002|Priority: 1|Async: "},
	{"Async: true", "Channel: Local/3001@default|Context: default|Exten: 1002|Priority: 1|Async: true"},
	{"Async: true without Priority", "Channel: Local/1001@default|Context: default|Exten: 1002|Async: true"},
	{"Async: true, bad Priority", "Channel: Local/1001@default|Context: default|Exten: 1002|Priority: x|Async: true"},
}

func TestEverySynchronousOriginateIsAnsweredAsByAsterisk(t *testing.T) {
	forEachVersion(t, func(t *testing.T, version string) {
		direct, through := startBoth(t, version)
		wanted, got := admin(t, direct), admin(t, through)
		for _, o := range originates {
			lines := append([]string{"Action: Originate"}, strings.Split(o.headers, "|")...)
			for _, action := range []string{crlf(lines...), crlf(append(lines, "ActionID: 1")...)} {
				if strings.Contains(action, "ChannelId: own-1\r\nOther") && strings.Contains(action, "ActionID") {
					continue // its ids are taken by the first
				}
				wantSameMessages(t, o.name+", "+action,
					newNormaliser(direct).messages(wanted.askMessages(t, action)),
					newNormaliser(through).messages(got.askMessages(t, action)))
			}
		}
	})
}
