package live_test

import (
	"bufio"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/astproxy/astproxy/proxy/proxytest"
	"github.com/astproxy/astproxy/test/asterisk"
)

// node runs a scenario of testdata/client.js with a proxy, and returns what it tells.
func node(t *testing.T, p *proxytest.Proxy, scenario string) *teller {
	t.Helper()
	cache, err := asterisk.CacheFolder()
	if err != nil {
		t.Fatal(err)
	}
	modules := filepath.Join(cache, "ws", "node_modules")
	_, missing := os.Stat(filepath.Join(modules, "ws"))
	if program, err := exec.LookPath("node"); err != nil || missing != nil {
		asterisk.Missing(t, fmt.Errorf("node (%s) or its library ws is not installed: run sh test/live/install.sh as root on Debian", program))
	}
	command := exec.Command("node", filepath.Join("testdata", "client.js"),
		"ws"+strings.TrimPrefix(p.URL, "http")+"/ws", "user", proxytest.Secret, scenario)
	command.Env = append(os.Environ(), "NODE_PATH="+modules)
	return run(t, command)
}

// run starts a command that tells what happens. It ends with the test.
func run(t *testing.T, command *exec.Cmd) *teller {
	t.Helper()
	command.Stderr = t.Output()
	stdout, err := command.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := command.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = command.Process.Kill() // an error means that it has ended already
		_ = command.Wait()
	})
	return &teller{bufio.NewScanner(stdout), t}
}

// teller is a program that tells what happens.
type teller struct {
	lines *bufio.Scanner
	t     *testing.T
}

// expect reads a line that has to be this.
func (l *teller) expect(want string) {
	l.t.Helper()
	if !l.lines.Scan() {
		l.t.Fatalf("it ended before it told %s: %v", want, errors.Join(l.lines.Err(), io.EOF))
	}
	if got := l.lines.Text(); got != want || !json.Valid([]byte(got)) {
		l.t.Fatalf("it told %s, not %s", got, want)
	}
}

// await reads up to a line with a text in it.
func (l *teller) await(text string) {
	l.t.Helper()
	for l.lines.Scan() {
		if strings.Contains(l.lines.Text(), text) {
			return
		}
	}
	l.t.Fatalf("it ended before it told %s", text)
}

func TestTheLibraryWSPlacesACallAndSeesItsChannelComeAndGo(t *testing.T) {
	forEachAsterisk(t, nil, func(t *testing.T, p *proxytest.Proxy) {
		tells := node(t, p, "call")
		tells.expect(`{"protocol":"ami.json"}`)
		tells.expect(`{"response":"Success"}`)
		tells.expect(`{"event":"Newchannel"}`)
		tells.expect(`{"event":"Hangup"}`)
		tells.expect(`{"closed":1000,"reason":"logged off"}`)
	})
}

func TestTheLibraryWSIsCutOffAndMissesNothing(t *testing.T) {
	forEachAsterisk(t, nil, func(t *testing.T, p *proxytest.Proxy) {
		const events = 5000
		tells := node(t, p, "count")
		tells.expect(`{"ready":true}`)
		c := p.Login(t, "user", "Events: off")
		for i := range events {
			name := "Count"
			if i == events-1 {
				name = "Last"
			}
			c.Send("UserEvent", fmt.Sprintf("ActionID: %d", i), "UserEvent: "+name, fmt.Sprintf("Number: %d", i))
			if i%20 == 19 {
				for range 20 {
					c.Response()
				}
			}
		}
		tells.expect(fmt.Sprintf(`{"seen":%d}`, events))
	})
}
