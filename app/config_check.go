package app

import (
	"errors"
	"fmt"
	"path/filepath"
	"strings"
	"time"

	"github.com/astproxy/astproxy/access"
	"github.com/astproxy/astproxy/formats"
)

// check finds what is wrong with the configuration beyond single values.
func (d *document) check(config *Config) {
	root := d.at(d.root)
	if config.State == "" {
		root.hinted("state", "there is no folder for state: neither $STATE_DIRECTORY nor $HOME is set", `such as state = "/var/lib/astproxy"`)
	}
	d.checkTable("log", config.Log.check)
	d.checkTable("events", config.Events.check)
	d.checkTable("replies", config.Replies.check)
	d.checkTable("login", config.Login.check)

	for i, server := range config.Servers {
		server.check(d.item("server", i))
	}
	for i, listener := range config.Listeners {
		listener.check(d.item("listen", i))
	}
	for i, user := range config.Users {
		d.item("user", i).checkUser(user)
	}
	d.checkAllThere(config)
	d.checkNoneTwice(config)
	d.checkUsersServers(config)
	d.checkKeys(config)
	d.checkTokens(config)
	d.checkTenants(config)
	d.checkCertificates(config)
	d.checkPlugins(config.Plugins, filepath.Dir(d.file))
	if !d.problems.fatal() {
		d.checkUpstreams(config)
	}
}

// checkUpstreams is for what package upstream wants beyond what is checked here.
func (d *document) checkUpstreams(config *Config) {
	for i, server := range config.Servers {
		converted, err := server.Upstream()
		if err == nil {
			err = converted.Validate()
		}
		for _, err := range joined(err) {
			d.item("server", i).problem("", err.Error())
		}
	}
}

// checkTable checks a table that may be missing: its defaults have no problems.
func (d *document) checkTable(name string, check func(reporter)) {
	if table := d.root.keys[name]; table != nil {
		check(d.at(table))
	}
}

const leastMemory = 1 * MiB

func (c EventsConfig) check(report reporter) {
	report.memory(c.Memory)
	if c.FlushInterval < 0 || c.FlushInterval > time.Second {
		report.problem("flush_interval", "flush_interval must be from 0 (at once) to 1s")
	}
	report.positive("write_timeout", c.WriteTimeout)
}

func (c RepliesConfig) check(report reporter) { report.memory(c.Memory) }

func (c LoginConfig) check(report reporter) {
	if c.AddressFailures < 0 {
		report.problem("address_failures", "address_failures must not be negative; 0 locks no address")
	}
	if c.UserFailures < 0 {
		report.problem("user_failures", "user_failures must not be negative; 0 locks no user")
	}
	report.positive("lock", c.Lock)
}

func (r reporter) memory(size Size) {
	if size < leastMemory {
		r.problem("memory", fmt.Sprintf("memory must be at least %v", leastMemory))
	}
}

// format wants a name of package formats, or none.
func (r reporter) format(name string) {
	if _, known := formats.Lookup(name); name != "" && !known {
		r.hinted("format", fmt.Sprintf("unknown format %q", name), offer(name, formats.Names()))
	}
}

// checkUser places what package access finds.
func (r reporter) checkUser(user access.UserConfig) {
	r.warnOfExample(user.Secret)
	if user.Secret.Hashed() {
		r.add("secret", Problem{
			Warning: true, Text: fmt.Sprintf("user %q cannot use Challenge, for which the secret is needed and not its hash", user.Name),
		})
	}
	r.format(user.Format)
	err := user.Validate()
	r.checked(err)
	if err == nil && user.ForgetsIPv6() {
		r.add("acl", Problem{Warning: true, Text: "this keeps IPv4 addresses out and lets every IPv6 address in", Hint: `add "deny ::/0"`})
	}
	r.warnOfRedaction(user)
}

// checked places what package access has found.
func (r reporter) checked(found error) {
	for _, err := range joined(found) {
		var wrong *access.ConfigError
		if !errors.As(err, &wrong) {
			r.problem("", err.Error())
			continue
		}
		hint := ""
		if given, known := wrong.ConfigChoice(); given != "" {
			hint = offer(given, known)
		}
		at, key := r.below(wrong.ConfigKey())
		at.addAt(key, wrong.ConfigPosition(), Problem{Text: wrong.ConfigText(), Hint: hint})
	}
}

// exampleSecret is what the repository's astproxy.toml has where a secret belongs.
const exampleSecret = "change-this-secret"

func (r reporter) warnOfExample(secret access.Secret) {
	if secret == exampleSecret {
		r.add("secret", Problem{Warning: true, Text: "this secret is the example's, which everybody knows", Hint: "choose another one"})
	}
}

// joined are the errors that errors.Join made one of.
func joined(err error) []error {
	if err == nil {
		return nil
	}
	several, ok := err.(interface{ Unwrap() []error })
	if !ok {
		return []error{err}
	}
	var all []error
	for _, err := range several.Unwrap() {
		all = append(all, joined(err)...)
	}
	return all
}

// checkAllThere wants one server, one listener and one user at least.
func (d *document) checkAllThere(config *Config) {
	root := d.at(d.root)
	if len(config.Servers) == 0 {
		root.hinted("server", "there is no [[server]]", "astproxy needs an Asterisk to connect to")
	}
	if len(config.Listeners) == 0 {
		root.hinted("listen", "there is no [[listen]]", "astproxy needs an address for clients to connect to")
	}
	if len(config.Users) == 0 {
		root.hinted("user", "there is no [[user]]", "nobody could log in")
	}
}

// checkNoneTwice wants names and addresses to be told apart.
func (d *document) checkNoneTwice(config *Config) {
	servers, users, addresses := d.once("server", "name"), d.once("user", "name"), d.once("listen", "url")
	for i, server := range config.Servers {
		servers(i, strings.ToLower(server.Name), fmt.Sprintf("a second server named %q", server.Name))
	}
	for i, user := range config.Users {
		users(i, strings.ToLower(user.Name), fmt.Sprintf("a second user named %q", user.Name))
	}
	for i, listener := range config.Listeners {
		if !strings.HasSuffix(listener.Address(), ":0") { // a free port each
			addresses(i, strings.ToLower(listener.Address()), fmt.Sprintf("a second listener on %q", listener.Address()))
		}
	}
}

// once makes a function that reports a text it has had before.
func (d *document) once(table, key string) func(i int, text, problem string) {
	first := make(map[string]int)
	return func(i int, text, problem string) {
		if text == "" {
			return
		}
		if earlier, again := first[text]; again {
			at := d.item(table, earlier)
			line, _ := position(d.text, at.offset(key, -1))
			d.item(table, i).problem(key, fmt.Sprintf("%s; the first is in line %d", problem, line))
			return
		}
		first[text] = i
	}
}

// checkUsersServers wants each user's server to be there, and spells it as its own table does.
func (d *document) checkUsersServers(config *Config) {
	var names []string
	for _, server := range config.Servers {
		names = append(names, server.Name)
	}
	for i := range config.Users {
		user := &config.Users[i]
		if user.Server == "" {
			continue
		}
		found := false
		for _, name := range names {
			if strings.EqualFold(name, user.Server) {
				user.Server, found = name, true
				break
			}
		}
		if !found {
			d.item("user", i).hinted("server", fmt.Sprintf("there is no server named %q", user.Server), offer(user.Server, names))
		}
	}
}
