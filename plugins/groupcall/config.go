package groupcall

import (
	"errors"
	"fmt"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/astproxy/astproxy/access"
	"github.com/astproxy/astproxy/plugins"
	"github.com/astproxy/astproxy/plugins/groupcall/groups"
	"github.com/astproxy/astproxy/plugins/groupcall/legs"
)

// Config is the table [plugin.groupcall].
type Config struct {
	// Channel is what a number becomes: {number} stands for it.
	Channel string `toml:"channel"`
	// Timeout is how long a leg is called where GroupOriginate has no Timeout.
	Timeout time.Duration `toml:"timeout"`
	// Watchdog is how long after that Asterisk may take to tell how it has ended.
	Watchdog time.Duration `toml:"watchdog"`
	// LegsAtOnce is how many legs of all calls together are dialled and not answered yet, for each server, and
	// LegsPerSecond how many more are dialled in a second.
	LegsAtOnce    int `toml:"legs_at_once"`
	LegsPerSecond int `toml:"legs_per_second"`
	// GroupSize is how many one call may have, Calls how many calls there may be.
	GroupSize int `toml:"group_size"`
	Calls     int `toml:"calls"`

	Groups    []GroupConfig    `toml:"group"`
	Files     []FileConfig     `toml:"file"`
	Databases []DatabaseConfig `toml:"database"`
}

// GroupConfig is a [[plugin.groupcall.group]] table: a group.
type GroupConfig struct {
	Name        string   `toml:"name"`
	Description string   `toml:"description"`
	Members     []string `toml:"members"` // numbers and channels
}

// FileConfig is a [[plugin.groupcall.file]] table: a CSV file of groups.
type FileConfig struct {
	Path string `toml:"path"`
}

// DatabaseConfig is a [[plugin.groupcall.database]] table: groups in a database.
type DatabaseConfig struct {
	Driver string        `toml:"driver"`
	Source access.Secret `toml:"source"` // it may hold a password
	Query  string        `toml:"query"`
	List   string        `toml:"list"`
	Keep   time.Duration `toml:"keep"`
}

// maxAtOnce is how many asynchronous Originates a session remembers the ActionIDs of (package upstream).
const maxAtOnce = 4000

// maxTimeout bounds how long a leg may be called: every call has to end.
const maxTimeout = time.Hour

// DefaultConfig is the table without a line in it.
func DefaultConfig() *Config {
	return &Config{
		Channel: "Local/{number}@default", Timeout: 30 * time.Second, Watchdog: 10 * time.Second,
		LegsAtOnce: 200, LegsPerSecond: 50, GroupSize: 1000, Calls: 100,
	}
}

// Root implements plugins.Rooted.
func (c *Config) Root(folder string) {
	within := func(path string) string {
		if path == "" || filepath.IsAbs(path) {
			return path
		}
		return filepath.Join(folder, path)
	}
	for i := range c.Files {
		c.Files[i].Path = within(c.Files[i].Path)
	}
	for i, d := range c.Databases {
		if d.Driver == "sqlite" {
			c.Databases[i].Source = access.Secret(within(string(d.Source)))
		}
	}
}

// Validate implements plugins.Validator.
func (c *Config) Validate() error {
	var wrong []error
	add := func(key, format string, args ...any) { wrong = append(wrong, plugins.Wrong(key, format, args...)) }
	if !strings.Contains(c.Channel, "{number}") {
		add("channel", "there is no {number} in it")
	} else if _, err := c.destination("100", ""); err != nil {
		add("channel", "%v", err)
	}
	if c.Timeout < time.Millisecond || c.Timeout > maxTimeout {
		add("timeout", "must be between 1ms and %v", maxTimeout)
	}
	if c.Watchdog < time.Second {
		add("watchdog", "must be at least 1s")
	}
	if c.LegsAtOnce < 1 || c.LegsAtOnce > maxAtOnce {
		add("legs_at_once", "must be between 1 and %d", maxAtOnce)
	}
	for _, number := range []struct {
		key   string
		value int
	}{{"legs_per_second", c.LegsPerSecond}, {"group_size", c.GroupSize}, {"calls", c.Calls}} {
		if number.value < 1 {
			add(number.key, "must be at least 1")
		}
	}
	wrong = append(wrong, c.validateSources()...)
	return errors.Join(wrong...)
}

func (c *Config) validateSources() (wrong []error) {
	add := func(table string, i int, key, format string, args ...any) {
		wrong = append(wrong, plugins.Wrong(fmt.Sprintf("%s[%d].%s", table, i, key), format, args...))
	}
	seen := map[string]bool{}
	for i, g := range c.Groups {
		switch {
		case strings.TrimSpace(g.Name) == "" || g.Name != strings.TrimSpace(g.Name):
			add("group", i, "name", "a group needs a name, without blanks around it")
		case seen[g.Name]:
			add("group", i, "name", "there is another group %q", g.Name)
		}
		seen[g.Name] = true
		for j, m := range g.Members {
			if _, err := c.destination(m, ""); err != nil {
				add("group", i, fmt.Sprintf("members[%d]", j), "%v", err)
			}
		}
	}
	for i, f := range c.Files {
		if f.Path == "" {
			add("file", i, "path", "it is missing")
		}
	}
	for i, d := range c.Databases {
		if !slices.Contains(groups.Drivers(), d.Driver) {
			add("database", i, "driver", "unknown driver %q; there are %s", d.Driver, strings.Join(groups.Drivers(), ", "))
		}
		if d.Source == "" {
			add("database", i, "source", "it is missing")
		}
		if strings.TrimSpace(d.Query) == "" {
			add("database", i, "query", "it is missing")
		}
		if d.Keep < 0 {
			add("database", i, "keep", "must not be negative")
		}
	}
	return wrong
}

// destination is who is called by a text.
func (c *Config) destination(text, name string) (legs.Destination, error) {
	return legs.ParseDestination(c.Channel, text, name)
}

// directory is where the groups are.
func (c *Config) directory(now func() time.Time) *groups.Directory {
	var configured groups.Configured
	for _, g := range c.Groups {
		of := groups.ConfiguredGroup{Group: groups.Group{Name: g.Name, Description: g.Description}}
		for _, m := range g.Members {
			of.Members = append(of.Members, groups.Member{Number: m})
		}
		configured = append(configured, of)
	}
	sources := []groups.Source{configured}
	for _, f := range c.Files {
		sources = append(sources, groups.File{Path: f.Path})
	}
	for _, d := range c.Databases {
		sources = append(sources, groups.NewDatabase(groups.DatabaseConfig{
			Driver: d.Driver, Source: string(d.Source), Query: d.Query, List: d.List, Keep: d.Keep, Most: c.GroupSize,
		}, now))
	}
	return groups.NewDirectory(c.GroupSize, sources...)
}
