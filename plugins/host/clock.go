package host

import (
	"time"

	"github.com/astproxy/astproxy/plugins"
)

// SystemClock is the time as it is.
var SystemClock plugins.Clock = systemClock{}

type systemClock struct{}

// Now implements plugins.Clock.
func (systemClock) Now() time.Time { return time.Now() }

// AfterFunc implements plugins.Clock.
func (systemClock) AfterFunc(d time.Duration, f func()) (stop func() bool) {
	return time.AfterFunc(d, f).Stop
}

// clock is the host's as a plugin has it: what it calls ends with the plugin.
type clock struct{ instance *instance }

// Now implements plugins.Clock.
func (c clock) Now() time.Time { return c.instance.host.clock.Now() }

// AfterFunc implements plugins.Clock.
func (c clock) AfterFunc(d time.Duration, f func()) (stop func() bool) {
	return c.instance.host.clock.AfterFunc(d, func() {
		if !c.instance.begin() {
			return
		}
		defer c.instance.work.Done()
		_ = c.instance.safely("timer", func() error {
			f()
			return nil
		})
	})
}
