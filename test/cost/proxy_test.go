//go:build linux

package cost

import (
	"bufio"
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

// configurationText is a proxy's. Its user is that of the Asterisk.
const configurationText = `state = %[1]q
[[server]]
name = "pbx"
address = %[2]q
username = %[3]q
secret = %[4]q
cache = { %[5]s }
[[listen]]
url = "ami://127.0.0.1:0"
[[user]]
name = %[3]q
secret = %[4]q
read = ["all"]
write = ["all"]
`

// A proxyProcess is a proxy in front of an Asterisk.
type proxyProcess struct {
	address string
	relay   *relay // between it and the Asterisk; nil: there is none
	command *exec.Cmd
	stdin   io.Closer
}

// startCounted is startProxy, behind a relay that counts.
func startCounted(tb testing.TB, s *asterisk.Server, cache string) *proxyProcess {
	tb.Helper()
	r := startRelay(tb, s.AMIAddress)
	p := startProxy(tb, s, r.address, cache)
	p.relay = r
	return p
}

// startProxy returns when the proxy is logged in to s at an address; cache is what stands in its configuration.
func startProxy(tb testing.TB, s *asterisk.Server, address, cache string) *proxyProcess {
	tb.Helper()
	path := filepath.Join(tb.TempDir(), "astproxy.toml")
	text := fmt.Sprintf(configurationText, tb.TempDir(), address, s.Username, s.Secret, cache)
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		tb.Fatal(err)
	}
	p := &proxyProcess{command: exec.Command(os.Args[0], "proxy", path)}
	p.command.Stderr = tb.Output()
	var err error
	if p.stdin, err = p.command.StdinPipe(); err != nil {
		tb.Fatal(err)
	}
	stdout, err := p.command.StdoutPipe()
	if err != nil {
		tb.Fatal(err)
	}
	if err := p.command.Start(); err != nil {
		tb.Fatal(err)
	}
	line, err := bufio.NewReader(stdout).ReadString('\n')
	if err != nil {
		p.end()
		tb.Fatalf("the proxy says no address: %v", err)
	}
	p.address = strings.TrimSpace(line)
	c := open(tb, p.address, s)
	defer c.Close()
	proxytest.Await(tb, "the proxy has a session", func() bool {
		return strings.HasPrefix(c.ask(tb, "Ping"), "Response: Success")
	})
	return p
}

// end ends the process and waits for it.
func (p *proxyProcess) end() {
	p.stdin.Close()
	_ = p.command.Wait()
	if p.relay != nil {
		p.relay.end()
	}
}
