package app

import (
	"time"

	"github.com/astproxy/astproxy/access"
	"github.com/astproxy/astproxy/proxy/listen/monitor"
	"github.com/astproxy/astproxy/upstream"
)

// Config is everything an administrator decides: astproxy.toml as values. Load reads one from a
// file; who makes one in code begins with DefaultConfig.
type Config struct {
	// State is the folder for what outlives a restart.
	State     string                `toml:"state"`
	Log       LogConfig             `toml:"log"`
	Servers   []ServerConfig        `toml:"server"`
	Listeners []ListenerConfig      `toml:"listen"`
	Users     []access.UserConfig   `toml:"user"`
	Tokens    []access.TokenConfig  `toml:"token"`
	Tenants   []access.TenantConfig `toml:"tenant"`
	Events    EventsConfig          `toml:"events"`
	Replies   RepliesConfig         `toml:"replies"`
	Login     LoginConfig           `toml:"login"`
	Plugins   PluginsConfig         `toml:"plugin"`

	// Warnings are what Load found that is no error but should be looked at.
	Warnings Problems `toml:"-"`
}

// ServerConfig is one Asterisk to connect to: one [[server]] table.
type ServerConfig struct {
	// Name is what clients call the server. Names compare without case.
	Name string `toml:"name"`
	// Address is the host and port of the server's manager interface.
	Address string `toml:"address"`

	TLS bool `toml:"tls"`
	// TLSCA names a file with the certificates, in PEM, that the server's own may be signed by;
	// empty is the system's. TLSServerName is the name to expect in it; empty is Address's host.
	TLSCA         string `toml:"tls_ca"`
	TLSServerName string `toml:"tls_server_name"`
	// TLSFingerprint is the SHA-256 of the server's certificate, in hex: that one and no other is
	// trusted, whoever has signed it.
	TLSFingerprint string `toml:"tls_fingerprint"`

	// Username and Secret are a user in the server's manager.conf. Load puts the text of
	// SecretFile into Secret and empties SecretFile.
	Username   string        `toml:"username"`
	Secret     access.Secret `toml:"secret"`
	SecretFile string        `toml:"secret_file"`

	// Keepalive is the time between two Pings while nothing else is outstanding, ActionTimeout
	// how long an action may take, ConnectTimeout how long to wait for a connection and the login,
	// BackoffMax the longest pause between two tries to connect.
	Keepalive      time.Duration `toml:"keepalive"`
	ActionTimeout  time.Duration `toml:"action_timeout"`
	ConnectTimeout time.Duration `toml:"connect_timeout"`
	BackoffMax     time.Duration `toml:"backoff_max"`

	// Cache is how long answers to actions that only show something are kept for who asks the same.
	Cache map[string]time.Duration `toml:"cache"`
}

// ListenerConfig is one door for clients: one [[listen]] table.
type ListenerConfig struct {
	// URL says what is spoken and where: ami://127.0.0.1:5039.
	URL string `toml:"url"`
	// Insecure allows plain text on an address that is not this machine's own.
	Insecure bool `toml:"insecure"`
	// AuthenticationTimeout is how long a client may take to log in, UnauthenticatedLimit how many
	// that have not yet may be connected at once.
	AuthenticationTimeout time.Duration `toml:"authentication_timeout"`
	UnauthenticatedLimit  int           `toml:"unauthenticated_limit"`
	// Banner is the first line sent to a client while the first server was never reached: its own
	// banner is sent otherwise. Empty is DefaultBanner.
	Banner string `toml:"banner"`
	// Format is what clients are written in until they ask for another; empty is what they write in.
	Format string `toml:"format"`
	// Certificate and Key name the files of an amis:// or https:// listener's certificate, ACME the
	// domains to get one for; with neither it is self-signed.
	Certificate string   `toml:"certificate"`
	Key         string   `toml:"key"`
	ACME        []string `toml:"acme"`
	// ACMEEmail is told to the authority at ACMEDirectory ("" is Let's Encrypt), whose own
	// certificate is checked by the file ACMECA ("" is the system's authorities).
	ACMEEmail     string `toml:"acme_email"`
	ACMEDirectory string `toml:"acme_directory"`
	ACMECA        string `toml:"acme_ca"`
	// ClientCA names a file with the authorities whose client certificates are a login.
	ClientCA string `toml:"client_ca"`
	// SniffWait is how long an ami+amis:// listener waits for a TLS client to begin.
	SniffWait time.Duration `toml:"sniff_wait"`
	// Origins are the web pages of other hosts whose scripts may use an http:// listener.
	Origins []string `toml:"origins"`
	// ConnectionLimit is how many connections an http:// or agi:// listener may have at once.
	ConnectionLimit int `toml:"connection_limit"`
	// Monitoring says who may read an http:// listener's /metrics, /healthz and /readyz.
	Monitoring string `toml:"monitoring"`
	// Networks are those that calls may come from to an agi:// listener; none: this machine alone.
	Networks []string `toml:"networks"`
	// Token is what they have to show; "": nothing.
	Token access.Secret `toml:"token"`
}

