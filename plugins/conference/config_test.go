package conference

import (
	"errors"
	"strings"
	"testing"
)

func TestTheDefaultsAreValid(t *testing.T) {
	if err := DefaultConfig().Validate(); err != nil {
		t.Error(err)
	}
}

func TestWhatIsWrongInTheConfigurationIsToldByItsKey(t *testing.T) {
	for want, change := range map[string]func(*Config){
		`context: a context's name`:          func(c *Config) { c.Context = "a b" },
		`bridge_profile: a name`:             func(c *Config) { c.BridgeProfile = "a,b" },
		`user_profile: a name`:               func(c *Config) { c.UserProfile = "a)" },
		`menu: a name`:                       func(c *Config) { c.Menu = "${MENU}" },
		`number: it is "initiator" or`:       func(c *Config) { c.Number = "any" },
		`existing: it is "join" or`:          func(c *Config) { c.Existing = "" },
		`channel: there is no {number}`:      func(c *Config) { c.Channel = "Local/1@default" },
		`channel: it is a technology`:        func(c *Config) { c.Channel = "Local/{number}@default&SIP/1" },
		`pool: "8000-7000" ends before`:      func(c *Config) { c.Pool = "8000-7000" },
		`pool: "" is neither a number`:       func(c *Config) { c.Pool = "8000," },
		`pool: "1-10": the first and the`:    func(c *Config) { c.Pool = "1-10" },
		`pool: it has more than 100,000`:     func(c *Config) { c.Pool = "1000000-9999999" },
		`ring_time: it is between`:           func(c *Config) { c.RingTime = 0 },
		`join_time: it is between`:           func(c *Config) { c.JoinTime = -1 },
		`room[0].conference: a conference's`: func(c *Config) { c.Rooms = []RoomConfig{{"a,b", "1"}} },
		`room[1].conference: it is there`:    func(c *Config) { c.Rooms = []RoomConfig{{"1", "1"}, {"1", "2"}} },
		`room[0].pin: a PIN is digits`:       func(c *Config) { c.Rooms = []RoomConfig{{"1", "secret"}} },
	} {
		c := DefaultConfig()
		change(c)
		err := c.Validate()
		if err == nil || !strings.HasPrefix(err.Error(), want) {
			t.Errorf("want %q, is %v", want, err)
		}
		if err != nil && strings.Contains(err.Error(), "secret") {
			t.Errorf("a PIN is told: %v", err)
		}
	}
	if _, err := New(nil, Config{Pool: "x"}); errors.Unwrap(err) != nil || err == nil {
		t.Errorf("without a pool it is made: %v", err)
	}
}

func TestANumberOfThePoolIsFoundWhileThereIsOne(t *testing.T) {
	p, err := parsePool("007-009, 20")
	if err != nil {
		t.Fatal(err)
	}
	taken := map[string]bool{}
	for range 4 {
		number := p.free(2, func(number string) bool { return taken[number] })
		if number == "" || taken[number] {
			t.Fatalf("with %v taken the number is %q", taken, number)
		}
		taken[number] = true
	}
	for _, number := range []string{"007", "008", "009", "20"} {
		if !taken[number] {
			t.Errorf("%s was not found: %v", number, taken)
		}
	}
	if number := p.free(0, func(number string) bool { return taken[number] }); number != "" {
		t.Errorf("with all taken there is %q", number)
	}
}

func TestTheNumberThatWasCalledIsSeenInTheChannelsName(t *testing.T) {
	for _, it := range []struct{ template, channel, number string }{
		{"Local/{number}@default", "Local/101@default-0000000a;1", "101"},
		{"Local/{number}@default/n", "Local/101@default-0000000a;1", "101"},
		{"Local/{number}@default", "Local/101@other-0000000a;1", ""},
		{"Local/{number}@default", "PJSIP/101-00000001", ""},
		{"PJSIP/{number}", "PJSIP/101-00000001", "101"},
		{"PJSIP/{number}@trunk", "PJSIP/trunk-00000001", ""},
		{"Local/{number}@default", "Local/", ""},
	} {
		c := Config{Channel: it.template}
		if got := c.numberOf(it.channel); got != it.number {
			t.Errorf("%s called by %s has the number %q, want %q", it.channel, it.template, got, it.number)
		}
	}
}
