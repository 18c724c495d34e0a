package manager_test

import (
	"log/slog"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/astproxy/astproxy/access"
	"github.com/astproxy/astproxy/proxy"
	"github.com/astproxy/astproxy/proxy/listen/login"
	"github.com/astproxy/astproxy/proxy/listen/manager"
	"github.com/astproxy/astproxy/proxy/proxytest"
	"github.com/astproxy/astproxy/upstream"
)

// alone is a Handler whose proxy is connected to nothing, in the time of synctest.
func alone(t *testing.T) *bare {
	t.Helper()
	users, err := access.NewUsers([]access.UserConfig{proxytest.User()})
	if err != nil {
		t.Fatal(err)
	}
	log := slog.New(slog.DiscardHandler)
	p := proxy.New(proxy.Config{Servers: []upstream.Config{proxytest.Server("pbx1", "127.0.0.1:1", "x", "x")}, Users: users}, log)
	b := &bare{Handler: manager.New(p, login.New(p, nil, log), log), proxy: &proxytest.Proxy{Proxy: p}, mux: http.NewServeMux()}
	b.Route(b.mux)
	return b
}

func TestSessionsEndByThemselves(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := alone(t)
		defer b.Close()
		cookie := b.logIn(t, "user")
		time.Sleep(50 * time.Second)
		if b.ask("/rawman?action=events&eventmask=call", "Cookie", cookie); b.views() != 1 {
			t.Error("it is over before its time")
		}
		time.Sleep(66 * time.Second)
		if n, _ := b.Sessions(); n != 0 || b.views() != 0 {
			t.Errorf("%d sessions are there, and the events of %d are kept", n, b.views())
		}
	})
}

func (b *bare) views() int { return len(b.proxy.Feed().Stats().Views) }

func TestWaitEventWaitsAsLongAsTheSessionLetsAndNoLonger(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := alone(t)
		defer b.Close()
		cookie := b.logIn(t, "user")
		for timeout, want := range map[string]time.Duration{
			"": 50 * time.Second, "-1": 50 * time.Second, "soon": 50 * time.Second, "1000": 50 * time.Second, "7": 7 * time.Second, "0": 0,
		} {
			began := time.Now()
			w := b.ask("/rawman?action=waitevent&actionid=7&timeout="+timeout, "Cookie", cookie)
			if took := time.Since(began); took != want || w.Body.String() != waited() {
				t.Errorf("%q took %v: %s", timeout, took, w.Body)
			}
		}
	})
}

func TestAFailedLoginTakesAsLongAsWithAsterisk(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := alone(t)
		defer b.Close()
		began := time.Now()
		w := b.ask("/rawman?action=login&username=user&secret=wrong")
		if took := time.Since(began); took != time.Second || !strings.Contains(w.Body.String(), "Authentication failed") {
			t.Errorf("it took %v: %s", took, w.Body)
		}
	})
}
