package http_test

import (
	"bufio"
	"bytes"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/astproxy/astproxy/access"
	"github.com/astproxy/astproxy/sim"
	"github.com/astproxy/astproxy/sim/simtest"
)

// tool is a program of somebody else's.
func tool(t *testing.T, name, debian string) string {
	t.Helper()
	path, err := exec.LookPath(name)
	if err != nil {
		missing := fmt.Sprintf("there is no %s (Debian: apt install %s)", name, debian)
		if os.Getenv("ASTPROXY_REQUIRE_ASTERISK") == "1" {
			t.Fatal(missing)
		}
		t.Skip(missing)
	}
	return path
}

// output runs a program and returns what it prints.
func output(t *testing.T, input, name string, arguments ...string) string {
	t.Helper()
	command := exec.CommandContext(t.Context(), name, arguments...)
	command.Stdin = strings.NewReader(input)
	var problems bytes.Buffer
	command.Stderr = &problems
	out, err := command.Output()
	if err != nil {
		t.Fatalf("%s %q: %v: %s\n%s", name, arguments, err, &problems, input)
	}
	return string(out)
}

const configuration = `
state = %q
[[server]]
name = "pbx1"
address = %q
username = %q
secret = %q
[[listen]]
url = "http://127.0.0.1:0"
[[user]]
name = "monitor"
secret = "hunter2"
read = ["all"]
write = ["all"]
[[token]]
name = "test"
user = "monitor"
hash = %q
`

const token = "the-tests-own-token"

// binary is astproxy, built once.
var binary = sync.OnceValues(func() (string, error) {
	folder, err := os.MkdirTemp("", "astproxy-test")
	if err != nil {
		return "", err
	}
	path := filepath.Join(folder, "astproxy")
	out, err := exec.Command("go", "build", "-o", path, "../../cmd/astproxy").CombinedOutput()
	if err != nil {
		err = fmt.Errorf("%w: %s", err, out)
	}
	return path, err
})

func TestMain(m *testing.M) {
	code := m.Run()
	if path, err := binary(); err == nil {
		_ = os.RemoveAll(filepath.Dir(path))
	}
	os.Exit(code)
}

var listening = regexp.MustCompile(`listening url=http://(\S+)`)

// proxy is the binary, running.
type proxy struct {
	address  string // where it serves HTTP
	process  *os.Process
	stopping chan struct{} // closed when its log says so
}

// serve runs the binary in front of an Asterisk until the test ends. Its log must not have anybody's
// secret.
func serve(t *testing.T, behind, username, secret string) *proxy {
	t.Helper()
	path, err := binary()
	if err != nil {
		t.Fatal(err)
	}
	config := filepath.Join(t.TempDir(), "astproxy.toml")
	text := fmt.Sprintf(configuration, t.TempDir(), behind, username, secret, access.TokenHash(token))
	if err := os.WriteFile(config, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	command := exec.Command(path, "-c", config)
	log, err := command.StderrPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := command.Start(); err != nil {
		t.Fatal(err)
	}
	p := &proxy{process: command.Process, stopping: make(chan struct{})}
	var lines bytes.Buffer
	up, ended := make(chan struct{}), make(chan struct{})
	go func() {
		defer close(ended)
		for in := bufio.NewScanner(log); in.Scan(); {
			fmt.Fprintln(&lines, in.Text())
			p.read(in.Text(), up)
		}
	}()
	t.Cleanup(func() {
		select {
		case <-p.stopping: // a second signal would not let it end in order
		default:
			_ = command.Process.Signal(os.Interrupt) // it may have ended
		}
		<-ended
		if err := command.Wait(); err != nil {
			t.Errorf("%v\n%s", err, &lines)
		}
		for _, secret := range []string{"hunter2", token, "aHVudGVyMg", "bW9uaXRvcjpodW50ZXIy"} {
			if strings.Contains(lines.String(), secret) {
				t.Errorf("%s is in the log:\n%s", secret, &lines)
			}
		}
	})
	select {
	case <-up:
	case <-ended:
		t.Fatalf("it has ended:\n%s", &lines)
	case <-time.After(time.Minute):
		t.Fatal("it does not come up")
	}
	return p
}

// read takes a line of the log.
func (p *proxy) read(line string, up chan struct{}) {
	if found := listening.FindStringSubmatch(line); found != nil {
		p.address = found[1]
	}
	switch {
	case strings.Contains(line, "session is up"):
		close(up)
	case strings.Contains(line, "msg=stopping"):
		close(p.stopping)
	}
}

// serveSimulated runs it in front of a simulated Asterisk.
func serveSimulated(t *testing.T) (*proxy, *sim.Server) {
	t.Helper()
	simulated := simtest.Start(t, sim.Config{})
	return serve(t, simulated.Addr(), "astproxy", "secret"), simulated
}
