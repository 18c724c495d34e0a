package conference

import (
	"errors"
	"regexp"
	"strconv"
	"strings"
	"time"

	"github.com/astproxy/astproxy/access"
	"github.com/astproxy/astproxy/plugins"
)

// Config is the table [plugin.conference].
type Config struct {
	// Context is where channels are redirected to, to its extension join.
	Context string `toml:"context"`
	// InstallContext tells whether the plugin makes the extensions in Context.
	InstallContext bool `toml:"install_context"`
	// Number says what a conference is called of which that is not said: "initiator", his number, or "pool".
	Number string `toml:"number"`
	// Pool are the numbers for conferences that have none: "8000-8099,8200".
	Pool string `toml:"pool"`
	// Existing says what happens when a conference that is to be created is there: "join" or "refuse".
	Existing string `toml:"existing"`
	// Channel makes a channel of a number that is to be called.
	Channel string `toml:"channel"`
	// The names in confbridge.conf of the profiles and the menu; empty is Asterisk's default.
	BridgeProfile string `toml:"bridge_profile"`
	UserProfile   string `toml:"user_profile"`
	Menu          string `toml:"menu"`
	// RingTime is how long somebody who is invited is called.
	RingTime time.Duration `toml:"ring_time"`
	// JoinTime is how long somebody who was redirected may take to join.
	JoinTime time.Duration `toml:"join_time"`
	// Rooms are conferences of which something is set.
	Rooms []RoomConfig `toml:"room"`
}

// RoomConfig is a conference of which something is set: one [[plugin.conference.room]].
type RoomConfig struct {
	Conference string        `toml:"conference"`
	PIN        access.Secret `toml:"pin"`
}

const (
	numberInitiator = "initiator"
	numberPool      = "pool"
	existingJoin    = "join"
	existingRefuse  = "refuse"
)

// DefaultConfig is what holds unless the file says otherwise.
func DefaultConfig() *Config {
	return &Config{
		Context:        "astproxy-conference",
		InstallContext: true,
		Number:         numberInitiator,
		Pool:           "8000-8099",
		Existing:       existingJoin,
		Channel:        "Local/{number}@default",
		RingTime:       30 * time.Second,
		JoinTime:       15 * time.Second,
	}
}

var (
	// dialplanName is what the name of a context, a profile or a menu may be made of.
	dialplanName = regexp.MustCompile(`^[A-Za-z0-9_-]{1,79}$`)
	// roomName is what a conference may be called that the plugin makes: one word to ConfBridge, whose arguments
	// stand between commas, and to the dialplan.
	roomName = regexp.MustCompile(`^[A-Za-z0-9_*#+.-]{1,40}$`)
	// pinText are the digits that a telephone has.
	pinText = regexp.MustCompile(`^[0-9]{1,20}$`)
	// numberText is what may be dialled: nothing in it means anything to Originate or Dial.
	numberText = regexp.MustCompile(`^[A-Za-z0-9_*#+.]{1,40}$`)
)

// Validate implements plugins.Validator.
func (c *Config) Validate() error {
	var wrong []error
	is := func(ok bool, key, text string) {
		if !ok {
			wrong = append(wrong, plugins.Wrong(key, "%s", text))
		}
	}
	is(dialplanName.MatchString(c.Context), "context", "a context's name has letters, digits, - and _")
	for _, named := range [][2]string{{"bridge_profile", c.BridgeProfile}, {"user_profile", c.UserProfile}, {"menu", c.Menu}} {
		is(named[1] == "" || dialplanName.MatchString(named[1]), named[0], "a name has letters, digits, - and _")
	}
	is(c.Number == numberInitiator || c.Number == numberPool, "number", `it is "initiator" or "pool"`)
	is(c.Existing == existingJoin || c.Existing == existingRefuse, "existing", `it is "join" or "refuse"`)
	is(strings.Contains(c.Channel, "{number}"), "channel", "there is no {number} in it")
	is(strings.Contains(c.Channel, "/") && !strings.ContainsAny(c.Channel, ",&\r\n"), "channel", "it is a technology, / and whom to call, without , and &")
	if _, err := parsePool(c.Pool); err != nil {
		wrong = append(wrong, plugins.Wrong("pool", "%v", err))
	}
	is(c.RingTime >= time.Second && c.RingTime <= time.Hour, "ring_time", "it is between 1s and 1h")
	is(c.JoinTime >= time.Second && c.JoinTime <= 10*time.Minute, "join_time", "it is between 1s and 10m")
	seen := make(map[string]bool)
	for i, r := range c.Rooms {
		key := "room[" + strconv.Itoa(i) + "]."
		is(roomName.MatchString(r.Conference), key+"conference", "a conference's name has letters, digits and _ * # + . -")
		is(!seen[r.Conference], key+"conference", "it is there before")
		is(pinText.MatchString(string(r.PIN)), key+"pin", "a PIN is digits, 20 at most")
		seen[r.Conference] = true
	}
	return errors.Join(wrong...)
}

// pin is what the configuration asks for at the door of a conference; "" is nothing.
func (c *Config) pin(conference string) string {
	for _, r := range c.Rooms {
		if r.Conference == conference {
			return string(r.PIN)
		}
	}
	return ""
}
