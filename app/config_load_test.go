package app

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/astproxy/astproxy/access"
)

// The tables of a file without problems, for tests to take some away or put some in front.
const (
	goodServer = "[[server]]\nname = \"pbx\"\naddress = \"127.0.0.1:5038\"\nusername = \"astproxy\"\nsecret = \"x\"\n"
	goodListen = "[[listen]]\nurl = \"ami://127.0.0.1:5039\"\n"
	goodUser   = "[[user]]\nname = \"anna\"\nsecret = \"x\"\n"
	good       = goodServer + goodListen + goodUser
)

// write puts a configuration into a folder of its own, makes that the current one, and gives the
// file's name there.
func write(t *testing.T, text string) string {
	t.Helper()
	t.Chdir(t.TempDir())
	writeFile(t, "astproxy.toml", text, 0o600)
	return "astproxy.toml"
}

func writeFile(t *testing.T, path, text string, mode os.FileMode) {
	t.Helper()
	if err := os.WriteFile(path, []byte(text), mode); err != nil {
		t.Fatal(err)
	}
}

// load expects no problems.
func load(t *testing.T, text string) *Config {
	t.Helper()
	config, err := Load(write(t, text))
	if err != nil {
		t.Fatalf("%v\nin\n%s", err, text)
	}
	return config
}

// What is not said has its default.
func TestLoadLeast(t *testing.T) {
	t.Setenv("STATE_DIRECTORY", "/var/lib/astproxy:/var/lib/other")
	config := load(t, good)

	want := DefaultConfig()
	want.Servers, want.Listeners, want.Users = config.Servers, config.Listeners, config.Users
	if diff := difference(config, want); diff != "" {
		t.Error(diff)
	}
	if config.State != "/var/lib/astproxy" || config.Events.Memory != 64<<20 || config.Events.FlushInterval != 8*time.Millisecond {
		t.Errorf("got %+v", config)
	}

	server := DefaultServer()
	server.Name, server.Address, server.Username, server.Secret = "pbx", "127.0.0.1:5038", "astproxy", "x"
	if diff := difference(config.Servers[0], server); diff != "" {
		t.Error(diff)
	}
	listener := DefaultListener()
	listener.URL = "ami://127.0.0.1:5039"
	if diff := difference(config.Listeners[0], listener); diff != "" {
		t.Error(diff)
	}
	if config.Listeners[0].Scheme() != "ami" || config.Listeners[0].Address() != "127.0.0.1:5039" {
		t.Errorf("got %q %q", config.Listeners[0].Scheme(), config.Listeners[0].Address())
	}
	if _, err := access.NewUsers(config.Users); err != nil {
		t.Error(err)
	}
}

