package legs

import (
	"strings"
	"testing"

	"github.com/astproxy/astproxy/ami"
)

func TestANumberBecomesAChannelAndAChannelStays(t *testing.T) {
	for text, want := range map[string]string{
		"1001": "Local/1001@default", " +49-30.1 ": "Local/+49-30.1@default", "*97": "Local/*97@default", "PJSIP/101": "PJSIP/101", //nolint:gocritic // the blanks are what is tried
		"PJSIP/0301234@trunk": "PJSIP/0301234@trunk", "PJSIP/trunk/sip:1@example.com:5060": "PJSIP/trunk/sip:1@example.com:5060",
		"local/1@x/n": "local/1@x/n", "DAHDI/g1/123": "DAHDI/g1/123",
	} {
		if d, err := ParseDestination("Local/{number}@default", " "+text+" ", ""); err != nil || d.Channel != want {
			t.Errorf("%s is %+v, %v", text, d, err)
		}
	}
}

func FuzzDestination(f *testing.F) {
	for _, seed := range []string{"1001", "PJSIP/101", "Local/1@x", "a,b", "1&2", "PJSIP/1\r\nAction: Ping", "${X}", "Local/1@x;2", "ü/1"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		d, err := ParseDestination("Local/{number}@default", text, "")
		if err != nil {
			return
		}
		if strings.ContainsAny(d.Channel, "\r\n\x00,&|${} \t") || !strings.Contains(d.Channel, "/") || len(d.Channel) > maxDestination {
			t.Errorf("%q is let through as %q", text, d.Channel)
		}
		m := ami.NewAction("Originate").Add("Channel", d.Channel).Message()
		if err := ami.CheckAction(m); err != nil || m.Get("Channel") != d.Channel || m.Len() != 2 {
			t.Errorf("%q makes %s: %v", text, m, err)
		}
	})
}
