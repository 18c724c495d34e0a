package access

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"unicode"

	"github.com/astproxy/astproxy/ami"
)

// What to do with a client that reads too slowly to keep up with its events.
const (
	// SlowClientDisconnect closes it, with a reason.
	SlowClientDisconnect = "disconnect"
	// SlowClientSkip drops what it missed and tells it how much that was.
	SlowClientSkip = "skip"
)

// DefaultMaxOriginates is how many synchronous Originates of a user may be outstanding at once
// unless his configuration says otherwise.
const DefaultMaxOriginates = 50

// DefaultMaxPluginActions is how many actions that are plugins' a user may have under way at once.
const DefaultMaxPluginActions = 50

// UserConfig is what an administrator writes about one user: one [[user]] table.
type UserConfig struct {
	// Name is what the user logs in as. Names compare without case, as in Asterisk.
	Name string `toml:"name"`
	// Secret is the user's password, as plain text, without which MD5 logins cannot be checked, or its
	// bcrypt hash.
	Secret Secret `toml:"secret"`
	// SecretFile names a file with the secret instead. Whoever loads the configuration reads it,
	// puts its text in Secret and empties SecretFile: this package opens no files.
	SecretFile string `toml:"secret_file"`
	// Certificate is the common name in the client certificate that this user may log in with instead
	// of his secret; empty is none.
	Certificate string `toml:"certificate"`
	// Read lists the classes of events the user sees, Write those of the actions he may run, by
	// their names in Asterisk's manager.conf; "all" is every class. An empty list is none.
	Read  []string `toml:"read"`
	Write []string `toml:"write"`
	// EventFilter are filters of events in the grammar of manager.conf, for filters.ParseLine: what the
	// user sees is narrowed by them and by those his client adds, as if they were one list.
	EventFilter []string `toml:"eventfilter"`
	// Redact are the headers and variables whose contents the user does not see, for filters.NewRedaction.
	Redact []string `toml:"redact"`
	// CDROnly, BridgeOnly and TransferOnly let the user see no events but call records, those of bridges and
	// those of transfers; several of them, those of any. NoVar keeps all that tell variables from him.
	CDROnly      bool `toml:"cdronly"`
	BridgeOnly   bool `toml:"brionly"`
	TransferOnly bool `toml:"xfronly"`
	NoVar        bool `toml:"novar"`
	// Channels are how the names of the user's channels begin, without case: he sees events of no others, but of
	// those that are in a call with one of his, and names no others in actions. Empty is any.
	Channels []string `toml:"channels"`
	// OutContext is the only context of the dialplan that the user's actions may name; InContext is where a channel
	// must have been for the user to see its events. Both without case; empty is any.
	OutContext string `toml:"out_context"`
	InContext  string `toml:"in_context"`
	// Account is the account code of every Originate of the user's, whatever that says; empty: what that says.
	Account string `toml:"account"`
	// MoreEvents shows a user with Channels or InContext also the events that name no channel at all.
	MoreEvents bool `toml:"more_events"`
	// FilterLocal is what becomes of an Originate on a Local channel: FilterLocalOff and so on; empty is FilterLocalOff.
	FilterLocal string `toml:"filterlocal"`
	// AutoFilter is accepted as in astmanproxy: "unique", "on" or "off". Whatever it is, answers go to who has asked.
	AutoFilter string `toml:"autofilter"`
	// AllowActions are names of actions, or patterns of them, that the user may run whatever Write has;
	// DenyActions those that he may not in any case.
	AllowActions []string `toml:"allow_actions"`
	DenyActions  []string `toml:"deny_actions"`
	// Rules are the only forms in which the user may send the actions that they are about.
	Rules []RuleConfig `toml:"rule"`
	// AllowApplications and AllowFunctions are names, or patterns of them, of applications and of
	// dialplan functions that the guard lets pass.
	AllowApplications []string `toml:"allow_applications"`
	AllowFunctions    []string `toml:"allow_functions"`
	// SetVar are variables, NAME=VALUE, that each Originate of the user's sets on its channels, unless it sets them itself.
	SetVar []string `toml:"setvar"`
	// Server is where the user's actions go that name no server; empty is the first one configured.
	Server string `toml:"server"`
	// Format is what the user is written in unless he asks for another format: a name of package
	// formats, which whoever loads the configuration checks. Empty is what his door has.
	Format string `toml:"format"`
	// LegacyFormats makes xml and csv mean astmanproxy's own shapes of them when the user's clients ask for
	// them by SetOutputFormat.
	LegacyFormats bool `toml:"legacy_formats"`
	// SlowClient is SlowClientDisconnect or SlowClientSkip; empty is SlowClientDisconnect.
	SlowClient string `toml:"slow_client"`
	// AllowBlocking lets the user send what holds the server's one session: a synchronous Originate with
	// PreDialGoSub until the call is answered, PlayDTMF with a long Duration until the tone ends.
	AllowBlocking bool `toml:"allow_blocking"`
	// MaxOriginates is how many synchronous Originates of the user may be outstanding at once; 0 is
	// DefaultMaxOriginates.
	MaxOriginates int `toml:"max_originates"`
	// MaxPluginActions is how many actions that are plugins' the user may have under way at once, and how many jobs;
	// 0 is DefaultMaxPluginActions.
	MaxPluginActions int `toml:"max_plugin_actions"`
	// ACL says which addresses the user may log in from, in manager.conf's words and order: "deny 0.0.0.0/0",
	// "permit 192.0.2.0/24". The last line that an address is in decides; who is in none may.
	ACL []string `toml:"acl"`
	// ActionsPerSecond, MaxPending and MaxConnections are the user's Limits; 0 is none.
	ActionsPerSecond int `toml:"actions_per_second"`
	MaxPending       int `toml:"max_pending"`
	MaxConnections   int `toml:"max_connections"`
	// OwnAnswers keeps the user from being answered with what another has asked for at the same time, or a moment ago.
	OwnAnswers bool `toml:"own_answers"`
	// ProxyKey lets the user give his secret as header ProxyKey of his first action, without his name,
	// as astmanproxy's clients do.
	ProxyKey bool `toml:"proxy_key"`
	// Tenant names the tenant whose the user is: he sees and touches nothing that is not that tenant's. Empty is none, and
	// no such bounds.
	Tenant string `toml:"tenant"`
	// Admin lets the user run those of the proxy's own actions that reveal or change what is not his.
	Admin bool `toml:"admin"`
}