// Everything that can be said arrives.
func TestLoadMost(t *testing.T) {
	t.Setenv("AMI_HOST", "pbx.example.org")
	t.Setenv("AMI_SECRET", "from the ${environment}")
	config := load(t, `
state = "var"
log = { level = "debug", format = "json" }
events = { memory = 1048576, flush_interval = "1ms", write_timeout = "1m" }
replies.memory = "1 GiB"
listen = [{ url = "ami://[::1]:0" }, { url = "AMI://0.0.0.0:5039/", insecure = true, authentication_timeout = "5s",
  unauthenticated_limit = 7, banner = "Asterisk Call Manager/5.0.4", connection_limit = 9 }]

[[server]]
name = "pbx"
address = "${AMI_HOST}:5039"
tls = true
tls_server_name = "pbx"
username = "a$stproxy"
secret = "${AMI_SECRET}$${AMI_SECRET}$"
keepalive = "1s"
action_timeout = "2s"
connect_timeout = "3s"
backoff_max = "4s"
cache = { QueueStatus = "1s", corestatus = "500ms" }

[[user]]
name = "anna"
secret = 'x$'
read = ["call", "user"]
write = ["all"]
server = "PBX"
slow_client = "skip"
allow_blocking = true
max_originates = 3
acl = ["deny 0.0.0.0/0", "deny ::/0", "permit 192.0.2.1"]
actions_per_second = 4
max_pending = 5
max_connections = 6
proxy_key = true
admin = true

[[token]]
name = "wallboard"
user = "Anna"
hash = "sha256:e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
expires = "2099-12-31"
read = ["call"]
write = []
`)
	want := &Config{
		State:   "var",
		Log:     LogConfig{Level: "debug", Format: "json"},
		Events:  EventsConfig{Memory: MiB, Recent: 16 * MiB, FlushInterval: time.Millisecond, WriteTimeout: time.Minute},
		Replies: RepliesConfig{Memory: GiB},
		Listeners: []ListenerConfig{
			{URL: "ami://[::1]:0", AuthenticationTimeout: 30 * time.Second, UnauthenticatedLimit: 50, Banner: DefaultBanner,
				SniffWait: 200 * time.Millisecond, ConnectionLimit: 10_000, Monitoring: "local"},
			{URL: "AMI://0.0.0.0:5039/", Insecure: true, AuthenticationTimeout: 5 * time.Second, UnauthenticatedLimit: 7,
				Banner: "Asterisk Call Manager/5.0.4", SniffWait: 200 * time.Millisecond, ConnectionLimit: 9, Monitoring: "local"},
		},
		Servers: []ServerConfig{{
			Name: "pbx", Address: "pbx.example.org:5039", TLS: true, TLSServerName: "pbx", Username: "a$stproxy",
			Secret: "from the ${environment}${AMI_SECRET}$", Keepalive: time.Second, ActionTimeout: 2 * time.Second,
			ConnectTimeout: 3 * time.Second, BackoffMax: 4 * time.Second, Cache: map[string]time.Duration{"QueueStatus": time.Second, "corestatus": 500 * time.Millisecond},
		}},
		Users: []access.UserConfig{{
			Name: "anna", Secret: "x$", Read: []string{"call", "user"}, Write: []string{"all"}, Server: "pbx", SlowClient: "skip",
			AllowBlocking: true, MaxOriginates: 3, ProxyKey: true, Admin: true,
			ACL: []string{"deny 0.0.0.0/0", "deny ::/0", "permit 192.0.2.1"}, ActionsPerSecond: 4, MaxPending: 5, MaxConnections: 6,
		}},
		Tokens: []access.TokenConfig{{
			Name: "wallboard", User: "Anna", Expires: "2099-12-31", Read: []string{"call"}, Write: []string{},
			Hash: "sha256:e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
		}},
		Login:   DefaultConfig().Login,
		Plugins: defaultPlugins(),
	}
	if diff := difference(config, want); diff != "" {
		t.Error(diff)
	}
	if got := config.Listeners[1].Address(); got != "0.0.0.0:5039" {
		t.Errorf("got %q", got)
	}
}

// A token whose time is over is worth a look, and no error.
func TestExpiredToken(t *testing.T) {
	const token = "[[token]]\nname = 'x'\nuser = 'anna'\nhash = 'sha256:e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855'\n"
	if config := load(t, good+token+"expires = '2099-12-31'\n"); len(config.Warnings) > 0 {
		t.Errorf("got %v", config.Warnings)
	}
	config := load(t, good+token+"expires = '2019-12-31'\n")
	if got, want := config.Warnings.Error(), "astproxy.toml:15:1: warning: this token is of no use any more; astproxy token makes a new one"; got != want {
		t.Errorf("got %q", got)
	}
}

// A secret in a file is the file's one line, and nobody is told but a warning if others may read it.
func TestSecretFile(t *testing.T) {
	path := write(t, strings.ReplaceAll(good, `secret = "x"`, `secret_file = "secrets/anna"`))
	if err := os.Mkdir("secrets", 0o700); err != nil {
		t.Fatal(err)
	}
	writeFile(t, "secrets/anna", "hunter2 \r\n", 0o640)
	config, err := Load(path)
	if err != nil {
		t.Fatal(err)
	}
	if got := config.Users[0]; got.Secret != "hunter2 " || got.SecretFile != "" {
		t.Errorf("got %q, %q", string(got.Secret), got.SecretFile)
	}
	if got := config.Servers[0]; got.Secret != "hunter2 " || got.SecretFile != "" {
		t.Errorf("got %q, %q", string(got.Secret), got.SecretFile)
	}
	if len(config.Warnings) > 0 {
		t.Errorf("got %v", config.Warnings)
	}

	if err := os.Chmod("secrets/anna", 0o644); err != nil {
		t.Fatal(err)
	}
	if config, err = Load(path); err != nil {
		t.Fatal(err)
	}
	want := `astproxy.toml:5:1: warning: everybody on this machine may read secrets/anna; chmod o-r would end that
astproxy.toml:10:1: warning: everybody on this machine may read secrets/anna; chmod o-r would end that`
	if got := config.Warnings.Error(); got != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
}

