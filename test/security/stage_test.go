package security_test

import (
	"context"
	"crypto/md5"
	"encoding/hex"
	"fmt"
	"log/slog"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"github.com/astproxy/astproxy/app"
	"github.com/astproxy/astproxy/sim"
	"github.com/astproxy/astproxy/sim/simtest"
	"github.com/astproxy/astproxy/test/asterisk"
)

const remedy = "sh test/security/install.sh as root gets it"

func needOpenSSL(t *testing.T) {
	t.Helper()
	if _, err := exec.LookPath("openssl"); err != nil {
		asterisk.Missing(t, fmt.Errorf("there is no openssl: %s", remedy))
	}
}

// pebbles are the programs of pebble that install.sh builds.
func pebbles(t *testing.T) (authority, names string) {
	t.Helper()
	cache, err := asterisk.CacheFolder()
	if err != nil {
		t.Fatal(err)
	}
	found, _ := filepath.Glob(filepath.Join(cache, "pebble-*", "pebble-challtestsrv"))
	if len(found) == 0 {
		asterisk.Missing(t, fmt.Errorf("there is no pebble in %s: %s", cache, remedy))
	}
	return filepath.Join(filepath.Dir(found[0]), "pebble"), found[0]
}

// serve runs astproxy in front of a simulated Asterisk, with a listener at url and its keys, until
// the test ends. It returns where it listens.
func serve(t *testing.T, url, keys string) (address string) {
	t.Helper()
	simulated := simtest.Start(t, sim.Config{})
	folder := t.TempDir()
	path := filepath.Join(folder, "astproxy.toml")
	text := fmt.Sprintf(`
state = "state"
[[server]]
name = "pbx1"
address = %q
username = "astproxy"
secret = "secret"
[[listen]]
url = %q
%s
[[user]]
name = "user"
secret = "hunter2"
read = ["all"]
write = ["all"]
`, simulated.Addr(), url, keys)
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
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
	return a.Addresses()[0]
}

// start runs a program until the test ends.
func start(t *testing.T, environment []string, program string, arguments ...string) {
	t.Helper()
	command := exec.Command(program, arguments...)
	command.Env = append(os.Environ(), environment...)
	command.Stdout, command.Stderr = t.Output(), t.Output()
	if err := command.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = command.Process.Kill()
		_ = command.Wait() // it was killed
	})
}

// free is an address on loopback that nobody uses.
func free(t *testing.T) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	return l.Addr().String()
}

// openssl runs s_client against an address, says input, and returns all it prints.
func openssl(t *testing.T, address, input string, arguments ...string) string {
	t.Helper()
	command := exec.CommandContext(t.Context(), "openssl", append([]string{"s_client", "-connect", address}, arguments...)...)
	command.Stdin = strings.NewReader(input)
	said, err := command.CombinedOutput()
	if err != nil && len(said) == 0 {
		t.Fatal(err)
	}
	return string(said)
}

func md5Hex(text string) string {
	sum := md5.Sum([]byte(text))
	return hex.EncodeToString(sum[:])
}
