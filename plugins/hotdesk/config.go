package hotdesk

import (
	"cmp"
	"errors"
	"fmt"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/astproxy/astproxy/access"
	"github.com/astproxy/astproxy/plugins"
	"github.com/astproxy/astproxy/plugins/database"
)

// Config is the table [plugin.hotdesk].
type Config struct {
	// Context is where the users' extensions are called: queues call Local/EXTENSION@Context/n.
	Context string `toml:"context"`
	// Technology is that of devices that are given by their names alone.
	Technology string `toml:"technology"`
	// Family is AstDB's, of what the dialplan asks for: Family/user/EXTENSION is the dial string.
	Family string `toml:"family"`
	// Lamp is how the device states of users begin: Custom:LampEXTENSION.
	Lamp string `toml:"lamp"`
	// FreePBX also keeps the families that FreePBX has for its device and user mode.
	FreePBX bool `toml:"freepbx"`

	// Elsewhere is what a login does of somebody who is logged in at another phone: refuse, move or multi.
	Elsewhere string `toml:"elsewhere"`
	// Replace lets a login log out another user who is at the phone.
	Replace bool `toml:"replace"`
	// Expires is how long a login lasts; 0: until it is ended.
	Expires time.Duration `toml:"expires"`
	// LogoutAt is a time of day, "22:00", at which logins end; "": none.
	LogoutAt string `toml:"logout_at"`
	// Unregistered is how long a phone may be unreachable before its user is logged out; 0: for ever.
	Unregistered time.Duration `toml:"unregistered"`
	// Check is how often Asterisk is compared with what it should have.
	Check time.Duration `toml:"check"`

	// PINFailures is how many wrong PINs lock a user, and a phone, for Lock; 0: any number.
	PINFailures int           `toml:"pin_failures"`
	Lock        time.Duration `toml:"lock"`

	// UsersFile is a CSV file of more users.
	UsersFile string `toml:"users_file"`
	// Databases have more users.
	Databases []DatabaseConfig `toml:"database"`
	// Users are those of the configuration.
	Users []UserConfig `toml:"user"`
}

// DatabaseConfig is a table [[plugin.hotdesk.database]].
type DatabaseConfig struct {
	Driver string `toml:"driver"`
	// Source is a URL, which may have a password in it, or a file.
	Source access.Secret `toml:"source"`
	// Query gives columns with the names that a file has.
	Query string `toml:"query"`
}

// UserConfig is a table [[plugin.hotdesk.user]].
type UserConfig struct {
	Extension string        `toml:"extension"`
	Name      string        `toml:"name"`
	PIN       access.Secret `toml:"pin"` // itself, or its bcrypt hash; "": he cannot log in himself
	Enabled   bool          `toml:"enabled"`
	Queues    []string      `toml:"queues"` // "support", or with a penalty "support:2"
	CallerID  string        `toml:"callerid"`
	Context   string        `toml:"context"`
	Mailbox   string        `toml:"mailbox"`
}

// SetDefaults implements plugins.Defaulter.
func (u *UserConfig) SetDefaults() { u.Enabled = true }

// Root implements plugins.Rooted.
func (c *Config) Root(folder string) {
	if c.UsersFile != "" && !filepath.IsAbs(c.UsersFile) {
		c.UsersFile = filepath.Join(folder, c.UsersFile)
	}
	for i, d := range c.Databases {
		if d.Driver == "sqlite" && d.Source != "" && !filepath.IsAbs(string(d.Source)) {
			c.Databases[i].Source = access.Secret(filepath.Join(folder, string(d.Source)))
		}
	}
}

// What Elsewhere may be.
const (
	elsewhereRefuse = "refuse"
	elsewhereMove   = "move"
	elsewhereMulti  = "multi"
)

func defaults() any {
	return &Config{
		Context: "default", Technology: "PJSIP", Family: "HOTDESK", Lamp: "HOTDESK", Elsewhere: elsewhereMove, Replace: true,
		Check: 10 * time.Second, PINFailures: 5, Lock: 10 * time.Minute,
	}
}

var (
	// What stands in dial strings, AstDB keys and the names of channels.
	rightExtension = regexp.MustCompile(`^[0-9A-Za-z_.+-]{1,40}$`)
	rightDevice    = regexp.MustCompile(`^[0-9A-Za-z_.+@-]{1,80}$`)
	rightWord      = regexp.MustCompile(`^[0-9A-Za-z_-]{1,40}$`)
	rightQueue     = regexp.MustCompile(`^[^\x00-\x20,|&:;/]{1,80}$`)
	rightPIN       = regexp.MustCompile(`^[0-9*]{1,20}$`)
)

