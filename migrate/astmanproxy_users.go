package migrate

import (
	"fmt"
	"slices"
	"strings"

	"github.com/astproxy/astproxy/access"
)

// proxyUser is a line name = secret,channel,out_context,in_context,account,server,more_events,filters.
type proxyUser struct {
	setting
	secret, channel, outContext, inContext, account, server, filters string
	moreEvents                                                       bool
	lastComma                                                        bool // it is the comma before more_events that is read as more_events
}

// parseUser takes a line apart as add_userperm of config_perms.c does. more_events is whatever stands in its
// place, and the end of the line if that is there.
func parseUser(s setting) proxyUser {
	const moreEvents, filters = 6, 7
	fields := strings.Split(s.value, ",")
	u := proxyUser{setting: s, secret: fields[0]}
	for i, into := range []*string{&u.channel, &u.outContext, &u.inContext, &u.account, &u.server} {
		if i+1 < len(fields) {
			*into = fields[i+1]
		}
	}
	u.moreEvents = len(fields) == moreEvents+1 || len(fields) > moreEvents && fields[moreEvents] != ""
	u.lastComma = len(fields) == moreEvents+1 && fields[moreEvents] == ""
	if len(fields) > filters {
		u.filters = lowered(fields[filters])
	}
	return u
}

// filterNames are those that add_userperm looks for, wherever they stand in the field.
var filterNames = []string{"cdronly", "brionly", "xfronly", "novar"}

func (c *conversion) people() {
	c.out.heading("Who may log in. astmanproxy's users may do whatever its own user may in Asterisk, and so may these. Take away from each " +
		"what it does not need, such as read = [\"call\"] and write = [\"originate\"]; `astproxy explain` says what it then may.")
	c.out.note("ProxyAction ListSessions, ListServers, AddServer and DropServer were anybody's, even before a login. Here they are for users " +
		"with admin = true, which nobody is until you say so.")
	c.out.note("legacy_formats: who asks for xml or csv by ProxyAction: SetOutputFormat gets astmanproxy's shapes of them.")
	c.loginNotes()
	c.filterNotes()
	taken := map[string]string{}
	for i, s := range c.users {
		c.user(i, parseUser(s), taken)
	}
	if c.has("proxykey") {
		c.key(taken)
	}
	if len(taken) == 0 {
		c.anybody()
	}
}

func (c *conversion) loginNotes() {
	required := c.yes("authrequired")
	switch {
	case required:
		c.out.note("authrequired (%s): nobody may anything before a login, as always here.", c.where("authrequired"))
	case c.value("proxykey") == "":
		c.out.warn("authrequired is not yes: whoever reached astmanproxy might do anything without a login. Here everybody logs in, so clients that " +
			"did not must learn to, with the name and secret of one of the users below; over HTTP that is a login by Basic, or a token.")
	default:
		c.out.note("authrequired is not yes, but there is a proxykey, without which nobody got in. Here either a ProxyKey or a login is enough; " +
			"astmanproxy wanted the key before the login, too.")
	}
	c.out.note("After a login comes FullyBooted, which after a login that failed came as well. Events: at the login, and the action Events, are " +
		"the client's choice now; astmanproxy took no notice of them.")
}

var filterLocalModes = []string{"allow", "allowwith", "enforce"}

// filterNotes is about what was set for everybody and is each user's here. What is not known was off.
func (c *conversion) filterNotes() {
	for _, name := range []string{"autofilter", "filterlocal"} {
		known := map[string][]string{"autofilter": {"on", "unique"}, "filterlocal": filterLocalModes}[name]
		if value := c.value(name); value != "off" && c.has(name) && !slices.Contains(known, value) {
			c.out.warn("%s: there is no %s %q, and astmanproxy took off.", c.where(name), name, value)
		}
	}
	if slices.Contains(filterLocalModes, c.value("filterlocal")) {
		c.out.warn("filterlocal had no effect in astmanproxy, by a mistake in it: a user with a channel could not use Local/ channels at all. Here " +
			"it does what it says, and they can. Take it out of the users below if they should not.")
	}
}

// user writes one [[user]], if it can be one.
func (c *conversion) user(i int, u proxyUser, taken map[string]string) {
	c.out.blank()
	if why := c.unfit(u, i, taken); why != "" {
		c.out.warn("%s: user %q is left out: %s.", u.where, u.name, why)
		return
	}
	c.warnOfSecret(u)
	taken[lowered(u.name)] = u.where
	c.out.table("[[user]]")
	c.out.set("name", u.name)
	c.out.set("secret", u.secret)
	c.rights()
	c.narrow(u)
}

// unfit says why a line cannot be a user here; "": it can.
func (c *conversion) unfit(u proxyUser, i int, taken map[string]string) string {
	later := slices.ContainsFunc(c.users[i+1:], func(s setting) bool { return s.name == u.name && parseUser(s).secret != "" })
	config := access.UserConfig{
		Name: u.name, Secret: access.Secret(u.secret), OutContext: u.outContext, InContext: u.inContext, Account: u.account,
	}
	if u.channel != "" {
		config.Channels = []string{u.channel}
	}
	switch {
	case u.name == "":
		return "it has no name"
	case u.secret == "":
		return "it has no secret, so anybody could have logged in as it"
	case !writable(u.value, u.name):
		return "its line is not UTF-8, which TOML is; write it as UTF-8, and mind that clients send the same bytes"
	case later:
		return "it stands again further down, which is what counts. astmanproxy took either secret"
	case taken[lowered(u.name)] != "":
		return fmt.Sprintf("names compare without case here, and the user at %s has the same", taken[lowered(u.name)])
	case strings.HasPrefix(u.secret, "$") && !config.Secret.Hashed():
		return "its secret begins with $, which to astmanproxy 1.30 is a hash, but it is none by bcrypt. Make one by `astproxy passwd`"
	}
	if err := config.Validate(); err != nil {
		return strings.ReplaceAll(err.Error(), "\n", "; ")
	}
	return ""
}

