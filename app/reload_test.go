package app

import (
	"bytes"
	"context"
	"crypto/tls"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/astproxy/astproxy/ami"
	"github.com/astproxy/astproxy/proxy/proxytest"
	"github.com/astproxy/astproxy/sim"
	"github.com/astproxy/astproxy/sim/simtest"
	astls "github.com/astproxy/astproxy/tls"
)

// running is an App whose configuration file a test changes.
type running struct {
	*App
	t    *testing.T
	path string
	stop func() // before the test ends
}

const aUser = "[[user]]\nname = 'user'\nsecret = 'hunter2'\nread = ['all']\nwrite = ['all']\nadmin = true\n"

func server(name, address string) string {
	return fmt.Sprintf("[[server]]\nname = '%s'\naddress = '%s'\nusername = 'astproxy'\nsecret = 'secret'\n", name, address)
}

func listener(scheme, address string) string {
	return fmt.Sprintf("[[listen]]\nurl = '%s://%s'\n", scheme, address)
}

// run runs an App until the test ends.
func run(t *testing.T, parts ...string) *running {
	t.Helper()
	r := &running{t: t, path: filepath.Join(t.TempDir(), "astproxy.toml")}
	r.write(parts...)
	config, err := Load(r.path)
	if err != nil {
		t.Fatal(err)
	}
	if r.App, err = New(config, slog.New(slog.NewTextHandler(t.Output(), nil))); err != nil {
		t.Fatal(err)
	}
	r.ReloadFrom(r.path)
	ctx, stop := context.WithCancel(context.Background())
	var ended sync.WaitGroup
	ended.Go(func() { _ = r.Run(ctx) })
	r.stop = func() {
		stop()
		ended.Wait()
	}
	t.Cleanup(r.stop)
	return r
}

func (r *running) write(parts ...string) {
	r.t.Helper()
	text := strings.Join(parts, "")
	if !strings.HasPrefix(text, "state =") {
		text = fmt.Sprintf("state = '%s'\n%s", r.t.TempDir(), text)
	}
	if err := os.WriteFile(r.path, []byte(text), 0o600); err != nil {
		r.t.Fatal(err)
	}
}

func (r *running) reload(parts ...string) {
	r.t.Helper()
	r.write(parts...)
	if err := r.Reload(); err != nil {
		r.t.Fatal(err)
	}
}

func (r *running) login(more ...string) *proxytest.Client {
	r.t.Helper()
	c := proxytest.Dial(r.t, r.Addresses()[0])
	c.Login("user", "hunter2", more...)
	return c
}

// up returns when a server is connected.
func (r *running) up(server string) {
	r.t.Helper()
	c := r.login()
	defer c.Close()
	for c.Ask("Ping", "Server: "+server).Get("Ping") != "Pong" {
		c.Event("ProxyServerStatus", "Server: "+server, "Status: Connected")
	}
}

// free is an address that nobody listens on.
func free(t *testing.T) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	return l.Addr().String()
}

func TestNothingIsLostAndNothingComesTwiceAcrossFiftyReloads(t *testing.T) {
	const reloads, each = 50, 20
	asterisk, busy := simtest.Start(t, sim.Config{}), simtest.Start(t, sim.Config{})
	rest := server("pbx", asterisk.Addr()) + server("busy", busy.Addr()) + listener("ami", "127.0.0.1:0")
	r := run(t, rest, aUser)
	r.up("pbx")
	r.up("busy")
	watcher, asker := r.login("Events: user,system,call"), r.login("Events: off")
	release := busy.HoldReplies("CoreStatus")
	asker.Send("CoreStatus", "ActionID: held", "Server: busy") // across all reloads
	var sent sync.WaitGroup
	sent.Go(func() {
		for i := range reloads * each {
			asterisk.Broadcast(numbered(i))
		}
	})
	for i := range reloads {
		// Other rights, an additional user, a listener that comes and goes, other bounds.
		users := strings.Replace(aUser, "'all'", []string{"'all'", "'user', 'system'", "'user'"}[i%3], 1)
		more := fmt.Sprintf("[[user]]\nname = 'user%d'\nsecret = 'x'\n[events]\nmemory = '%dMiB'\n", i, 32+i)
		if i%2 == 0 {
			more = listener("http", "127.0.0.1:0") + more
		}
		r.reload(rest, users, more)
	}
	sent.Wait()
	release()
	for i := range reloads * each {
		m := watcher.Event("UserEvent")
		if got := m.Get("Number"); got != fmt.Sprint(i) {
			t.Fatalf("event %s came where %d belongs", got, i)
		}
	}
	if m := asker.Response(); m.ActionID() != "held" || m.Response() != "Success" {
		t.Errorf("the action that was asked before is answered with\n%s", m)
	}
}

