package load

import (
	"cmp"
	"errors"
	"fmt"
	"io"
	"math"
	"slices"
	"strings"
	"time"
)

// Options say what to measure and how. The zero value of a field is its default where one is
// named.
type Options struct {
	Listen   string // where Asterisk is played; "127.0.0.1:5038"
	External bool   // do not play Asterisk: log in and ping only, at whatever serves Address

	Address  string // where the proxy's clients log in; "127.0.0.1:5039"
	Username string // of every client
	Secret   string
	PID      int    // the proxy's process, whose CPU and memory are measured; 0: not
	Spawn    string // a command that sh runs as the proxy, instead of PID

	Kind   string // what the clients are: "ami", "tls", "ws" or "sse"; "ami"
	Narrow bool   // each client has filters that leave it the events of a channel of its own

	Clients int // that read as fast as they can
	Slow    int // that read 1 KiB every 100 ms
	Frozen  int // that log in and never read
	Readers int // goroutines that read for the clients; 1

	Events   uint64        // how many are sent; with Rate, Duration says it
	Rate     float64       // events a second; 0: as fast as the proxy takes them
	Duration time.Duration // of a paced run
	Hold     time.Duration // an idle time between the logins and the events
	Timeout  time.Duration // for each wait: the proxy, the logins, the rest after the last event; 30 s

	Pings     int      // through the proxy, and as many through a bare relay
	Pipeline  int      // pings without waiting for answers: through the proxy, directly, and through a bare relay
	Baselines []string // what is measured besides: "sockets", bare socket writes, and "nats", a nats-server
	NATS      string   // the program nats-server

	Log io.Writer // what a spawned proxy prints; nil: nowhere

	// Told where Asterisk is played, as soon as it is; for tests with a free port.
	listening func(address string)
}

// What else can be measured.
const (
	baselineSockets = "sockets"
	baselineNATS    = "nats"
)

// The defaults of addresses and times.
const (
	defaultListen  = "127.0.0.1:5038"
	defaultAddress = "127.0.0.1:5039"
	defaultTimeout = 30 * time.Second
)

func (o Options) withDefaults() Options {
	if o.Listen == "" {
		o.Listen = defaultListen
	}
	if o.Address == "" {
		o.Address = defaultAddress
	}
	if o.Timeout == 0 {
		o.Timeout = defaultTimeout
	}
	if o.Readers == 0 {
		o.Readers = 1
	}
	o.Kind = cmp.Or(o.Kind, kindAMI)
	o.NATS = cmp.Or(o.NATS, "nats-server")
	if o.Log == nil {
		o.Log = io.Discard
	}
	if o.Rate > 0 {
		o.Events = uint64(math.Round(o.Rate * o.Duration.Seconds()))
	}
	if o.External {
		o.Events = 0
	}
	return o
}

// Validate says what is wrong with the options, in the words of the command's flags.
func (o Options) Validate() error {
	switch {
	case o.Clients < 0 || o.Slow < 0 || o.Frozen < 0 || o.Pings < 0 || o.Pipeline < 0:
		return errors.New("--clients, --slow, --frozen, --ping and --pipeline may not be negative")
	case o.Readers < 0:
		return errors.New("--readers may not be negative")
	case o.Rate < 0 || math.IsNaN(o.Rate) || math.IsInf(o.Rate, 0):
		return errors.New("--rate must be a number of events a second")
	case o.Rate > 0 && o.Duration <= 0:
		return errors.New("--rate needs a --duration")
	case o.Hold < 0 || o.Timeout < 0:
		return errors.New("--hold and --timeout may not be negative")
	case o.PID != 0 && o.Spawn != "":
		return errors.New("--pid and --spawn exclude each other")
	case o.Kind != "" && !slices.Contains(kinds, o.Kind):
		return fmt.Errorf("--kind %q: there are %s", o.Kind, strings.Join(kinds, ", "))
	case o.Kind == kindTLS && o.Slow+o.Frozen > 0:
		return errors.New("--slow and --frozen clients are none of --kind tls")
	case o.Kind != "" && o.Kind != kindAMI && o.Pings+o.Pipeline > 0:
		return errors.New("--ping and --pipeline are for --kind ami")
	case o.Narrow && (o.Clients == 0 || o.Slow+o.Frozen > 0 || slices.Contains(o.Baselines, baselineNATS)):
		return errors.New("--narrow is for clients that read as fast as they can, with no other --baseline than sockets")
	case slices.ContainsFunc(o.Baselines, func(b string) bool { return b != baselineSockets && b != baselineNATS }):
		return fmt.Errorf("--baseline %q: there are %s and %s", o.Baselines, baselineSockets, baselineNATS)
	case o.External && (len(o.Baselines) > 0 || o.Rate > 0):
		return errors.New("--asterisk=off sends no events, so --baseline and --rate need it on")
	}
	return nil
}

// mode names what the options send.
func (o Options) mode() string {
	switch {
	case o.Events == 0:
		return "idle"
	case o.Rate > 0:
		return "paced"
	default:
		return "burst"
	}
}
