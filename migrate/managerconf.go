package migrate

import (
	"fmt"
	"net"
	"strconv"
	"strings"
)

// FromManagerConf is an astproxy.toml with the users of a manager.conf, that listens where Asterisk's manager
// does.
func FromManagerConf(path string, o Options) (string, error) {
	file, err := readAsterisk(path)
	if err != nil {
		return "", err
	}
	m := &managerConf{asteriskFile: file, options: o, out: &output{}, port: defaultPort}
	m.acls = namedACLs(path)
	for _, c := range file.categories {
		switch {
		case c.template:
		case strings.EqualFold(c.name, "general"):
			m.general = append(m.general, c.variables...)
		default:
			m.users = append(m.users, c)
		}
	}
	if m.general == nil && len(m.users) == 0 {
		return "", fmt.Errorf("%s has no section of manager.conf", path)
	}
	m.readGeneral()
	m.introduction(path)
	m.server()
	m.listeners()
	m.people(beside(path, "users.conf") != "")
	m.remainder()
	return m.out.b.String(), nil
}

// Asterisk's ports of AMI (manager.c, DEFAULT_MANAGER_PORT and DEFAULT_MANAGER_TLS_PORT).
const (
	defaultPort    = 5038
	defaultTLSPort = 5039
)

// managerConf turns manager.conf into ours.
type managerConf struct {
	*asteriskFile
	options Options
	out     *output
	general []variable
	users   []*category
	acls    *asteriskFile // acl.conf; nil: there is none

	// what [general] says
	enabled, web, tls      bool
	host                   string // "" is every address
	port, tlsPort          int
	tlsHost                string
	certificate, key       string
	authTimeout, authLimit int
	singleLogin            bool
	where                  map[string]string // of each key, by its name
	stays, unknown         []variable

	login  string // the user that astproxy is in Asterisk
	secret string // and his secret
	moved  int    // the port that Asterisk moves to
}

// isTrue is Asterisk's ast_true.
func isTrue(text string) bool {
	switch lowered(text) {
	case "yes", "true", "y", "t", "1", "on":
		return true
	}
	return false
}

func (m *managerConf) introduction(path string) {
	m.chooseLogin()
	out := m.out
	out.note("astproxy.toml, made by astproxy import --manager-conf %q", path)
	secretsNote(out)
	out.blank()
	out.note("astproxy takes the place of Asterisk's manager port, so that clients notice nothing, and Asterisk's own port moves to where only " +
		"astproxy reaches it. For that, in manager.conf:")
	out.example("[general]")
	out.example("bindaddr = 127.0.0.1")
	out.example(fmt.Sprintf("port = %d", m.moved))
	if m.tls {
		out.example("tlsenable = no")
	}
	out.note("")
	out.example("[" + m.login + "]")
	out.example("secret = the secret of the [[server]] below")
	out.example("read = all")
	out.example("write = all")
	out.example("deny = 0.0.0.0/0.0.0.0")
	out.example("permit = 127.0.0.1/255.255.255.255")
	out.example("writetimeout = 5000")
	out.note("Then `asterisk -rx 'manager reload'`, and start astproxy. The other users of manager.conf may stay there, for the way back, until nobody misses them: " +
		"docs/migrating.md has it step by step. Asterisk on another machine: bindaddr and permit are its and astproxy's addresses, and TLS is a good thing.")
	out.blank()
	out.note("A comment that begins with WARNING is about something that you should look at. What all the keys are is in the astproxy.toml that comes with astproxy.")
	for _, path := range m.files[1:] {
		out.note("Included: %q", path)
	}
	if !m.enabled {
		out.warn("enabled is not yes in [general]: this Asterisk has no manager interface. astproxy needs it: set enabled = yes.")
	}
	for _, text := range m.odd {
		out.warn("%s", text)
	}
}

// chooseLogin finds a name for astproxy's own user that no section has, and a port that is free.
func (m *managerConf) chooseLogin() {
	m.login = "astproxy"
	for n := 2; m.find(m.login) != nil; n++ {
		m.login = fmt.Sprintf("astproxy-%d", n)
	}
	m.secret = m.options.newSecret()
	m.moved = m.port + 1
	if m.tls && m.moved == m.tlsPort {
		m.moved++
	}
	if m.moved > 65535 {
		m.moved = defaultPort
	}
}

func (m *managerConf) server() {
	m.out.heading("The Asterisk. astproxy is a user of its own there, as said above.")
	m.out.table("[[server]]")
	m.out.set("name", "asterisk")
	m.out.set("address", net.JoinHostPort("127.0.0.1", strconv.Itoa(m.moved)))
	m.out.set("username", m.login)
	m.out.set("secret", m.secret)
}

func (m *managerConf) listeners() {
	m.out.heading("Where clients connect: where they did.")
	host := m.host
	if host == "" {
		host = "::" // every address, of IPv4 too
	}
	m.out.table("[[listen]]")
	m.out.set("url", "ami://"+net.JoinHostPort(host, strconv.Itoa(m.port)))
	insecure(m.out, net.JoinHostPort(host, "0"), "Asterisk's own port")
	m.bounds()
	if m.tls {
		m.tlsListener(host)
	}
	if m.web {
		m.out.blank()
		m.out.note("webenabled (%s): Asterisk's HTTP manager stays where it is, with Asterisk's own users. astproxy has /rawman, /manager and /mxml "+
			"as well, and more; take the # away from these lines for it:", m.where["webenabled"])
		m.out.line("#[[listen]]")
		m.out.line(`#url = "http://127.0.0.1:8090"`)
	}
}

func (m *managerConf) bounds() {
	if m.authTimeout > 0 {
		m.out.line(fmt.Sprintf(`authentication_timeout = "%ds"`, m.authTimeout))
	}
	if m.authLimit > 0 {
		m.out.set("unauthenticated_limit", m.authLimit)
	}
}

func (m *managerConf) tlsListener(host string) {
	if m.tlsHost != "" {
		host = m.tlsHost
	}
	m.out.blank()
	m.out.note("tlsenable (%s).", m.where["tlsenable"])
	m.out.table("[[listen]]")
	m.out.set("url", "amis://"+net.JoinHostPort(host, strconv.Itoa(m.tlsPort)))
	m.bounds()
	writeCertificate(m.out, m.where["tlscertfile"], m.certificate, m.key)
}

// remainder says why nothing here is set by the other keys of [general].
func (m *managerConf) remainder() {
	if len(m.stays)+len(m.unknown) == 0 {
		return
	}
	m.out.heading("What of [general] is not here, and why.")
	for _, v := range m.stays {
		m.out.note("- %s (%s): %s", strings.ToLower(v.name), v.where, staying[strings.ToLower(v.name)])
	}
	for _, v := range m.unknown {
		m.out.warn("%s: Asterisk knows no %q in [general], and ignores it.%s", v.where, v.name, meant(strings.ToLower(v.name), generalNames()))
	}
}
