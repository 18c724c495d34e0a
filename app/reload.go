package app

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"strings"

	astls "github.com/astproxy/astproxy/tls"
)

var (
	errNoFile     = errors.New("astproxy runs without a configuration file")
	errNotRunning = errors.New("astproxy has not begun, or is stopping")
)

// ReloadFrom says which file Reload reads. Call it before Run.
func (a *App) ReloadFrom(path string) { a.path = path }

// LevelOf says what SetLogLevel and a reload change. Call it before Run.
func (a *App) LevelOf(level *slog.LevelVar) { a.level = level }

// Reload reads the configuration file again. Everything in it counts from now on, or, if anything is
// wrong, nothing: the error says what, and the log does. Connections stay unless their listener or their
// user is gone. Any goroutine.
func (a *App) Reload() error {
	if a.path == "" {
		return errNoFile
	}
	notifyReloading()
	defer notify("READY=1")
	config, err := Load(a.path)
	if err == nil {
		err = a.Apply(config)
	}
	if err != nil {
		a.log.Error("the new configuration is of no use; the old one stays", "error", oneLine(err))
		return err
	}
	for _, warning := range config.Warnings {
		a.log.Warn("look at the configuration", "problem", warning.String())
	}
	a.log.Info("the configuration is a new one", "file", a.path)
	return nil
}

// Apply makes a running App one of another configuration, whole or not at all.
func (a *App) Apply(config *Config) error {
	a.reloading.Lock()
	defer a.reloading.Unlock()
	next, err := a.proxyConfig(config)
	if err == nil {
		err = next.Validate()
	}
	if err != nil {
		return err
	}
	change, err := a.prepare(config)
	if err != nil {
		return err
	}
	if a.serving == nil || a.stopping {
		change.discard()
		return errNotRunning
	}
	prepared, err := a.plugins.Prepare(config.Plugins.setups())
	if err != nil {
		change.discard()
		return err
	}
	if err := a.proxy.Reload(next); err != nil {
		change.discard()
		return err
	}
	a.setConfig(config, next)
	a.swap(change)
	a.plugins.Apply(prepared)
	a.setScripts()
	return nil
}

// change is the doors of a new configuration, bound but not open.
type change struct {
	config       *Config
	doors        []*door               // in the configuration's order
	certificates []*astls.Certificates // theirs; nil: as they are
	bound        []*door               // of doors, those that are new
}

// prepare does all that can fail.
func (a *App) prepare(config *Config) (*change, error) {
	c := &change{config: config}
	unclaimed := slices.Clone(a.doors)
	for _, l := range config.Listeners {
		d, err := claim(&unclaimed, l), error(nil)
		if d == nil {
			d, err = bind(l, a.doors, a.log)
			if err == nil {
				c.bound = append(c.bound, d)
			}
		}
		var certificates *astls.Certificates
		if err == nil {
			certificates, err = d.newCertificates(l, config.State)
		}
		if err != nil {
			c.discard()
			return nil, err
		}
		c.doors, c.certificates = append(c.doors, d), append(c.certificates, certificates)
	}
	return c, nil
}

// claim takes the door of a listener that is there already from those that nobody has claimed; nil: there
// is none.
func claim(unclaimed *[]*door, l ListenerConfig) *door {
	i := slices.IndexFunc(*unclaimed, func(d *door) bool { return d.is(l) })
	if i < 0 {
		return nil
	}
	d := (*unclaimed)[i]
	*unclaimed = slices.Delete(*unclaimed, i, i+1)
	return d
}

// discard closes what prepare has bound.
func (c *change) discard() {
	for _, d := range c.bound {
		_ = d.listener.Close() // nobody has used it
	}
}

// swap closes the doors that are gone and opens those that are new. It does not wait for anybody to go.
func (a *App) swap(c *change) {
	for _, d := range a.doors {
		if !slices.Contains(c.doors, d) {
			a.log.Info("not listening any more", "url", d.url())
			d.stop()
		}
	}
	a.mu.Lock()
	a.doors = c.doors
	a.mu.Unlock()
	for i, d := range c.doors {
		d.configure(c.config.Listeners[i], c.config, c.certificates[i], a.proxy)
		switch {
		case d.stop == nil:
			d.open(a.serving, &a.running, &a.clients)
		case c.certificates[i] != nil:
			d.look(a.serving, &a.running)
		}
	}
}

func freePort(l ListenerConfig) bool { return strings.HasSuffix(l.Address(), ":0") }

// oneLine is an error for the log and for an answer, which are lines.
func oneLine(err error) string { return strings.ReplaceAll(err.Error(), "\n", "; ") }

// SetLogLevel changes how much is logged, until the next reload. Any goroutine.
func (a *App) SetLogLevel(name string) error {
	if !slices.Contains(logLevels, name) {
		return fmt.Errorf("the levels are %s", strings.Join(logLevels, ", "))
	}
	if a.level == nil {
		return errors.New("the level of this log cannot be changed")
	}
	a.level.Set(LogConfig{Level: name}.level())
	a.log.Log(context.Background(), a.level.Level(), "the log level is another one", "level", name)
	return nil
}