//astproxy:attack
func TestAReloadGivesAndTakesRightsAtOnceAndDisconnectsWhoIsRemoved(t *testing.T) {
	asterisk := simtest.Start(t, sim.Config{})
	rest := server("pbx", asterisk.Addr()) + listener("ami", "127.0.0.1:0")
	other := strings.Replace(aUser, "'user'", "'other'", 1)
	r := run(t, rest, aUser, other)
	r.up("pbx")
	c, gone := r.login("Events: user"), proxytest.Dial(t, r.Addresses()[0])
	gone.Login("other", "hunter2", "Events: user")
	count := func(n int) {
		asterisk.Broadcast(numbered(n))
		asker := r.login("Events: off")
		asker.Settle() // it has reached the log
		asker.Close()
	}
	less := strings.NewReplacer("read = ['all']", "read = ['call']", "write = ['all']", "write = ['call']")
	count(1)
	r.reload(rest, less.Replace(aUser))
	if got := gone.End(); len(got) == 0 || got[len(got)-1].Raw() != "Event: ProxyDisconnect\r\nReason: the user was removed\r\n" {
		t.Errorf("who was removed is told %q", got)
	}
	if m := c.Ask("Command", "Command: core show version"); m.Get("Message") != "Permission denied" {
		t.Errorf("what he may not any more is answered with\n%s", m)
	}
	count(2)
	r.reload(rest, aUser)
	count(3)
	for _, want := range []string{"1", "3"} {
		if got := c.Event("UserEvent").Get("Number"); got != want {
			t.Errorf("event %s came where %s belongs", got, want)
		}
	}
	r.reload(rest, strings.Replace(aUser, "hunter2", "hunter3", 1))
	c.End()
}

func TestAConfigurationThatIsWrongChangesNothing(t *testing.T) {
	asterisk := simtest.Start(t, sim.Config{})
	taken := free(t)
	l, err := net.Listen("tcp", taken)
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	rest := server("pbx", asterisk.Addr()) + listener("ami", "127.0.0.1:0")
	r := run(t, rest, aUser)
	r.up("pbx")
	c := r.login()
	address := r.Addresses()[0]
	for name, text := range map[string]string{
		"no TOML":             "[[",
		"an unknown key":      rest + aUser + "colour = 'red'\n",
		"a listener's port":   rest + listener("http", taken) + strings.Replace(aUser, "all", "call", 2),
		"nobody":              rest,
		"no such certificate": rest + listener("https", "127.0.0.1:0") + "certificate = 'no.pem'\nkey = 'no.key'\n" + aUser,
	} {
		r.write(text)
		if err := r.Reload(); err == nil {
			t.Errorf("%s: it is taken", name)
		}
		if got := r.Addresses(); len(got) != 1 || got[0] != address {
			t.Errorf("%s: the listeners are %q", name, got)
		}
	}
	if m := c.Ask("Command", "Command: core show version"); m.Response() != "Success" {
		t.Errorf("the old rights are gone: %s", m)
	}
	r.login().Close()
}

