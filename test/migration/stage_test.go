package migration_test

import (
	"context"
	"fmt"
	"log/slog"
	"net"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"github.com/astproxy/astproxy/app"
	"github.com/astproxy/astproxy/migrate"
	"github.com/astproxy/astproxy/proxy/proxytest"
	"github.com/astproxy/astproxy/sim"
	"github.com/astproxy/astproxy/sim/simtest"
	"github.com/astproxy/astproxy/test/asterisk"
)

// forEachAsterisk runs a test in front of a simulated Asterisk, and of the version that the recording is of.
func forEachAsterisk(t *testing.T, test func(t *testing.T, address, username, secret string)) {
	t.Run("simulated", func(t *testing.T) {
		test(t, simtest.Start(t, sim.Config{Username: "astproxy", Secret: "s3cret"}).Addr(), "astproxy", "s3cret")
	})
	for _, version := range asterisk.Versions() {
		if version != "22" {
			continue
		}
		t.Run("real "+version, func(t *testing.T) {
			s := asterisk.Start(t, version)
			test(t, s.AMIAddress, s.Username, s.Secret)
		})
	}
}

// predecessor is the configuration that the recordings were made with, and what of it differs in each.
func predecessor(asterisk, username, secret string, differs ...string) string {
	host, port, _ := net.SplitHostPort(asterisk)
	return fmt.Sprintf(`
host = %s, %s, %s, %s, on, off
listenaddress = 127.0.0.1
listenport = 1234
acceptunencryptedconnection = yes
authrequired = yes
proc_user = nobody
proc_group = nobody
logfile = /var/log/astmanproxy.log
%s
`, host, port, username, secret, strings.Join(differs, "\n"))
}

// users is what astmanproxy.users was.
const users = "bench=bench\n"

// administrator makes bench the administrator that with astmanproxy everybody was; asImported does not.
func administrator(text string) string {
	return strings.Replace(text, "name = \"bench\"\n", "name = \"bench\"\nadmin = true\n", 1)
}

func asImported(text string) string { return text }

// serve imports a configuration and runs it until the test ends. It returns where it listens, when its Asterisk is
// connected. change changes what was imported, as an administrator would.
func serve(t *testing.T, predecessor string, change func(text string) string) string {
	t.Helper()
	folder := t.TempDir()
	for name, text := range map[string]string{"astmanproxy.conf": predecessor, "astmanproxy.users": users} {
		if err := os.WriteFile(filepath.Join(folder, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	text, err := migrate.FromAstmanproxy(migrate.AstmanproxyFiles{Config: filepath.Join(folder, "astmanproxy.conf")}, migrate.Options{})
	if err != nil {
		t.Fatal(err)
	}
	text = strings.Replace(text, "127.0.0.1:1234", "127.0.0.1:0", 1)
	text = change(text)
	return run(t, text)
}

// watcher is who sees when the Asterisk is connected, at a door of his own.
const watcher = `
[[listen]]
url = "ami://localhost:0"
[[user]]
name = "watcher"
secret = "watcher"
read = ["system"]
`

// run runs a configuration until the test ends, and returns where its first listener is when its Asterisk is connected.
func run(t *testing.T, text string) string {
	t.Helper()
	folder := t.TempDir()
	path := filepath.Join(folder, "astproxy.toml")
	if err := os.WriteFile(path, fmt.Appendf(nil, "state = %q\n%s%s", folder, text, watcher), 0o600); err != nil {
		t.Fatal(err)
	}
	config, err := app.Load(path)
	if err != nil {
		t.Fatal(err)
	}
	a, err := app.New(config, slog.New(slog.NewTextHandler(t.Output(), nil)))
	if err != nil {
		t.Fatal(err)
	}
	ctx, stop := context.WithCancel(context.Background())
	var running sync.WaitGroup
	running.Go(func() { _ = a.Run(ctx) })
	t.Cleanup(func() {
		stop()
		running.Wait()
	})
	addresses := a.Addresses()
	connected(t, addresses[len(addresses)-1])
	return addresses[0]
}

// connected waits until the proxy has its Asterisk.
func connected(t *testing.T, address string) {
	t.Helper()
	c := proxytest.Dial(t, address)
	c.Login("watcher", "watcher")
	c.Event("FullyBooted")
	c.Close()
}