// ConfigError is one thing wrong with a UserConfig. Validate returns several, joined.
type ConfigError struct {
	Key   string   // the key it is about, in the configuration's words: "read[1]"
	At    int      // bytes of the key's text before the fault, where it is a place in a text; else 0
	Text  string   // what is wrong, without the key; never holds a secret
	Given string   // a name that is not known, if that is what is wrong
	Known []string // the names that are
}

// Error implements error.
func (e *ConfigError) Error() string { return e.Key + ": " + e.Text }

// ConfigKey is the key the error is about, for whoever knows where in a file it stands.
func (e *ConfigError) ConfigKey() string { return e.Key }

// ConfigPosition is how many bytes of the key's text stand before the fault.
func (e *ConfigError) ConfigPosition() int { return e.At }

// ConfigText is what is wrong, without the key.
func (e *ConfigError) ConfigText() string { return e.Text }

// ConfigChoice is the name that was given, and those that would have been understood.
func (e *ConfigError) ConfigChoice() (given string, known []string) { return e.Given, e.Known }

// Validate finds everything wrong with the user's configuration: nil, or *ConfigErrors joined.
func (c UserConfig) Validate() error {
	errs := []error{
		checkName(c.Name),
		c.checkSecret(),
		checkClasses("read", c.Read),
		checkClasses("write", c.Write),
		checkNetworks(c.ACL),
		c.checkView(),
		c.checkRights(),
	}
	if !slices.Contains([]string{"", SlowClientDisconnect, SlowClientSkip}, c.SlowClient) {
		errs = append(errs, &ConfigError{
			Key:  "slow_client",
			Text: fmt.Sprintf("%q is neither %q nor %q", c.SlowClient, SlowClientDisconnect, SlowClientSkip),
		})
	}
	if c.Tenant != "" && c.Admin {
		errs = append(errs, &ConfigError{Key: "tenant", Text: "an administrator sees everybody's: a tenant's user cannot be one"})
	}
	if c.MaxPluginActions < 0 {
		errs = append(errs, &ConfigError{Key: "max_plugin_actions", Text: "max_plugin_actions must not be negative"})
	}
	if c.MaxOriginates < 0 {
		errs = append(errs, &ConfigError{Key: "max_originates", Text: "max_originates must not be negative"})
	}
	errs = append(errs, c.checkChannels()...)
	errs = append(errs, c.checkSetvar()...)
	return errors.Join(append(errs, c.checkLimits()...)...)
}

