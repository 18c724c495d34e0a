package groupcall_test

import (
	"errors"
	"strings"
	"testing"

	"github.com/astproxy/astproxy/plugins"
	"github.com/astproxy/astproxy/plugins/groupcall"
)

func TestWhatIsWrongWithTheConfigurationIsToldByItsKey(t *testing.T) {
	c := groupcall.DefaultConfig()
	if err := c.Validate(); err != nil {
		t.Fatalf("the defaults: %v", err)
	}
	c.Channel, c.Timeout, c.Watchdog, c.LegsAtOnce, c.LegsPerSecond, c.GroupSize, c.Calls = "Local/x@y", 0, 0, 5000, 0, 0, 0
	c.Groups = []groupcall.GroupConfig{{Name: "a", Members: []string{"1", "1,2"}}, {Name: "a"}, {Name: " "}}
	c.Files = []groupcall.FileConfig{{}}
	c.Databases = []groupcall.DatabaseConfig{{Driver: "mysql", Keep: -1}}
	var keys []string
	for _, each := range c.Validate().(interface{ Unwrap() []error }).Unwrap() {
		var wrong *plugins.ConfigError
		if !errors.As(each, &wrong) || wrong.Text == "" {
			t.Errorf("%v has no key", each)
			continue
		}
		keys = append(keys, wrong.Key)
	}
	const want = "channel timeout watchdog legs_at_once legs_per_second group_size calls group[0].members[1] group[1].name group[2].name file[0].path " +
		"database[0].driver database[0].source database[0].query database[0].keep"
	if got := strings.Join(keys, " "); got != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
	c = groupcall.DefaultConfig()
	for _, channel := range []string{"{number}", "Local/{number}", "Local/{number}@x&PJSIP/1"} {
		c.Channel = channel
		if err := c.Validate(); err == nil {
			t.Errorf("the template %s is none", channel)
		}
	}
}

func TestPathsBeginAtTheConfigurationsFolder(t *testing.T) {
	c := groupcall.DefaultConfig()
	c.Files = []groupcall.FileConfig{{Path: "a.csv"}, {Path: "/b.csv"}}
	c.Databases = []groupcall.DatabaseConfig{{Driver: "sqlite", Source: "c.sqlite"}, {Driver: "postgres", Source: "postgres://x"}}
	c.Root("/etc/astproxy")
	if c.Files[0].Path != "/etc/astproxy/a.csv" || c.Files[1].Path != "/b.csv" || c.Databases[0].Source != "/etc/astproxy/c.sqlite" ||
		c.Databases[1].Source != "postgres://x" {
		t.Errorf("%+v %+v", c.Files, c.Databases)
	}
}
