package hotdesk

import (
	"context"
	"errors"
	"fmt"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"github.com/astproxy/astproxy/access"
	"github.com/astproxy/astproxy/plugins/host"
	"github.com/astproxy/astproxy/plugins/plugintest"
	"github.com/astproxy/astproxy/proxy/proxytest"
	"github.com/astproxy/astproxy/sim"
	"github.com/astproxy/astproxy/store"
	"github.com/astproxy/astproxy/test/asterisk"
)

func TestTwoAtTheSameInstantHaveOneOutcome(t *testing.T) {
	s := start(t, testConfig(func(c *Config) {
		for i := range 4 {
			c.Users = append(c.Users, UserConfig{Enabled: true, Extension: fmt.Sprint(760 + i), PIN: "1111", Queues: []string{"support"}})
		}
	}), plugintest.Options{Proxy: proxytest.Options{Users: []access.UserConfig{
		proxytest.User(func(u *access.UserConfig) { u.MaxPluginActions = 100 }), agentUser(),
	}}})
	var clients sync.WaitGroup
	for n := range 6 {
		c := s.Login(t, "user")
		clients.Go(func() {
			for i := range 20 {
				user, phone := 760+(n+i)%4, 101+(n*i)%3
				switch i % 5 {
				case 4:
					c.Ask("HotdeskLogout", fmt.Sprintf("User: %d", user))
				case 3:
					c.Ask("HotdeskLogin", fmt.Sprintf("User: %d", user), fmt.Sprintf("Device: %d", phone), "Mode: multi")
				default:
					c.Ask("HotdeskLogin", fmt.Sprintf("User: %d", user), fmt.Sprintf("Device: %d", phone))
				}
			}
		})
	}
	clients.Wait()
	s.await("lamps", func() bool { return s.synced() == "0" })
	var entries, members []string
	dial := map[string][]string{}
	seen := map[string]string{}
	for _, one := range s.sessions() {
		user, device, _ := strings.Cut(one, " ")
		if other := seen[device]; other != "" {
			t.Errorf("%s and %s are both at %s", user, other, device)
		}
		seen[device] = user
		entries = append(entries, "device/"+deviceName(device)+"="+user)
		if dial[user] == nil {
			members = append(members, "support Local/"+user+"@default/n Custom:HOTDESK"+user+" 0")
			entries = append(entries, `callerid/`+user+`="" <`+user+`>`)
		}
		dial[user] = append(dial[user], device)
	}
	for user, devices := range dial {
		entries = append(entries, "user/"+user+"="+strings.Join(devices, "&"))
	}
	wantList(t, "AstDB", s.database(), entries...)
	wantList(t, "queues", s.members(), members...)
	if strings.Contains(s.log.String(), "could not be undone") {
		t.Error("something failed")
	}
}

func TestAHundredLogInAndOutAtOnceWhileSomebodyReadsTheFile(t *testing.T) {
	sqlite3, err := exec.LookPath("sqlite3")
	if err != nil {
		asterisk.Missing(t, errors.New("sqlite3 is missing, which reads the state; it is in your system's package sqlite3"))
	}
	path := filepath.Join(t.TempDir(), "state.db")
	kept, err := store.Open(t.Context(), store.Config{Path: path})
	if err != nil {
		t.Fatal(err)
	}
	defer kept.Close()
	var phones []sim.Phone
	for i := range 100 {
		phones = append(phones, sim.Phone{Endpoint: fmt.Sprint(500 + i)})
	}
	s := start(t, testConfig(func(c *Config) {
		for i := range 100 {
			c.Users = append(c.Users, UserConfig{Enabled: true, Extension: fmt.Sprint(900 + i), PIN: "1111", Queues: []string{"support"}})
		}
	}), plugintest.Options{Asterisk: sim.Config{Phones: phones}, Host: host.Options{Store: kept}, Proxy: proxytest.Options{
		Users: []access.UserConfig{proxytest.User(func(u *access.UserConfig) { u.MaxPluginActions = 1000 }), agentUser()},
	}})
	reading, stop := context.WithCancel(t.Context())
	reads := 0
	var reader, clients sync.WaitGroup
	reader.Go(func() {
		for ; reading.Err() == nil; reads++ {
			if output, err := exec.Command(sqlite3, path, "SELECT count(*) FROM entry").CombinedOutput(); err != nil {
				t.Errorf("sqlite3: %v: %s", err, output)
			}
		}
	})
	for i := range 100 {
		c := s.Login(t, "user", "Events: off")
		clients.Go(func() {
			user, device := fmt.Sprintf("User: %d", 900+i), fmt.Sprintf("Device: %d", 500+i)
			for range 3 {
				want(t, c, []string{"HotdeskLogin", user, device, "Pin: 1111"}, "Response: Success")
				want(t, c, []string{"HotdeskLogout", user, "Force: yes"}, "Message: Logged out")
			}
			want(t, c, []string{"HotdeskLogin", user, device, "Pin: 1111"}, "Response: Success")
		})
	}
	clients.Wait()
	stop()
	reader.Wait()
	if n := len(s.sessions()); n != 100 || reads == 0 {
		t.Errorf("%d are logged in, and %d have read", n, reads)
	}
	if n := s.synced(); n != "0" {
		t.Errorf("%s things differ", n)
	}
}