// DefaultBanner is what Asterisk 22 says first.
const DefaultBanner = "Asterisk Call Manager/11.0.0"

// EventsConfig is the [events] table: how events reach clients.
type EventsConfig struct {
	// Memory bounds the recent events kept for clients that are behind.
	Memory Size `toml:"memory"`
	// Recent bounds the latest events, kept for clients that come back and want what they missed.
	Recent Size `toml:"recent"`
	// FlushInterval is how much later than at once an event may be sent, so that many go together.
	FlushInterval time.Duration `toml:"flush_interval"`
	// WriteTimeout is how long a client may accept nothing before it is closed.
	WriteTimeout time.Duration `toml:"write_timeout"`
}

// RepliesConfig is the [replies] table: the answers to clients' actions.
type RepliesConfig struct {
	// Memory bounds the answers that wait for their clients to read them, of all clients together.
	Memory Size `toml:"memory"`
}

// LoginConfig is the [login] table: how many logins may fail.
type LoginConfig struct {
	// AddressFailures is how many from one address lock it for Lock, UserFailures how many as one user lock
	// him out but from where he has been; 0: never.
	AddressFailures int           `toml:"address_failures"`
	UserFailures    int           `toml:"user_failures"`
	Lock            time.Duration `toml:"lock"`
}

// DefaultConfig is what an empty file means, without its problems: no servers, no listeners, no
// users, and everything else at its default.
func DefaultConfig() *Config {
	return &Config{
		State: defaultState(),
		Log:   LogConfig{Level: "info", Format: "text"},
		Events: EventsConfig{
			Memory:        64 * MiB,
			Recent:        16 * MiB,
			FlushInterval: 8 * time.Millisecond,
			WriteTimeout:  30 * time.Second,
		},
		Replies: RepliesConfig{Memory: 256 * MiB},
		Login:   LoginConfig{AddressFailures: 20, UserFailures: 100, Lock: 10 * time.Minute},
		Plugins: defaultPlugins(),
	}
}

// DefaultServer is a [[server]] table without a line in it.
func DefaultServer() ServerConfig {
	return ServerConfig{
		Keepalive:      upstream.DefaultKeepalive,
		ActionTimeout:  upstream.DefaultActionTimeout,
		ConnectTimeout: upstream.DefaultConnectTimeout,
		BackoffMax:     upstream.DefaultBackoffMax,
	}
}

// DefaultListener is a [[listen]] table without a line in it.
func DefaultListener() ListenerConfig {
	return ListenerConfig{
		AuthenticationTimeout: 30 * time.Second,
		UnauthenticatedLimit:  50,
		Banner:                DefaultBanner,
		ConnectionLimit:       10_000,
		SniffWait:             200 * time.Millisecond,
		Monitoring:            string(monitor.Local),
	}
}

// setDefaults is called before a table's own lines are read.
func (c *ServerConfig) setDefaults() { *c = DefaultServer() }

func (c *ListenerConfig) setDefaults() { *c = DefaultListener() }
