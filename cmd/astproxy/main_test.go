package main

import (
	"bytes"
	"context"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"runtime/debug"
	"slices"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/astproxy/astproxy/proxy/proxytest"
)

// goodConfig is of a server that is not there and a listener on any free port.
const goodConfig = `
[[server]]
name = "pbx"
address = "127.0.0.1:1"
username = "astproxy"
secret = "hunter2"

[[listen]]
url = "ami://127.0.0.1:0"

[[user]]
name = "anna"
secret = "hunter2"

[[user]]
name = "berta"
secret = "change-this-secret"
`

func writeConfig(t *testing.T, text string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "astproxy.toml")
	if err := os.WriteFile(path, []byte("state = '"+t.TempDir()+"'\n"+text), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

// What each command line ends with, and what it prints where.
func TestRun(t *testing.T) {
	good, bad := writeConfig(t, goodConfig), writeConfig(t, strings.Replace(goodConfig, "address", "adress", 1))
	badSays := bad + `:5:1: unknown key "adress"; did you mean "address"?` + "\n" +
		bad + ":18:1: warning: this secret is the example's, which everybody knows; choose another one\n"
	none := filepath.Join(t.TempDir(), "none.toml")
	tests := []struct {
		args   string
		code   int
		stdout string // begins with
		stderr string // is
	}{
		{"version", 0, "astproxy ", ""},
		{"--version", 0, "astproxy ", ""},
		{"check -c " + good, 0, good + ": ok\n  1 server: pbx (127.0.0.1:1)\n  1 listener: ami://127.0.0.1:0\n  2 users: anna, berta\n",
			good + ":18:1: warning: this secret is the example's, which everybody knows; choose another one\n"},
		{"check --config " + bad, 1, "", badSays},
		{"check -c " + none, 1, "", none + ": no such file or directory\n"},
		{"serve -c " + bad, 1, "", badSays},
		{"-c " + none, 1, "", none + ": no such file or directory\n"},
		{"serve", 1, "", "astproxy.toml: no such file or directory\n"},
		{"", 1, "", "astproxy.toml: no such file or directory\n"},
		{"chek", 2, "", "astproxy: there is no command \"chek\"; did you mean check?\nastproxy --help tells more\n"},
		{"gopher", 2, "", "astproxy: there is no command \"gopher\"\nastproxy --help tells more\n"},
		{"check " + good, 2, "", "astproxy: \"" + good + "\" is an argument too many; if it is the configuration file: astproxy check -c " + good + "\nastproxy check --help tells more\n"},
		{"explain", 2, "", "astproxy: which user? astproxy explain USER < message\nastproxy explain --help tells more\n"},
		{"serve --wat", 2, "", "astproxy: unknown flag: --wat\nastproxy serve --help tells more\n"},
		{"--wat", 2, "", "astproxy: unknown flag: --wat\nastproxy --help tells more\n"},
		{"check -c", 2, "", "astproxy: flag needs an argument: 'c' in -c\nastproxy check --help tells more\n"},
	}
	t.Chdir(t.TempDir())
	for _, test := range tests {
		var stdout, stderr bytes.Buffer
		code := run(t.Context(), strings.Fields(test.args), &stdout, &stderr)
		if code != test.code {
			t.Errorf("%q ends with %d, want %d", test.args, code, test.code)
		}
		if !strings.HasPrefix(stdout.String(), test.stdout) || test.stdout == "" && stdout.Len() > 0 {
			t.Errorf("%q prints\n%s\nwant\n%s", test.args, &stdout, test.stdout)
		}
		if stderr.String() != test.stderr {
			t.Errorf("%q says\n%s\nwant\n%s", test.args, &stderr, test.stderr)
		}
	}
}

// Each command's help says what it does and has an example.
func TestHelp(t *testing.T) {
	root := newRoot()
	commands := append(root.Commands(), root)
	for _, command := range commands {
		if command.Short == "" || command.Long == "" || !strings.Contains(command.Example, command.CommandPath()) {
			t.Errorf("%s: no help, or no example of it", command.CommandPath())
		}
		args := slices.Concat(strings.Fields(command.CommandPath())[1:], []string{"--help"})
		var stdout, stderr bytes.Buffer
		if code := run(t.Context(), args, &stdout, &stderr); code != 0 || stderr.Len() > 0 {
			t.Errorf("%v: %d, %s", args, code, &stderr)
		}
		if !strings.Contains(stdout.String(), command.Example) {
			t.Errorf("%v: got\n%s", args, &stdout)
		}
	}
}

// serve runs until it is told to end, which is no failure.
func TestServe(t *testing.T) {
	path := writeConfig(t, goodConfig)
	for _, args := range [][]string{{"serve", "-c", path}, {"-c", path}} {
		ctx, cancel := context.WithCancel(t.Context())
		log := newLog()
		ended := make(chan int, 1)
		go func() { ended <- run(ctx, args, io.Discard, log) }()
		log.wait(t, "starting")
		cancel()
		if code := <-ended; code != 0 {
			t.Errorf("%v: ends with %d: %s", args, code, log)
		}
		if !strings.Contains(log.String(), "level=WARN") {
			t.Errorf("%v: does not warn: %s", args, log)
		}
		if strings.Contains(log.String(), "hunter2") {
			t.Errorf("%v: a secret is shown: %s", args, log)
		}
	}
}

// The process itself ends with the same codes, and with 0 at the first signal.
func TestBinary(t *testing.T) {
	if testing.Short() {
		t.Skip("builds the binary")
	}
	binary := filepath.Join(t.TempDir(), "astproxy")
	if output, err := exec.Command("go", "build", "-o", binary, ".").CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, output)
	}
	good, bad := writeConfig(t, goodConfig), writeConfig(t, "")
	for _, test := range []struct {
		args string
		code int
	}{
		{"version", 0}, {"check -c " + good, 0}, {"check -c " + bad, 1}, {"-c " + bad, 1}, {"--wat", 2}, {"gopher", 2},
	} {
		command := exec.Command(binary, strings.Fields(test.args)...)
		output, _ := command.CombinedOutput()
		if code := command.ProcessState.ExitCode(); code != test.code {
			t.Errorf("%q ends with %d, want %d:\n%s", test.args, code, test.code, output)
		}
	}
	for _, signal := range []os.Signal{syscall.SIGTERM, os.Interrupt} {
		log := newLog()
		command := exec.Command(binary, "-c", good)
		command.Stderr = log
		if err := command.Start(); err != nil {
			t.Fatal(err)
		}
		log.wait(t, "starting")
		if err := command.Process.Signal(signal); err != nil {
			t.Error(err)
		}
		if err := command.Wait(); err != nil {
			t.Errorf("%v: %v\n%s", signal, err, log)
		}
	}
}

