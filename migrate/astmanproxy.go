package migrate

import (
	"fmt"
	"maps"
	"slices"
	"strings"
)

// FromAstmanproxy is an astproxy.toml that does what astmanproxy did with its files.
func FromAstmanproxy(files AstmanproxyFiles, o Options) (string, error) {
	a, err := readAstmanproxy(files)
	if err != nil {
		return "", err
	}
	c := &conversion{astmanproxy: a, options: o, out: &output{}}
	c.introduction()
	c.servers()
	c.listeners()
	c.people()
	c.remainder()
	return c.out.b.String(), nil
}

// conversion turns astmanproxy's files into ours.
type conversion struct {
	*astmanproxy
	options Options
	out     *output
	names   map[string]string // what a server is called here, by its host there
	read    []string          // the classes of events that came from the Asterisks
}

func (c *conversion) introduction() {
	c.out.note("astproxy.toml, made by astproxy import of")
	for _, path := range c.files {
		c.out.example(fmt.Sprintf("%q", path))
	}
	c.secretsNote()
	c.out.blank()
	c.out.note("A comment that begins with WARNING is about something that you should look at. What all the keys are, and " +
		"those that are not here, is in the astproxy.toml that comes with astproxy; docs/migrating.md has the way over step by step.")
	if len(c.odd) > 0 {
		c.out.blank()
		for _, text := range c.odd {
			c.out.warn("%s", text)
		}
	}
}

func (c *conversion) secretsNote() { secretsNote(c.out) }

func secretsNote(out *output) {
	out.note("The secrets are in here as they were there: let nobody but astproxy read this file (chmod 600). A user who does " +
		"not log in by Challenge may have a hash instead, which `astproxy passwd` prints.")
}

// value is what an option is set to, "" if it is not.
func (c *conversion) value(name string) string { return c.astmanproxy.options[name].value }

func (c *conversion) has(name string) bool {
	_, has := c.astmanproxy.options[name]
	return has
}

func (c *conversion) where(name string) string { return c.astmanproxy.options[name].where }

// yes is how astmanproxy reads a yes or no: what is not yes is no.
func (c *conversion) yes(name string) bool {
	s := c.astmanproxy.options[name]
	if s.value != "yes" && s.value != "no" && s.value != "" {
		c.out.warn("%s: only yes is yes for astmanproxy, so %s = %q was no.", s.where, name, s.value)
	}
	return s.value == "yes"
}

// folded warns that astmanproxy read a value in lower case, where that is a difference.
func (c *conversion) folded(name string) {
	if s := c.astmanproxy.options[name]; s.raw != s.value {
		c.out.warn("%s: astmanproxy made this value lower-case, as it stands without quotes, and so it is here.", s.where)
	}
}

// became says what of ours each option is, or why it is nothing.
var became = map[string]string{
	"acceptencryptedconnection":   "the scheme in url of [[listen]]: ami+amis:// if both are accepted, else amis:// or ami://.",
	"acceptunencryptedconnection": "the scheme in url of [[listen]], together with acceptencryptedconnection.",
	"asteriskwritetimeout": "nothing. Writing to one Asterisk holds up nobody here; one that is lost is found by keepalive, and [[server]] has " +
		"action_timeout.",
	"authrequired": "nothing. Everybody logs in here; see above.",
	"autofilter":   "autofilter of each [[user]]. Whatever it is, answers go to who has asked, and to nobody else.",
	"certfile":     "certificate and key of [[listen]].",
	"clientwritetimeout": "nothing. A client that reads slowly is its own problem here, and is not cut off in the middle of a message: see " +
		"slow_client of [[user]], and memory and write_timeout of [events].",
	"filterlocal":           "filterlocal of each [[user]] with channels, whose default is off.",
	"forcebanner":           "banner of [[listen]].",
	"inputformat":           "the scheme in url of [[listen]]: http:// for http, else ami://.",
	"listenaddress":         "url of [[listen]].",
	"listenport":            "url of [[listen]].",
	"logfile":               "nothing. astproxy logs to standard error, which systemd puts into the journal: journalctl -u astproxy.",
	"maxretries":            "nothing. astmanproxy ended itself when so many tries had failed; astproxy never ceases to try.",
	"outputformat":          "format of [[listen]].",
	"proc_group":            "nothing. astproxy is started as the group it shall run as: Group= in its systemd unit.",
	"proc_user":             "nothing. astproxy is started as the user it shall run as: User= in its systemd unit.",
	"proxykey":              "a [[user]] with proxy_key = true.",
	"retryinterval":         "backoff_max of each [[server]]: pauses begin with less than a second and grow up to it.",
	"sslclienthellotimeout": "sniff_wait of an ami+amis:// listener. Plain clients wait as long for the banner, but no longer one after the other.",
}

// remainder says what became of each line that is not a host or a user.
func (c *conversion) remainder() {
	c.out.heading("What the other lines have become.")
	settings := slices.SortedFunc(maps.Values(c.astmanproxy.options), func(a, b setting) int { return a.line - b.line })
	for _, s := range settings {
		c.out.note("- %s (%s): %s", s.name, s.where, became[s.name])
	}
	if len(c.ssl) == 0 {
		return
	}
	c.out.note("- %s: a configuration of OpenSSL's, with which the certificate was made. astmanproxy itself does not read it, and neither "+
		"does astproxy, which makes a certificate itself where none is given. These are its keys:", c.ssl[0].file())
	var names []string
	section := ""
	for _, s := range c.ssl {
		if s.raw != section {
			section = s.raw
			names = append(names, fmt.Sprintf("[%q]", section))
		}
		names = append(names, fmt.Sprintf("%q", s.name))
	}
	c.out.note("%s", strings.ReplaceAll(strings.Join(names, " "), `"`, ""))
}

func (s setting) file() string {
	name, _, _ := strings.Cut(s.where, ":")
	return name
}
