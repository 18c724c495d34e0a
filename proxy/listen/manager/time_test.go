package manager_test

import (
	"context"
	"log/slog"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/astproxy/astproxy/access"
	"github.com/astproxy/astproxy/ami"
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

// waitingInTime sends a WaitEvent without Timeout, and returns when it waits; what comes back tells after
// how long it was answered.
func (b *bare) waitingInTime(cookie string) (answered func() (time.Duration, string)) {
	began, ended := time.Now(), make(chan string)
	go func() { ended <- b.ask("/rawman?action=waitevent&actionid=7", "Cookie", cookie).Body.String() }()
	synctest.Wait()
	return func() (time.Duration, string) {
		body := <-ended
		return time.Since(began), body
	}
}

func TestWhatEndsAWaitEventEndsItAtOnce(t *testing.T) {
	for what, end := range map[string]func(b *bare, cookie string){
		"Logoff":   func(b *bare, cookie string) { b.ask("/rawman?action=logoff", "Cookie", cookie) },
		"the door": func(b *bare, _ string) { b.Close() },
		"another":  func(b *bare, cookie string) { b.ask("/rawman?action=waitevent&timeout=0", "Cookie", cookie) },
		"what changed": func(b *bare, cookie string) {
			b.ask("/rawman?action=events&eventmask=user", "Cookie", cookie)
			synctest.Wait()
			b.proxy.Feed().Append("pbx1", ami.ClassUser, ami.NewEvent("UserEvent").Add("Privilege", "user,all").Message())
		},
	} {
		t.Run(what, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				b := alone(t)
				defer b.Close()
				ctx, stop := context.WithCancel(t.Context())
				defer synctest.Wait()
				defer stop()
				go b.proxy.Feed().Run(ctx)
				cookie := b.logIn(t, "user")
				b.ask("/rawman?action=events&eventmask=call", "Cookie", cookie)
				answered := b.waitingInTime(cookie)
				end(b, cookie)
				if took, body := answered(); took >= time.Second {
					t.Errorf("it takes %v to %q", took, body)
				}
			})
		})
	}
}

func TestAUserWhoseSessionsAreAllInUseGetsNoMore(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := alone(t)
		defer b.Close()
		var waiting []func() (time.Duration, string)
		for range manager.MaxUserSessions {
			waiting = append(waiting, b.waitingInTime(b.logIn(t, "user")))
		}
		w := b.ask("/rawman?action=login&username=user&secret=" + proxytest.Secret)
		if w.Body.String() != "Response: Error\r\nMessage: Login Already In Use\r\n\r\n" {
			t.Errorf("got %s", w.Body)
		}
		for _, answered := range waiting {
			if took, _ := answered(); took != 50*time.Second {
				t.Errorf("one was ended after %v", took)
			}
		}
		b.logIn(t, "user")
	})
}