func TestOnlyTheServersThatAreConfiguredOtherwiseAreConnectedAgain(t *testing.T) {
	first, second, third := simtest.Start(t, sim.Config{}), simtest.Start(t, sim.Config{}), simtest.Start(t, sim.Config{})
	rest := listener("ami", "127.0.0.1:0") + aUser
	r := run(t, server("one", first.Addr()), server("two", second.Addr()), rest)
	r.up("one")
	c := r.login("Events: system")
	await := func(server string) {
		t.Helper()
		for c.Ask("Ping", "Server: "+server).Get("Ping") != "Pong" {
			c.Event("ProxyServerStatus", "Server: "+server, "Status: Connected")
		}
	}
	await("one")
	await("two")
	c.Settle()
	r.reload(server("one", first.Addr()), server("two", third.Addr()), rest)
	c.Event("ProxyServerStatus", "Server: two", "Status: Disconnected")
	c.Event("ProxyServerStatus", "Server: two", "Status: Connected")
	await("two")
	for _, m := range c.Kept() {
		if m.Event() == "ProxyServerStatus" && m.Get("Server") == "one" {
			t.Errorf("the other one: %s", m)
		}
	}
	r.reload(server("one", first.Addr()), rest)
	c.Event("ProxyServerStatus", "Server: two", "Status: Disconnected")
	if m := c.Ask("Ping", "Server: two"); m.Get("Message") != "There is no server called two" {
		t.Errorf("one that is gone: %s", m)
	}
	r.reload(server("two", second.Addr()), server("one", first.Addr()), rest)
	await("two")
	if m := c.Ask("Ping"); m.Get("Server") != "two" {
		t.Errorf("what names no server goes to %s, not to the first one", m.Get("Server"))
	}
}

func TestConnectionsStayUnlessTheirListenerIsGone(t *testing.T) {
	asterisk := simtest.Start(t, sim.Config{})
	stays, goes := free(t), free(t)
	server := server("pbx", asterisk.Addr())
	r := run(t, server, listener("ami", stays), listener("ami", goes), aUser)
	r.up("pbx")
	staying, going := r.login(), proxytest.Dial(t, goes)
	going.Login("user", "hunter2")
	r.reload(server, listener("ami", stays), "banner = 'Asterisk Call Manager/2.0'\nunauthenticated_limit = 1\n", aUser)
	going.End()
	if _, err := net.Dial("tcp", goes); err == nil {
		t.Error("the listener that is gone is there")
	}
	if m := staying.Ask("Ping"); m.Get("Ping") != "Pong" {
		t.Errorf("who stays is answered with %s", m)
	}
	stranger := proxytest.Dial(t, stays)
	second, err := net.Dial("tcp", stays)
	if err != nil {
		t.Fatal(err)
	}
	defer second.Close()
	if n, err := second.Read(make([]byte, 1)); err == nil {
		t.Errorf("a second stranger is greeted with %d bytes", n)
	}
	stranger.Close()
	// The same address with another scheme is another listener.
	r.reload(server, listener("http", stays), aUser)
	staying.End()
	answer, err := http.Get("http://" + stays + "/healthz")
	if err != nil {
		t.Fatal(err)
	}
	defer answer.Body.Close()
	if answer.StatusCode != http.StatusOK {
		t.Errorf("HTTP is answered with %s", answer.Status)
	}
}

// numbered is an event of class user.
func numbered(n int) ami.Message {
	return ami.NewEvent("UserEvent").Add("Privilege", "user,all").Add("Number", strconv.Itoa(n)).Message()
}

