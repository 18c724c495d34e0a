package documentation_test

import (
	"context"
	"fmt"
	"log/slog"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"testing"

	"github.com/astproxy/astproxy/app"
	"github.com/astproxy/astproxy/proxy/proxytest"
	"github.com/astproxy/astproxy/sim"
	"github.com/astproxy/astproxy/sim/simtest"
	"github.com/astproxy/astproxy/test/asterisk"
)

func page(t *testing.T, path string) string {
	t.Helper()
	text, err := os.ReadFile(filepath.Join("../..", path))
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// forEachAsterisk runs a test in front of a simulated Asterisk, and of a real one of each version.
func forEachAsterisk(t *testing.T, test func(t *testing.T, address, username, secret string)) {
	t.Run("simulated", func(t *testing.T) {
		test(t, simtest.Start(t, sim.Config{Username: "astproxy", Secret: "s3cret"}).Addr(), "astproxy", "s3cret")
	})
	for _, version := range asterisk.Versions() {
		t.Run("real "+version, func(t *testing.T) {
			s := asterisk.Start(t, version)
			test(t, s.AMIAddress, s.Username, s.Secret)
		})
	}
}

// serve runs a configuration until the test ends, and returns where its listeners are.
func serve(t *testing.T, text string) []string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "astproxy.toml")
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
	a.ReloadFrom(path)
	a.LevelOf(new(slog.LevelVar))
	ctx, stop := context.WithCancel(context.Background())
	var running sync.WaitGroup
	running.Go(func() { _ = a.Run(ctx) })
	t.Cleanup(func() {
		stop()
		running.Wait()
	})
	return a.Addresses()
}

var (
	tomlBlock = regexp.MustCompile("(?s)```toml\n(.*?)```")
	curlLine  = regexp.MustCompile(`(?m)^    (curl .*)$`)
	action    = regexp.MustCompile(`(?m)(?:^    [A-Za-z]+: .*\n)+`)
)

// upClient logs a client in, and waits until its server is there.
func upClient(t *testing.T, address, user, secret string) *proxytest.Client {
	t.Helper()
	c := proxytest.Dial(t, address)
	c.Login(user, secret)
	for c.Ask("Ping").Get("Ping") != "Pong" {
		c.Event("ProxyServerStatus", "Status: Connected")
	}
	return c
}

func TestTheREADMEsWayWorks(t *testing.T) {
	readme := page(t, "README.md")
	configuration, commands := tomlBlock.FindStringSubmatch(readme), curlLine.FindAllStringSubmatch(readme, -1)
	if configuration == nil || len(commands) == 0 {
		t.Fatal("there is no configuration in it, or no curl")
	}
	forEachAsterisk(t, func(t *testing.T, address, username, secret string) {
		text := strings.NewReplacer("127.0.0.1:5038", address, `"astproxy"`, fmt.Sprintf("%q", username), `"s3cret"`, fmt.Sprintf("%q", secret),
			"ami://127.0.0.1:5039", "ami://127.0.0.1:0").Replace(configuration[1]) + "\n[[listen]]\nurl = \"http://127.0.0.1:0\"\n"
		listeners := serve(t, text)
		upClient(t, listeners[0], "wallboard", "hunter2")
		for _, command := range commands {
			if _, err := exec.LookPath("curl"); err != nil {
				asterisk.Missing(t, fmt.Errorf("there is no curl: install your system's package curl"))
			}
			said, err := exec.CommandContext(t.Context(), "sh", "-c", strings.ReplaceAll(command[1], "127.0.0.1:8090", listeners[1])+" -sSf").CombinedOutput()
			if err != nil || !strings.Contains(string(said), `"Response":"Success"`) || !strings.Contains(string(said), `"Server":"pbx1"`) {
				t.Errorf("%s says %s, %v", command[1], said, err)
			}
		}
	})
}

func TestTheActionsOfTheProtocolPageWork(t *testing.T) {
	examples := action.FindAllString(page(t, "docs/protocol.md"), -1)
	if len(examples) < 2 {
		t.Fatalf("only %d examples: %q", len(examples), examples)
	}
	forEachAsterisk(t, func(t *testing.T, address, username, secret string) {
		listeners := serve(t, fmt.Sprintf(`
[[server]]
name = "pbx1"
address = %q
username = %q
secret = %q
[[listen]]
url = "ami://127.0.0.1:0"
[[user]]
name = "user"
secret = "hunter2"
read = ["all"]
write = ["all"]
admin = true
[[user]]
name = "wallboard"
secret = "hunter2"
`, address, username, secret))
		c := upClient(t, listeners[0], "user", "hunter2")
		proxytest.Dial(t, listeners[0]).Login("wallboard", "hunter2") // whom an example disconnects
		for _, example := range examples {
			c.SendRaw(strings.ReplaceAll(example, "    ", "") + "\n")
			if answer := c.Response(); answer.Response() != "Success" && answer.Get("ProxyResponse") != "Success" {
				t.Errorf("%s is answered with %s", example, answer)
			}
		}
	})
}