// checkName refuses what could not be sent as a Username header or read in a log.
func checkName(name string) error {
	switch {
	case name == "":
		return &ConfigError{Key: "name", Text: "a user needs a name"}
	case strings.TrimSpace(name) != name:
		return &ConfigError{Key: "name", Text: "a name has no blanks around it"}
	case strings.ContainsFunc(name, unicode.IsControl):
		return &ConfigError{Key: "name", Text: "a name has no control characters in it"}
	}
	return nil
}

func (c UserConfig) checkSecret() error {
	switch {
	case c.Secret == "" && c.SecretFile == "":
		return &ConfigError{Key: "secret", Text: "a user needs a secret"}
	case c.Secret != "" && c.SecretFile != "":
		return &ConfigError{Key: "secret_file", Text: "there is a secret as well; give one of the two"}
	}
	switch {
	case c.Secret.Hashed() && c.ProxyKey:
		return &ConfigError{Key: "proxy_key", Text: "a ProxyKey needs the secret itself: a hash does not tell whose it is"}
	case c.Secret.Hashed():
		return c.Secret.checkHash()
	}
	return checkSecretText(c.Secret)
}

// checkSecretText refuses a secret that no client could send: what Asterisk takes for blanks after a
// header's colon is skipped (ast_skip_blanks), and a line ends where it ends.
func checkSecretText(secret Secret) error {
	switch {
	case secret != "" && secret[0] <= ' ':
		return &ConfigError{Key: "secret", Text: "a secret does not begin with a blank: no client could send it"}
	case strings.ContainsAny(string(secret), "\r\n\x00"):
		return &ConfigError{Key: "secret", Text: "a secret is one line, without NUL: no client could send it"}
	case len(secret) > maxSecret:
		return &ConfigError{Key: "secret", Text: fmt.Sprintf("a secret has at most %d bytes: no client could send it", maxSecret)}
	}
	return nil
}

// maxSecret is how long a secret fits in the line of a login.
const maxSecret = ami.MaxLine - len("Secret: ")

func checkClasses(key string, names []string) error {
	var errs []error
	for i, name := range names {
		if _, known := ami.ClassByName(name); known {
			continue
		}
		e := &ConfigError{Key: fmt.Sprintf("%s[%d]", key, i), Text: fmt.Sprintf("unknown class %q", name)}
		if strings.Contains(name, ",") {
			e.Text += fmt.Sprintf("; each class is a text of its own: %s", separated(name))
		} else {
			e.Given, e.Known = name, ami.ClassNames()
		}
		errs = append(errs, e)
	}
	return errors.Join(errs...)
}

// separated writes manager.conf's list "call,user" as it is written here: "call", "user".
func separated(list string) string {
	var quoted []string
	for name := range strings.SplitSeq(list, ",") {
		quoted = append(quoted, fmt.Sprintf("%q", strings.TrimSpace(name)))
	}
	return strings.Join(quoted, ", ")
}

// classSet is the union of classes that Validate has found to be known.
func classSet(names []string) ami.Class {
	var set ami.Class
	for _, name := range names {
		class, _ := ami.ClassByName(name)
		set |= class
	}
	return set
}
