package load

import (
	"encoding/json"
	"fmt"
	"io"
	"strings"
	"time"

	"github.com/spf13/cobra"
)

// Command returns the `load` subcommand. The program it belongs to must be callable as
// `PROGRAM load`, since it starts itself again for the baseline and the bare relay.
func Command() *cobra.Command {
	var f flags
	cmd := &cobra.Command{
		Use:     "load",
		Short:   "Measure a proxy: play Asterisk and many clients, and report deliveries, losses, latency, CPU and memory",
		Long:    longHelp,
		Example: exampleHelp,
		Args:    cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			cmd.SilenceUsage = true // from here an error is no misuse
			return f.run(cmd)
		},
	}
	f.define(cmd)
	return cmd
}

const longHelp = `Plays an Asterisk that the proxy logs in to and as many AMI clients as wanted, sends recorded
events through the proxy and reports what arrived, how late, and what it cost the proxy.

The proxy must be configured to log in to --listen with any user and secret, and to accept
--username and --secret at --address, with all rights. Any AMI proxy can be measured.

Latency counts from the moment an event was due, not from when it could be written. CPU time is
the server process's own clock and exact to the nanosecond; give --pid, or --spawn the proxy.`

const exampleHelp = `  # 20,000 events as fast as they are taken, to 100 clients, compared with bare socket writes
  astproxy load --spawn 'astproxy serve --config load.toml' --clients 100 --events 20000 --burst --baseline sockets

  # 500 events a second to 1,000 clients for 4 s, ten of which never read
  astproxy load --pid 4711 --clients 990 --frozen 10 --rate 500 --duration 4s

  # memory of 1,000 idle clients
  astproxy load --pid 4711 --clients 1000 --events 0 --hold 3s

  # pings through the proxy and through a bare TCP relay, in turns
  astproxy load --pid 4711 --clients 0 --events 0 --ping 5000

  # how many pings a second one connection gets answered that does not wait: through the proxy, directly, through a relay
  astproxy load --pid 4711 --clients 0 --events 0 --pipeline 200000`

// flags are the command line's.
type flags struct {
	options  Options
	asterisk string
	burst    bool
	json     bool

	child, upstream string // hidden: this process is a child of a run
}

func (f *flags) define(cmd *cobra.Command) {
	o, v := &f.options, cmd.Flags()
	v.StringVar(&o.Listen, "listen", defaultListen, "where Asterisk is played")
	v.StringVar(&f.asterisk, "asterisk", "on", "off: play no Asterisk and send no events; only log in, hold and ping")
	v.StringVar(&o.Address, "address", defaultAddress, "where the proxy's clients log in")
	v.StringVar(&o.Username, "username", "load", "the clients' user")
	v.StringVar(&o.Secret, "secret", "load", "the clients' secret")
	v.IntVar(&o.PID, "pid", 0, "the proxy's process, to measure its CPU and memory")
	v.StringVar(&o.Spawn, "spawn", "", "start the proxy with this command (run by sh with exec) and end it afterwards")
	v.IntVar(&o.Clients, "clients", 100, "clients that read as fast as they can")
	v.IntVar(&o.Slow, "slow", 0, "further clients that read 1 KiB every 100 ms")
	v.IntVar(&o.Frozen, "frozen", 0, "further clients that log in and never read")
	v.IntVar(&o.Readers, "readers", 1, "threads that read for the clients")
	v.Uint64Var(&o.Events, "events", 20000, "events to send; with --rate, --duration says how many")
	v.BoolVar(&f.burst, "burst", false, "send as fast as the proxy takes them (so it is without --rate)")
	v.Float64Var(&o.Rate, "rate", 0, "events a second, at even distances")
	v.DurationVar(&o.Duration, "duration", 4*time.Second, "how long to send, with --rate")
	v.DurationVar(&o.Hold, "hold", 0, "idle time before the events, after which memory is measured")
	v.DurationVar(&o.Timeout, "timeout", defaultTimeout, "limit for each wait: for the proxy, the logins, and the rest after the last event")
	v.IntVar(&o.Pings, "ping", 0, "pings to send through the proxy, and as many through a bare relay")
	v.IntVar(&o.Pipeline, "pipeline", 0, "pings to send without waiting for answers, through the proxy, directly to the played Asterisk, and through a bare relay")
	v.StringVar(&o.Kind, "kind", kindAMI, "what the clients are: "+strings.Join(kinds, ", ")+" (ws and sse get JSON; ws does not answer pings, so keep it below a minute)")
	v.BoolVar(&o.Narrow, "narrow", false, "give each client filters of its own: it gets the events of one channel in as many as there are clients")
	v.StringSliceVar(&o.Baselines, "baseline", nil, "measure other ways with the same number of clients and the same events too: sockets (bare writes: of 64 KiB, encrypted with --kind tls, of an event each with --narrow), nats (a nats-server)")
	v.StringVar(&o.NATS, "nats-server", "nats-server", "the program that --baseline nats starts")
	v.BoolVar(&f.json, "json", false, "print the report as JSON")
	v.StringVar(&f.child, "child", "", "")
	v.StringVar(&f.upstream, "upstream", "", "")
	for _, hidden := range []string{"child", "upstream"} {
		if err := v.MarkHidden(hidden); err != nil {
			panic(err) // a misspelt name above
		}
	}
	cmd.MarkFlagsMutuallyExclusive("burst", "rate")
	cmd.MarkFlagsMutuallyExclusive("pid", "spawn")
}

func (f *flags) run(cmd *cobra.Command) error {
	if f.child != "" {
		return runChild(cmd.Context(), f.child, f.upstream, cmd.InOrStdin(), cmd.OutOrStdout())
	}
	if f.asterisk != "on" && f.asterisk != "off" {
		return fmt.Errorf("--asterisk %q: must be on or off", f.asterisk)
	}
	f.options.External = f.asterisk == "off"
	f.options.Log = cmd.ErrOrStderr()
	r, err := Run(cmd.Context(), f.options)
	if r.Target == "" { // nothing was measured
		return err
	}
	if printed := f.print(r, cmd.OutOrStdout()); err == nil {
		err = printed
	}
	return err
}

func (f *flags) print(r Report, w io.Writer) error {
	if !f.json {
		r.WriteText(w)
		return nil
	}
	encoder := json.NewEncoder(w)
	encoder.SetIndent("", "  ")
	return encoder.Encode(r)
}
