package migrate

import (
	"maps"
	"net/netip"
	"slices"
	"strconv"
	"strings"
)

const (
	staysThere = "stays in manager.conf, where it is about astproxy's session, and so about all its clients."
	noTLSKey   = "astproxy speaks TLS 1.2 and later with Go's choice of ciphers, and nothing about it is to be set."
)

// staying are the keys of [general] that become none of ours, and why.
var staying = map[string]string{
	"timestampevents":      staysThere,
	"channelvars":          staysThere,
	"disabledevents":       staysThere,
	"brokeneventsaction":   "astproxy answers the action Events as Asterisk does without it.",
	"displayconnects":      "astproxy logs who logs in and off, each time.",
	"debug":                "astproxy has [log] level = \"debug\".",
	"httptimeout":          "it is about Asterisk's own HTTP manager.",
	"block-sockets":        "astproxy writes to nobody in a way that others wait for.",
	"tlscipher":            noTLSKey,
	"sslcipher":            noTLSKey,
	"tlsservercipherorder": noTLSKey,
	"tlsdisablev1":         noTLSKey,
	"tlsdisablev11":        noTLSKey,
	"tlsdisablev12":        noTLSKey,
	"tlscafile":            "Asterisk ignores it here. astproxy takes client certificates as a login, by client_ca of a listener.",
	"tlscapath":            "Asterisk ignores it here.",
	"tlscadir":             "Asterisk ignores it here.",
	"tlsverifyclient":      "Asterisk ignores it here. astproxy takes client certificates as a login, by client_ca of a listener.",
	"tlsdontverifyserver":  "Asterisk ignores it here.",
	"tlsclientmethod":      "Asterisk ignores it here.",
	"sslclientmethod":      "Asterisk ignores it here.",
}

// readers are the keys of [general] that become something, under Asterisk's names (manager.c, __init_manager, and
// main/tcptls.c, ast_tls_read_conf).
var readers = map[string]func(m *managerConf, v variable){
	"enabled":            func(m *managerConf, v variable) { m.enabled = isTrue(v.value) },
	"webenabled":         func(m *managerConf, v variable) { m.web = isTrue(v.value) },
	"port":               (*managerConf).readPort,
	"bindaddr":           (*managerConf).readAddress,
	"tlsenable":          func(m *managerConf, v variable) { m.tls = isTrue(v.value) },
	"tlsbindaddr":        (*managerConf).readTLSAddress,
	"tlscertfile":        func(m *managerConf, v variable) { m.certificate = v.value },
	"tlsprivatekey":      func(m *managerConf, v variable) { m.key = v.value },
	"authtimeout":        (*managerConf).readAuthTimeout,
	"authlimit":          (*managerConf).readAuthLimit,
	"allowmultiplelogin": func(m *managerConf, v variable) { m.singleLogin = !isTrue(v.value) },
}

// otherNames are second names of keys.
var otherNames = map[string]string{
	"sslenable": "tlsenable", "sslbindaddr": "tlsbindaddr", "sslcert": "tlscertfile", "tlscert": "tlscertfile", "sslprivatekey": "tlsprivatekey",
}

func generalNames() []string {
	names := slices.Concat(slices.Collect(maps.Keys(readers)), slices.Collect(maps.Keys(staying)), slices.Collect(maps.Keys(otherNames)))
	slices.Sort(names)
	return names
}

// readGeneral reads [general] in its order: the last of a key counts.
func (m *managerConf) readGeneral() {
	m.where = map[string]string{}
	m.tlsPort = defaultTLSPort
	for _, v := range m.general {
		name := strings.ToLower(v.name)
		if other, is := otherNames[name]; is {
			name = other
		}
		m.where[name] = v.where
		if read := readers[name]; read != nil {
			read(m, v)
			continue
		}
		if _, is := staying[name]; is {
			m.stays = append(m.stays, v)
			continue
		}
		m.unknown = append(m.unknown, v)
	}
	if m.tlsPort == m.port {
		m.tlsPort = defaultTLSPort // as there
	}
}

func (m *managerConf) readPort(v variable) {
	port, err := strconv.Atoi(v.value)
	if err != nil || port < 1024 || port > 65535 {
		m.oddly(v.where, "port = %q is no port from 1024 to 65535, which Asterisk wants. Here it is %d.", v.value, defaultPort)
		port = defaultPort
	}
	m.port = port
}

func (m *managerConf) readAddress(v variable) {
	host, _ := splitAddress(v.value)
	if host == "" {
		m.oddly(v.where, "bindaddr = %q is no address. Asterisk then listens on all, and so does this.", v.value)
	}
	m.host = host
}

func (m *managerConf) readTLSAddress(v variable) {
	host, port := splitAddress(v.value)
	if host == "" {
		m.oddly(v.where, "tlsbindaddr = %q is no address. Asterisk then takes bindaddr, and so does this.", v.value)
	}
	m.tlsHost = host
	if port != 0 {
		m.tlsPort = port
	}
}

// splitAddress reads an address with or without a port; "" is for what is none.
func splitAddress(text string) (host string, port int) {
	if both, err := netip.ParseAddrPort(text); err == nil {
		return both.Addr().String(), int(both.Port())
	}
	address, err := netip.ParseAddr(strings.Trim(text, "[]"))
	if err != nil {
		return "", 0
	}
	return address.String(), 0
}

func (m *managerConf) readAuthTimeout(v variable) {
	if m.authTimeout = number(v.value); m.authTimeout < 1 {
		m.oddly(v.where, "authtimeout = %q is none, and Asterisk takes 30, as is done here.", v.value)
	}
}

func (m *managerConf) readAuthLimit(v variable) {
	if m.authLimit = number(v.value); m.authLimit < 1 {
		m.oddly(v.where, "authlimit = %q is none, and Asterisk takes 50, as is done here.", v.value)
	}
}
