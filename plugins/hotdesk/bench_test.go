package hotdesk

import (
	"fmt"
	"io"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"github.com/astproxy/astproxy/access"
	"github.com/astproxy/astproxy/plugins/host"
	"github.com/astproxy/astproxy/plugins/plugintest"
	"github.com/astproxy/astproxy/proxy/proxytest"
	"github.com/astproxy/astproxy/sim"
	"github.com/astproxy/astproxy/store"
)

// large is a stage with so many users and phones, and a file for its state.
func large(b *testing.B, users, phones int) *stage {
	b.Helper()
	kept, err := store.Open(b.Context(), store.Config{Path: filepath.Join(b.TempDir(), "state.db")})
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() { kept.Close() })
	c := testConfig(func(c *Config) {
		for i := range users {
			c.Users = append(c.Users, UserConfig{Enabled: true, Extension: fmt.Sprint(10000 + i), PIN: "1111", Queues: []string{"support"}})
		}
	})
	var all []sim.Phone
	for i := range phones {
		all = append(all, sim.Phone{Endpoint: fmt.Sprint(50000 + i)})
	}
	return start(b, c, plugintest.Options{
		Asterisk: sim.Config{Phones: all}, Host: host.Options{Store: kept},
		Proxy: proxytest.Options{Log: io.Discard, Users: []access.UserConfig{proxytest.User(func(u *access.UserConfig) { u.MaxPluginActions = 10_000 })}},
	})
}

// BenchmarkLogin has sixteen clients log users in and out, each to its answer.
func BenchmarkLogin(b *testing.B) {
	s := large(b, 1000, 1000)
	var clients sync.WaitGroup
	turn := make(chan int)
	for range 16 {
		c := s.Login(b, "user", "Events: off")
		clients.Go(func() {
			for i := range turn {
				n := i % 1000
				if m := c.Ask("HotdeskLogin", fmt.Sprintf("User: %d", 10000+n), "Pin: 1111", fmt.Sprintf("Device: %d", 50000+n)); m.Response() != "Success" {
					b.Error(m)
				}
				if m := c.Ask("HotdeskLogout", fmt.Sprintf("User: %d", 10000+n), "Force: yes"); m.Response() != "Success" {
					b.Error(m)
				}
			}
		})
	}
	b.ResetTimer()
	for i := range b.N {
		turn <- i
	}
	close(turn)
	clients.Wait()
	b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "logins/s")
}

// BenchmarkSync has an emptied Asterisk get everything of 10,000 users and 2,000 sessions back.
func BenchmarkSync(b *testing.B) {
	s := large(b, 10_000, 2000)
	var clients sync.WaitGroup
	for i := range 8 {
		c := s.Login(b, "user", "Events: off")
		clients.Go(func() {
			for n := i; n < 2000; n += 8 {
				if m := c.Ask("HotdeskLogin", fmt.Sprintf("User: %d", 10000+n), fmt.Sprintf("Device: %d", 50000+n)); m.Response() != "Success" {
					b.Error(m)
				}
			}
		})
	}
	clients.Wait()
	b.ResetTimer()
	for range b.N {
		b.StopTimer()
		s.admin.Ask("DBDelTree", "Family: HOTDESK")
		b.StartTimer()
		begin := time.Now()
		if n := s.synced(); n != "6000" {
			b.Errorf("%s differed", n)
		}
		b.ReportMetric(time.Since(begin).Seconds(), "s/sync")
	}
}