func TestLoadWarnsOfSecretsInAFileThatEverybodyMayRead(t *testing.T) {
	t.Setenv("ASTPROXY_TEST_SECRET", "hunter2")
	const hash = "$2y$04$......................KGgCrwUWVphn0eVQnM5tpmFVYv7.3uO"
	const warning = ":5:1: warning: everybody on this machine may read this file, and secrets in it; chmod o-r would end that"
	for name, test := range map[string]struct {
		server, user string
		mode         os.FileMode
		want         bool
	}{
		"secrets":               {"x", "x", 0o644, true},
		"secrets for the group": {"x", "x", 0o640, false},
		"none":                  {"${ASTPROXY_TEST_SECRET}", hash, 0o644, false},
	} {
		text := strings.Replace(good, `secret = "x"`, `secret = "`+test.server+`"`, 1)
		text = strings.Replace(text, goodUser, strings.Replace(goodUser, `secret = "x"`, `secret = "`+test.user+`"`, 1), 1)
		path := write(t, text)
		if err := os.Chmod(path, test.mode); err != nil {
			t.Fatal(err)
		}
		config, err := Load(path)
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		if got := config.Warnings.Error(); strings.Contains(got, warning) != test.want {
			t.Errorf("%s: got %q", name, got)
		}
	}
}

// Paths begin at the file that names them, wherever astproxy was started.
func TestPathsBeginAtTheFile(t *testing.T) {
	text := "state = 'var'\n" + strings.Replace(good, `secret = "x"`, `secret_file = "secret"`, 1)
	folder := t.TempDir()
	writeFile(t, filepath.Join(folder, "astproxy.toml"), text, 0o600)
	writeFile(t, filepath.Join(folder, "secret"), "s\n", 0o600)
	config, err := Load(filepath.Join(folder, "astproxy.toml"))
	if err != nil {
		t.Fatal(err)
	}
	if config.Servers[0].Secret != "s" || config.State != filepath.Join(folder, "var") {
		t.Errorf("got %+v", config)
	}
}

func TestStateFolder(t *testing.T) {
	for _, test := range []struct{ state, xdg, home, want string }{
		{"/a", "/b", "/c", "/a"},
		{"", "/b", "/c", "/b/astproxy"},
		{"", "", "/c", "/c/.local/state/astproxy"},
		{"", "relative", "/c", "/c/.local/state/astproxy"},
		{"", "", "", ""},
	} {
		t.Setenv("STATE_DIRECTORY", test.state)
		t.Setenv("XDG_STATE_HOME", test.xdg)
		t.Setenv("HOME", test.home)
		if got := DefaultConfig().State; got != test.want {
			t.Errorf("%v: got %q", test, got)
		}
	}
}

// A file that cannot be read is one problem without a line.
func TestLoadNoFile(t *testing.T) {
	folder := t.TempDir()
	_, err := Load(filepath.Join(folder, "none.toml"))
	var problems Problems
	if !errors.As(err, &problems) || len(problems) != 1 || problems[0].Line != 0 {
		t.Fatalf("got %#v", err)
	}
	if want := filepath.Join(folder, "none.toml") + ": no such file or directory"; err.Error() != want {
		t.Errorf("got %q, want %q", err, want)
	}
	if _, err := Load(folder); err == nil || err.Error() != folder+": is a directory" {
		t.Errorf("got %v", err)
	}
	large := filepath.Join(folder, "large.toml")
	writeFile(t, large, strings.Repeat("#", maxFile+1), 0o600)
	if _, err := Load(large); err == nil || err.Error() != large+": larger than 8MiB" {
		t.Errorf("got %v", err)
	}
}