// Validate implements plugins.Validator.
func (c *Config) Validate() error {
	var errs []error
	wrong := func(key, format string, args ...any) { errs = append(errs, plugins.Wrong(key, format, args...)) }
	for key, word := range map[string]string{"context": c.Context, "technology": c.Technology, "family": c.Family, "lamp": c.Lamp} {
		if !rightWord.MatchString(word) {
			wrong(key, "%q is not a word of letters, digits, _ and -", word)
		}
	}
	switch c.Elsewhere {
	case elsewhereRefuse, elsewhereMove, elsewhereMulti:
	default:
		wrong("elsewhere", "%q is none of refuse, move and multi", c.Elsewhere)
	}
	for key, d := range map[string]time.Duration{"expires": c.Expires, "unregistered": c.Unregistered} {
		if d < 0 {
			wrong(key, "%s must not be negative", key)
		}
	}
	if c.Check < time.Second {
		wrong("check", "check must be at least 1s")
	}
	if c.PINFailures < 0 {
		wrong("pin_failures", "pin_failures must not be negative; 0 locks nobody")
	}
	if c.Lock <= 0 {
		wrong("lock", "lock must be more than 0s")
	}
	if _, err := time.Parse("15:04", c.LogoutAt); c.LogoutAt != "" && err != nil {
		wrong("logout_at", "%q is not a time of day such as 22:00", c.LogoutAt)
	}
	for i, d := range c.Databases {
		at := func(key string) string { return fmt.Sprintf("database[%d].%s", i, key) }
		if !slices.Contains(database.Drivers(), d.Driver) {
			wrong(at("driver"), "unknown driver %q; there are %s", d.Driver, strings.Join(database.Drivers(), ", "))
		}
		if d.Source == "" {
			wrong(at("source"), "a database needs a source: a URL, or a file")
		}
		if strings.TrimSpace(d.Query) == "" {
			wrong(at("query"), "a database needs a query")
		}
	}
	return errors.Join(append(errs, c.checkUsers()...)...)
}

// anybody tells whether somebody could log in.
func (c *Config) anybody() bool { return len(c.Users) > 0 || c.UsersFile != "" || len(c.Databases) > 0 }

func (c *Config) checkUsers() (errs []error) {
	first := map[string]int{}
	for i, u := range c.Users {
		if at, again := first[strings.ToLower(u.Extension)]; again {
			errs = append(errs, plugins.Wrong(fmt.Sprintf("user[%d].extension", i), "user[%d] has the extension %s already", at, u.Extension))
			continue
		}
		first[strings.ToLower(u.Extension)] = i
		if _, err := u.user(); err != nil {
			var at *plugins.ConfigError
			if errors.As(err, &at) {
				errs = append(errs, &plugins.ConfigError{Key: fmt.Sprintf("user[%d].%s", i, at.Key), Text: at.Text})
			}
		}
	}
	return errs
}

// User is somebody who can log in at phones.
type User struct {
	Extension string
	Name      string
	PIN       access.Secret
	Disabled  bool
	Queues    []Membership
	CallerID  string
	Context   string
	Mailbox   string
}

// Membership is a queue, and with which penalty one belongs to it.
type Membership struct {
	Queue   string `json:"queue"`
	Penalty int    `json:"penalty"`
}

// String is the membership as the configuration has it.
func (m Membership) String() string {
	if m.Penalty == 0 {
		return m.Queue
	}
	return fmt.Sprintf("%s:%d", m.Queue, m.Penalty)
}

// user checks what is said of a user. The error is a ConfigError.
func (u UserConfig) user() (*User, error) {
	user := &User{
		Extension: u.Extension, Name: u.Name, PIN: u.PIN, Disabled: !u.Enabled,
		CallerID: u.CallerID, Context: u.Context, Mailbox: u.Mailbox,
	}
	if !rightExtension.MatchString(u.Extension) {
		return nil, plugins.Wrong("extension", "%q is not an extension of up to 40 letters and digits", u.Extension)
	}
	for key, text := range map[string]string{"name": u.Name, "callerid": u.CallerID, "context": u.Context, "mailbox": u.Mailbox} {
		if strings.ContainsAny(text, "\r\n\x00") || len(text) > 200 {
			return nil, plugins.Wrong(key, "%s is one line of up to 200 bytes", key)
		}
	}
	if err := checkPIN(u.PIN); err != nil {
		return nil, err
	}
	for i, text := range u.Queues {
		m, err := parseMembership(text)
		if err != nil {
			return nil, plugins.Wrong(fmt.Sprintf("queues[%d]", i), "%v", err)
		}
		user.Queues = append(user.Queues, m)
	}
	user.CallerID = cmp.Or(user.CallerID, fmt.Sprintf("%q <%s>", strings.ReplaceAll(user.Name, `"`, "'"), user.Extension))
	return user, nil
}

func checkPIN(pin access.Secret) error {
	switch {
	case pin == "":
		return nil
	case pin.Hashed():
		if err := (access.UserConfig{Name: "x", Secret: pin}).Validate(); err != nil {
			return plugins.Wrong("pin", "%v", err)
		}
	case !rightPIN.MatchString(string(pin)):
		return plugins.Wrong("pin", "a PIN has up to 20 digits, which can be dialled, or is a bcrypt hash")
	}
	return nil
}

// parseMembership reads "support" or "support:2".
func parseMembership(text string) (m Membership, err error) {
	name, penalty, given := strings.Cut(strings.TrimSpace(text), ":")
	if !rightQueue.MatchString(name) {
		return m, fmt.Errorf("%q is not the name of a queue, or one with a penalty such as support:2", text)
	}
	m.Queue = name
	if given {
		if _, err := fmt.Sscanf(penalty, "%d", &m.Penalty); err != nil || m.Penalty < 0 || fmt.Sprint(m.Penalty) != penalty {
			return m, fmt.Errorf("%q: a penalty is a whole number from 0", text)
		}
	}
	return m, nil
}

// parseMemberships reads a list of them.
func parseMemberships(text, separators string) (all []Membership, err error) {
	for _, part := range strings.FieldsFunc(text, func(r rune) bool { return strings.ContainsRune(separators, r) }) {
		m, err := parseMembership(part)
		if err != nil {
			return nil, err
		}
		all = append(all, m)
	}
	return all, nil
}
