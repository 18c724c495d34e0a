package sim_test

import (
	"crypto/md5"
	"encoding/hex"
	"testing"
	"time"

	"github.com/astproxy/astproxy/ami"
	"github.com/astproxy/astproxy/sim"
	"github.com/astproxy/astproxy/sim/simtest"
)

func TestLoginByChallenge(t *testing.T) {
	bubble(t, sim.Config{}, func(t *testing.T, s *sim.Server, l *simtest.Listener) {
		c := connect(t, l)
		wantMessage(t, c.ask("Challenge"), "Must specify AuthType")
		challenge := c.ask("Challenge", "AuthType", "MD5").Get("Challenge")
		if again := c.ask("Challenge", "AuthType", "MD5").Get("Challenge"); challenge == "" || again != challenge {
			t.Errorf("challenges %q and %q", challenge, again)
		}
		sum := md5.Sum([]byte(challenge + "secret"))
		m := c.ask("Login", "AuthType", "MD5", "Username", "astproxy", "Key", hex.EncodeToString(sum[:]))
		wantMessage(t, m, "Authentication accepted")
		if m := c.read(); m.Event() != "FullyBooted" || m.Get("Status") != "Fully Booted" {
			t.Error(m)
		}
		wantMessage(t, c.ask("Login", "Username", "x"), "Already authenticated")
		if s.Sessions() != 1 {
			t.Errorf("%d sessions", s.Sessions())
		}
	})
}

func TestAFailedLoginIsAnsweredLateAndClosed(t *testing.T) {
	bubble(t, sim.Config{LoginPause: time.Second}, func(t *testing.T, s *sim.Server, l *simtest.Listener) {
		guard := join(t, l, "Events", "security")
		attempts := []struct {
			event   string
			headers []string
		}{
			{"InvalidPassword", []string{"Login", "Username", "astproxy", "Secret", "wrong"}},
			{"InvalidAccountID", []string{"Login", "Username", "nobody", "Secret", "secret"}},
			{"ChallengeResponseFailed", []string{"Login", "Username", "astproxy", "AuthType", "MD5", "Key", "1"}},
			{"InvalidPassword", []string{"Login", "Username", "astproxy", "Secret", "secret"}},
		}
		for i, attempt := range attempts {
			s.RefuseLogins(i == 3)
			c := connect(t, l)
			began := time.Now()
			wantMessage(t, c.ask(attempt.headers...), "Authentication failed")
			if waited := time.Since(began); waited != time.Second {
				t.Errorf("answered after %v", waited)
			}
			if _, err := c.reader.Read(); err == nil {
				t.Error("the session goes on")
			}
			guard.event(attempt.event)
		}
		s.RefuseLogins(false)
		join(t, l)
	})
}

func TestBeforeTheLogin(t *testing.T) {
	bubble(t, sim.Config{}, func(t *testing.T, s *sim.Server, l *simtest.Listener) {
		c := connect(t, l)
		wantMessage(t, c.ask("Ping"), "Permission denied")
		wantMessage(t, c.ask("Nonsense"), "Permission denied")
		began := time.Now()
		if _, err := c.reader.Read(); err == nil || time.Since(began) != 30*time.Second {
			t.Errorf("closed after %v: %v", time.Since(began), err)
		}
		if s.Sessions() != 0 {
			t.Errorf("%d sessions", s.Sessions())
		}
	})
}

func TestAUserMayBeInOnlyOnce(t *testing.T) {
	once := sim.User{Name: "once", Secret: "s", Read: ami.ClassAll, Write: ami.ClassAll, Once: true}
	bubble(t, sim.Config{Users: []sim.User{once}}, func(t *testing.T, _ *sim.Server, l *simtest.Listener) {
		first := connect(t, l)
		first.login("once", "s", "Events", "off")
		second := connect(t, l)
		wantMessage(t, second.ask("Login", "Username", "once", "Secret", "s"), "Login Already In Use")
		first.ask("Logoff")
		if _, err := first.reader.Read(); err == nil {
			t.Error("the session goes on after Logoff")
		}
		connect(t, l).login("once", "s")
	})
}

func TestWhileAsteriskBoots(t *testing.T) {
	bubble(t, sim.Config{}, func(t *testing.T, s *sim.Server, l *simtest.Listener) {
		s.Booting(true)
		c := join(t, l)
		if m := c.ask("ListCommands"); m.Has("QueueStatus") || !m.Has("Originate") {
			t.Error(m)
		}
		if m := c.ask("QueueStatus"); m.Response() != "Error" {
			t.Error(m)
		}
		s.Booting(false)
		c.event("FullyBooted", "Status", "Fully Booted")
		if m := c.ask("ListCommands"); !m.Has("QueueStatus") {
			t.Error(m)
		}
	})
}
