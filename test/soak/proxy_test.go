package soak_test

import (
	"bufio"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"testing"
	"time"
)

// patience bounds whatever is waited for. Nothing takes so long when all is well.
const patience = 2 * time.Minute

// Little memory, so that a client that stops reading for some seconds has lost events, and one that was away for long
// finds that what it missed is not kept.
const configuration = `
state = %q
[events]
memory = "1MiB"
recent = %q
[login]
address_failures = 0
[[server]]
name = "pbx1"
address = %q
username = %q
secret = %q
backoff_max = "1s"
[[listen]]
url = "ami://127.0.0.1:0"
unauthenticated_limit = 2000
[[listen]]
url = "amis://127.0.0.1:0"
unauthenticated_limit = 2000
[[listen]]
url = "http://127.0.0.1:0"
[[user]]
name = "admin"
secret = "hunter2"
admin = true
read = ["all"]
write = ["all"]
`

// secret is that of all users.
const secret = "hunter2"

// binary is astproxy, built once.
var binary = sync.OnceValues(func() (string, error) {
	path := filepath.Join(folder, "astproxy")
	arguments := []string{"build", "-o", path}
	if raceDetector {
		arguments = append(arguments, "-race")
	}
	out, err := exec.Command("go", append(arguments, "../../cmd/astproxy")...).CombinedOutput()
	if err != nil {
		err = fmt.Errorf("%w: %s", err, out)
	}
	return path, err
})

// proxy is astproxy, a process.
type proxy struct {
	manager, secured, web string // addresses of the listeners
	command               *exec.Cmd

	mu      sync.Mutex
	log     []string // the latest lines
	defects []string // lines that it must not have
}

var listening = regexp.MustCompile(`msg=listening url=(\w+)://(\S+)`)

// loggedLines is how much of the log is shown of a test that fails.
const loggedLines = 200

// startProxy runs astproxy in front of an exchange until the test ends, and returns when it listens.
func startProxy(t *testing.T, x exchange, recent string) *proxy {
	t.Helper()
	path, err := binary()
	if err != nil {
		t.Fatal(err)
	}
	config := filepath.Join(t.TempDir(), "astproxy.toml")
	address, username, password := x.manager()
	text := fmt.Sprintf(configuration, t.TempDir(), recent, address, username, password) + tablesOfRoles()
	if err := os.WriteFile(config, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	p := &proxy{command: exec.Command(path, "-c", config)}
	log, err := p.command.StderrPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := p.command.Start(); err != nil {
		t.Fatal(err)
	}
	listens, ended := make(chan struct{}), make(chan struct{})
	go func() {
		defer close(ended)
		for in := bufio.NewScanner(log); in.Scan(); {
			p.read(in.Text(), listens)
		}
	}()
	t.Cleanup(func() { p.end(t, ended) })
	select {
	case <-listens:
	case <-ended:
		t.Fatal("astproxy has ended before it listens")
	case <-time.After(patience):
		t.Fatal("astproxy does not listen")
	}
	return p
}

// read takes a line of the log.
func (p *proxy) read(line string, listens chan struct{}) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if strings.Contains(line, `level=INFO msg="client `) {
		return // of whom there are too many
	}
	if p.log = append(p.log, line); len(p.log) > 2*loggedLines {
		p.log = append(p.log[:0], p.log[len(p.log)-loggedLines:]...)
	}
	if defect.MatchString(line) && len(p.defects) < mostFailures {
		p.defects = append(p.defects, line)
	}
	found := listening.FindStringSubmatch(line)
	if found == nil {
		return
	}
	switch found[1] {
	case "ami":
		p.manager = found[2]
	case "amis":
		p.secured = found[2]
	case "http":
		p.web = found[2]
		close(listens) // it is the last in the configuration
	}
}

// defect is a line that the log must not have.
var defect = regexp.MustCompile(`DATA RACE|level=ERROR|^panic:|request failed`)

// end stops astproxy as a user does. It must end in order.
func (p *proxy) end(t *testing.T, ended <-chan struct{}) {
	_ = p.command.Process.Signal(os.Interrupt) // it may have ended
	select {
	case <-ended:
	case <-time.After(patience):
		t.Error("astproxy does not end")
		_ = p.command.Process.Kill()
		<-ended
	}
	if err := p.command.Wait(); err != nil {
		t.Errorf("astproxy: %v", err)
	}
	for _, line := range p.defects {
		t.Errorf("astproxy's log has: %s", line)
	}
	if t.Failed() {
		t.Logf("the end of astproxy's log:\n%s", strings.Join(p.log, "\n"))
	}
}