func TestTheCertificateOfAListenerIsReplacedWithoutLosingItsClients(t *testing.T) {
	asterisk := simtest.Start(t, sim.Config{})
	rest := server("pbx", asterisk.Addr()) + listener("amis", "127.0.0.1:0")
	certificate := func() string {
		folder := t.TempDir()
		if _, err := astls.New(astls.Config{Folder: folder}, slog.New(slog.DiscardHandler)); err != nil {
			t.Fatal(err)
		}
		return fmt.Sprintf("certificate = '%s/self-signed.pem'\nkey = '%s/self-signed.key'\n", folder, folder)
	}
	r := run(t, rest, certificate(), aUser)
	dial := func() (*proxytest.Client, string) {
		conn, err := tls.Dial("tcp", r.Addresses()[0], &tls.Config{InsecureSkipVerify: true})
		if err != nil {
			t.Fatal(err)
		}
		return proxytest.NewClient(t, conn), astls.Fingerprint(conn.ConnectionState().PeerCertificates[0])
	}
	c, first := dial()
	c.Login("user", "hunter2", "Events: off")
	r.reload(rest, certificate(), aUser)
	if _, second := dial(); second == first {
		t.Error("the old certificate is shown")
	}
	if m := c.Ask("Events", "EventMask: off"); m.Response() != "Success" {
		t.Errorf("who was there before is answered with %s", m)
	}
}

func TestSystemdIsToldOfReloads(t *testing.T) {
	address := filepath.Join(t.TempDir(), "notify")
	l, err := net.ListenUnixgram("unixgram", &net.UnixAddr{Name: address, Net: "unixgram"})
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	t.Setenv("NOTIFY_SOCKET", address)
	next := func() string {
		state := make([]byte, 100)
		_ = l.SetReadDeadline(time.Now().Add(proxytest.Patience))
		n, err := l.Read(state)
		if err != nil {
			t.Fatal(err)
		}
		return string(state[:n])
	}
	asterisk := simtest.Start(t, sim.Config{})
	rest := server("pbx", asterisk.Addr()) + listener("ami", "127.0.0.1:0")
	r := run(t, rest, aUser)
	if got := next(); got != "READY=1" {
		t.Errorf("at the start it is told %q", got)
	}
	r.reload(rest, aUser)
	if got := next(); !regexp.MustCompile(`^RELOADING=1\nMONOTONIC_USEC=[0-9]+$`).MatchString(got) {
		t.Errorf("at a reload it is told %q", got)
	}
	if got := next(); got != "READY=1" {
		t.Errorf("behind a reload it is told %q", got)
	}
}

func TestAnAdministratorReloadsAndIsToldWhatIsWrong(t *testing.T) {
	asterisk := simtest.Start(t, sim.Config{})
	rest := server("pbx", asterisk.Addr()) + listener("ami", "127.0.0.1:0")
	r := run(t, rest, aUser)
	r.up("pbx")
	c := r.login("Events: off")
	r.write(rest, aUser, "colour = 'red'\n")
	ask := func(text string) ami.Message {
		c.SendRaw(strings.ReplaceAll(text, "\n", "\r\n") + "\r\n\r\n")
		return c.Response()
	}
	if m := ask("ProxyAction: Reload"); m.Get("ProxyResponse") != "Failure" || !strings.Contains(m.Get("Message"), "unknown key") {
		t.Errorf("one that is wrong: %s", m)
	}
	r.write(rest, aUser, listener("http", "127.0.0.1:0"))
	if m := ask("ProxyAction: Reload"); m.Get("ProxyResponse") != "Success" || len(r.Addresses()) != 2 {
		t.Errorf("one that is right: %s", m)
	}
	if m := ask("ProxyAction: SetLogLevel\nLogLevel: loud"); m.Get("ProxyResponse") != "Failure" {
		t.Errorf("a level that there is not: %s", m)
	}
	var text bytes.Buffer
	logger, level := LogConfig{Level: "info", Format: "text"}.Leveled(&text)
	a := &App{log: logger}
	a.LevelOf(level)
	logger.Debug("unheard")
	if err := a.SetLogLevel("debug"); err != nil {
		t.Error(err)
	}
	if logger.Debug("heard"); strings.Contains(text.String(), "unheard") || !strings.Contains(text.String(), "heard") {
		t.Errorf("logged is %s", &text)
	}
}
