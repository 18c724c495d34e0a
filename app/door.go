package app

import (
	"context"
	"crypto/tls"
	"fmt"
	"log/slog"
	"net"
	"reflect"
	"sync"
	"sync/atomic"

	"github.com/astproxy/astproxy/agi"
	"github.com/astproxy/astproxy/proxy"
	"github.com/astproxy/astproxy/proxy/listen"
	astls "github.com/astproxy/astproxy/tls"
)

// door is a listener and what serves it. It stays the same door as long as the configuration has a
// listener of its scheme at its address, whatever else changes.
type door struct {
	// set when it is bound
	listener net.Listener
	log      *slog.Logger
	security atomic.Pointer[tls.Config] // for connections from now on; nil: plain text

	// changed by New, Run and Reload alone
	config       ListenerConfig
	state        string
	certificates *astls.Certificates // nil: plain text
	ami          *listen.AMI         // one of the three
	http         *listen.HTTP
	agi          *agi.Server
	stop         func() // ends it; nil: it does not run
	stopLooking  func() // ends the looking after certificates
}

// bind makes the door of a listener, which nobody comes in by before run. One that another door has
// bound under another scheme is taken over from it.
func bind(l ListenerConfig, before []*door, log *slog.Logger) (*door, error) {
	for _, b := range before {
		if tcp, ok := b.listener.(*net.TCPListener); ok && b.config.Address() == l.Address() && !freePort(l) {
			file, err := tcp.File()
			if err != nil {
				return nil, fmt.Errorf("cannot listen on %s: %w", l.URL, err)
			}
			listener, err := net.FileListener(file) // of a socket of its own, which b's end does not close
			_ = file.Close()
			if err != nil {
				return nil, fmt.Errorf("cannot listen on %s: %w", l.URL, err)
			}
			return &door{listener: listener, log: log}, nil
		}
	}
	listener, err := net.Listen("tcp", l.Address())
	if err != nil {
		return nil, fmt.Errorf("cannot listen on %s: %w", l.URL, err)
	}
	return &door{listener: listener, log: log}, nil
}

// newCertificates are those that a listener's configuration asks for; nil: the ones it has stay, or
// it has none.
func (d *door) newCertificates(l ListenerConfig, state string) (*astls.Certificates, error) {
	wanted := l.tls(state)
	switch {
	case !l.encrypted() && !l.sniffed():
		return nil, nil
	case d.certificates != nil && l.Certificate == "" && reflect.DeepEqual(wanted, d.config.tls(d.state)):
		return nil, nil // made here or by an authority: files alone may be others
	}
	certificates, err := astls.New(wanted, d.log)
	if err != nil {
		return nil, fmt.Errorf("listener %s: %w", l.URL, err)
	}
	return certificates, nil
}

// configure makes the door one of a configuration. certificates are newCertificates'.
func (d *door) configure(l ListenerConfig, config *Config, certificates *astls.Certificates, p *proxy.Proxy) {
	fresh := d.ami == nil && d.http == nil && d.agi == nil
	d.config, d.state = l, config.State
	if certificates != nil {
		d.certificates = certificates
		d.security.Store(certificates.Server())
	}
	var security *tls.Config
	if d.certificates != nil {
		security = &tls.Config{
			MinVersion:         tls.VersionTLS12,
			GetConfigForClient: func(*tls.ClientHelloInfo) (*tls.Config, error) { return d.security.Load(), nil },
		}
	}
	web := l.Scheme() == "http" || l.Scheme() == "https"
	switch {
	case web && d.http == nil:
		d.http = listen.NewHTTP(p, l.http(security, config.Replies), d.log)
	case web:
		d.http.Configure(l.http(security, config.Replies))
	case l.phones() && d.agi == nil:
		d.agi = agi.NewServer(l.agi(), d.log)
	case l.phones():
		d.agi.Configure(l.agi())
	case d.ami == nil:
		d.ami = listen.NewAMI(p, l.ami(security), d.log)
	default:
		d.ami.Configure(l.ami(security))
	}
	if fresh {
		d.log.Info("listening", "url", d.url())
	}
	if l.Insecure && !l.encrypted() {
		d.log.Warn("secrets and calls go in plain text over the network", "url", l.URL)
	}
}

// open serves the door until ctx ends or stop is called, on goroutines of running and, for its clients,
// of clients.
func (d *door) open(ctx context.Context, running, clients *sync.WaitGroup) {
	serving, stop := context.WithCancel(ctx)
	d.stop = stop
	clients.Go(func() {
		switch {
		case d.http != nil:
			d.http.Serve(serving, d.listener)
		case d.agi != nil:
			d.agi.Serve(serving, d.listener)
		default:
			d.ami.Serve(serving, d.listener)
		}
	})
	d.look(serving, running)
}

// look looks after the door's certificates, and no more after those before.
func (d *door) look(ctx context.Context, running *sync.WaitGroup) {
	if d.stopLooking != nil {
		d.stopLooking()
	}
	if certificates := d.certificates; certificates != nil {
		looking, stop := context.WithCancel(ctx)
		d.stopLooking = stop
		running.Go(func() { certificates.Run(looking) })
	}
}

// url is where the door really is.
func (d *door) url() string { return d.config.Scheme() + "://" + d.listener.Addr().String() }

// is tells whether a listener's configuration is that of this door.
func (d *door) is(l ListenerConfig) bool {
	return d.config.Scheme() == l.Scheme() && d.config.Address() == l.Address()
}
