package upstream

import (
	"cmp"
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"strings"
	"time"

	"github.com/astproxy/astproxy/ami"
)

// Secret is a manager user's secret. However it is printed or logged, it does not show.
type Secret string

const hidden = "[secret]"

// LogValue hides the secret from slog.
func (Secret) LogValue() slog.Value { return slog.StringValue(hidden) }

// Format hides the secret from every verb of fmt.
func (Secret) Format(f fmt.State, _ rune) { _, _ = f.Write([]byte(hidden)) }

// MarshalText hides the secret from encoders.
func (Secret) MarshalText() ([]byte, error) { return []byte(hidden), nil }

// Dialer is what a *net.Dialer does. Its values must be comparable.
type Dialer interface {
	DialContext(ctx context.Context, network, address string) (net.Conn, error)
}

// Config says where an Asterisk is and how its one session is to be run. A zero duration or number
// means the default.
type Config struct {
	Name     string // what clients and logs call the server
	Address  string // host:port
	Username string // of manager.conf
	Secret   Secret

	// TLS makes the session a TLS one; nil is plain TCP. An empty ServerName is taken from Address.
	TLS *tls.Config

	// Dialer makes the connection, in the place of TCP and TLS; nil: they do. It is for who has no network between.
	Dialer Dialer

	ConnectTimeout time.Duration // for TCP and TLS to stand, 10s
	LoginTimeout   time.Duration // from then until Asterisk has accepted the login, 10s
	Keepalive      time.Duration // silence after which a Ping is sent, and how long its answer may take, 10s
	ActionTimeout  time.Duration // for an action to be answered, unless its Request says otherwise, 60s
	BackoffMin     time.Duration // the first wait before connecting again, 500ms
	BackoffMax     time.Duration // the longest one, 30s

	// Gather is how long events may wait to be read together while two and more come in that time; 0: not
	// at all. Answers do not wait.
	Gather time.Duration

	Unanswered int // actions Asterisk may hold unanswered at once, 4; of Pings 16 times as many
	Queue      int // actions one Requester may have waiting, 64
}

// The defaults of Config.
const (
	DefaultConnectTimeout = 10 * time.Second
	DefaultLoginTimeout   = 10 * time.Second
	DefaultKeepalive      = 10 * time.Second
	DefaultActionTimeout  = 60 * time.Second
	DefaultBackoffMin     = 500 * time.Millisecond
	DefaultBackoffMax     = 30 * time.Second
	DefaultUnanswered     = 4
	DefaultQueue          = 64
)

// Validate tells everything that is wrong with c, in one error. Secrets are not part of it.
func (c Config) Validate() error {
	var wrong []error
	report := func(format string, args ...any) { wrong = append(wrong, fmt.Errorf(format, args...)) }
	if c.Name == "" || strings.ContainsAny(c.Name, " \t\r\n\x00") {
		report("name %q: must not be empty nor hold blanks", c.Name)
	}
	if _, port, err := net.SplitHostPort(c.Address); err != nil || port == "" {
		report("address %q: must be host:port", c.Address)
	}
	if c.Username == "" {
		report("username: must not be empty")
	}
	for _, header := range []struct{ name, value string }{{"username", c.Username}, {"secret", string(c.Secret)}} {
		if strings.ContainsAny(header.value, "\r\n\x00") || len(header.value) > ami.MaxLine-len("Username: ") {
			report("%s: AMI cannot carry it in one line", header.name)
		}
	}
	for _, d := range []struct {
		name  string
		value time.Duration
	}{
		{"connect timeout", c.ConnectTimeout},
		{"login timeout", c.LoginTimeout},
		{"keepalive", c.Keepalive},
		{"action timeout", c.ActionTimeout},
		{"least backoff", c.BackoffMin},
		{"greatest backoff", c.BackoffMax},
		{"gather", c.Gather},
	} {
		if d.value < 0 {
			report("%s %v: must not be negative", d.name, d.value)
		}
	}
	if filled := c.withDefaults(); filled.BackoffMin > filled.BackoffMax {
		report("least backoff %v: must not be above the greatest, %v", filled.BackoffMin, filled.BackoffMax)
	}
	if c.Unanswered < 0 {
		report("unanswered actions %d: must not be negative", c.Unanswered)
	}
	if c.Queue < 0 {
		report("queue %d: must not be negative", c.Queue)
	}
	return errors.Join(wrong...)
}

// withDefaults is c with every zero replaced by its default.
func (c Config) withDefaults() Config {
	c.ConnectTimeout = cmp.Or(c.ConnectTimeout, DefaultConnectTimeout)
	c.LoginTimeout = cmp.Or(c.LoginTimeout, DefaultLoginTimeout)
	c.Keepalive = cmp.Or(c.Keepalive, DefaultKeepalive)
	c.ActionTimeout = cmp.Or(c.ActionTimeout, DefaultActionTimeout)
	c.BackoffMin = cmp.Or(c.BackoffMin, DefaultBackoffMin)
	c.BackoffMax = cmp.Or(c.BackoffMax, DefaultBackoffMax)
	c.Unanswered = cmp.Or(c.Unanswered, DefaultUnanswered)
	c.Queue = cmp.Or(c.Queue, DefaultQueue)
	return c
}