func (c *conversion) warnOfSecret(u proxyUser) {
	if access.Secret(u.secret).Hashed() {
		c.out.note("%s: the secret is a hash, as it may be from astmanproxy 1.30 on.", u.where)
	}
}

func (c *conversion) rights() {
	c.out.set("read", c.read)
	c.out.set("write", []string{"all"})
	c.out.set("legacy_formats", true)
}

// narrow writes what a line narrows its user to, and what was set for all users.
func (c *conversion) narrow(u proxyUser) {
	if u.channel != "" {
		c.out.set("channels", []string{u.channel})
		c.localChannels(u)
	}
	c.context(u, "out_context", u.outContext)
	c.context(u, "in_context", u.inContext)
	c.account(u)
	c.ownServer(u)
	c.moreEvents(u)
	c.kinds(u)
	if extra := strings.Split(u.value, ","); len(extra) > 8 {
		c.out.warn("%s: what stands behind the eighth field was ignored, and is.", u.where)
	}
	c.autofilter()
}

// localChannels writes what filterlocal means for a user with a channel: it is about no others.
func (c *conversion) localChannels(u proxyUser) {
	mode := c.value("filterlocal")
	switch {
	case !slices.Contains(filterLocalModes, mode):
	case mode != access.FilterLocalAllow && u.outContext == "":
		c.out.warn("%s: filterlocal = %s wants the context of an out_context, and this user has none. Local/ channels stay refused.", u.where, mode)
	default:
		c.out.set("filterlocal", mode)
	}
}

func (c *conversion) moreEvents(u proxyUser) {
	switch {
	case !u.moreEvents:
	case u.channel == "" && u.inContext == "":
		c.out.note("%s: more_events is for users with a channel or an in_context. Without either the user sees all events.", u.where)
	case u.lastComma:
		c.out.warn("%s: the line ends with the comma before more_events, which astmanproxy took for a yes. Take the comma for a slip, and take out:", u.where)
		fallthrough
	default:
		c.out.set("more_events", true)
	}
}

// kinds writes the eighth field: which kinds of events the user sees.
func (c *conversion) kinds(u proxyUser) {
	rest := u.filters
	for _, name := range filterNames {
		if strings.Contains(u.filters, name) {
			c.out.set(name, true)
			rest = strings.ReplaceAll(rest, name, "")
		}
	}
	if rest = strings.Trim(rest, "|+:;/& "); rest != "" {
		c.out.warn("%s: there is no filter %q. astmanproxy ignored it.", u.where, rest)
	}
}

// autofilter writes what is not the default here. It was off where nothing else is set.
func (c *conversion) autofilter() {
	if mode := c.value("autofilter"); mode != "unique" {
		if mode != "on" {
			mode = "off"
		}
		c.out.set("autofilter", mode)
	}
}

// context writes a context, which here is one in any case.
func (c *conversion) context(u proxyUser, key, value string) {
	if value == "" {
		return
	}
	if value != lowered(value) {
		c.out.note("%s: astmanproxy made this context lower-case, and from 1.24 on let no other spelling pass. Here upper and lower case are no difference.", u.where)
	}
	c.out.set(key, value)
}

// account writes the account code, which astmanproxy put into actions in lower case.
func (c *conversion) account(u proxyUser) {
	if u.account == "" {
		return
	}
	if u.account != lowered(u.account) {
		c.out.warn("%s: the account is %q there. astmanproxy made it lower-case, and that is what is in the call records so far. It is here, too; write "+
			"it otherwise if you want it otherwise.", u.where, u.account)
	}
	c.out.set("account", lowered(u.account))
}

// ownServer writes the server of a user, if there is one.
func (c *conversion) ownServer(u proxyUser) {
	if u.server == "" {
		return
	}
	name, there := c.names[lowered(u.server)]
	if !there {
		c.out.warn("%s: there is no host %q, and astmanproxy sent this user's actions to the first one, as is done here. Its name must be that of a host line.", u.where, u.server)
		return
	}
	c.out.note("A client of this user may still name another server in an action; with astmanproxy it could not.")
	c.out.set("server", name)
}

// key writes the user that stands for proxykey.
func (c *conversion) key(taken map[string]string) {
	key := c.value("proxykey")
	config := access.UserConfig{Name: "proxykey", Secret: access.Secret(key), ProxyKey: true}
	for n := 2; taken[config.Name] != ""; n++ {
		config.Name = fmt.Sprintf("proxykey-%d", n)
	}
	c.out.blank()
	if err := config.Validate(); err != nil || !writable(key) {
		c.out.warn("%s: proxykey is left out. It is empty, or nothing that a client could send.", c.where("proxykey"))
		return
	}
	c.folded("proxykey")
	c.out.note("proxykey: a client that sends it as ProxyKey in its first action is this user, without a login.")
	taken[config.Name] = c.where("proxykey")
	c.out.table("[[user]]")
	c.out.set("name", config.Name)
	c.out.set("secret", key)
	c.out.set("proxy_key", true)
	c.rights()
	c.autofilter()
}

// anybody is for files in which nobody could log in: somebody must be able to.
func (c *conversion) anybody() {
	c.out.blank()
	c.out.warn("nobody could log in with the old files. This user is for the clients that did not need to; its secret is new.")
	c.out.table("[[user]]")
	c.out.set("name", "astmanproxy")
	c.out.set("secret", c.options.newSecret())
	c.rights()
	c.autofilter()
}