func TestDescribe(t *testing.T) {
	info := &debug.BuildInfo{Settings: []debug.BuildSetting{
		{Key: "vcs.revision", Value: "0123456789abcdef0123"}, {Key: "vcs.modified", Value: "true"},
	}}
	info.Main.Version = "v1.2.3"
	if got, want := describe(info), "astproxy v1.2.3, commit 0123456789ab and changes, go"; !strings.HasPrefix(got, want) {
		t.Errorf("got %q, want %q", got, want)
	}
	if got, want := describe(&debug.BuildInfo{}), "astproxy (devel), go"; !strings.HasPrefix(got, want) {
		t.Errorf("got %q, want %q", got, want)
	}
}

// log is a standard error that a test can wait for.
type log struct {
	changed chan struct{} // has room for one: something was written

	mu   sync.Mutex
	text bytes.Buffer
}

func newLog() *log { return &log{changed: make(chan struct{}, 1)} }

func (l *log) Write(text []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	select {
	case l.changed <- struct{}{}:
	default:
	}
	return l.text.Write(text)
}

func (l *log) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.text.String()
}

// wait returns as soon as the text was written.
func (l *log) wait(t *testing.T, text string) {
	t.Helper()
	late := time.After(proxytest.Patience)
	for !strings.Contains(l.String(), text) {
		select {
		case <-l.changed:
		case <-late:
			t.Fatalf("%q is not in\n%s", text, l)
		}
	}
}
