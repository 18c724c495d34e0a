package hotdesk

import (
	"context"
	"fmt"
	"log/slog"
	"net"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/astproxy/astproxy/app"
	"github.com/astproxy/astproxy/proxy/proxytest"
	"github.com/astproxy/astproxy/test/asterisk"
)

func TestMain(m *testing.M) { proxytest.Main(m) }

// stage is an Asterisk with the page's dialplan, and an astproxy with its configuration.
type stage struct {
	*proxytest.Client // an administrator at astproxy
	tb                testing.TB
	asterisk          *asterisk.Server
	agi, manager      string
	config            string
	stop              func()
}

// sample is the page's code of a language that begins with a text.
func sample(tb testing.TB, language, begin string) string {
	tb.Helper()
	page, err := os.ReadFile("../../docs/hotdesk.md")
	if err != nil {
		tb.Fatal(err)
	}
	for _, block := range strings.Split(string(page), "\n```"+language+"\n")[1:] {
		code, _, _ := strings.Cut(block, "\n```\n")
		if strings.HasPrefix(code, begin) {
			return code + "\n"
		}
	}
	tb.Fatalf("the page has no %s that begins with %q", language, begin)
	return ""
}

// forEachVersion runs a test with each Asterisk, with the dialplan of extensions.conf or of AEL.
func forEachVersion(t *testing.T, ael bool, test func(t *testing.T, s *stage)) {
	for _, version := range asterisk.Versions() {
		t.Run(version, func(t *testing.T) { test(t, start(t, version, ael)) })
	}
}

func free(tb testing.TB) string {
	tb.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		tb.Fatal(err)
	}
	defer l.Close()
	return l.Addr().String()
}

func start(tb testing.TB, version string, ael bool) *stage {
	tb.Helper()
	return startWith(tb, version, ael, func(toml string) string { return toml })
}

// startWith is start with a change of the page's configuration.
func startWith(tb testing.TB, version string, ael bool, change func(toml string) string) *stage {
	tb.Helper()
	s := &stage{tb: tb, asterisk: asterisk.Start(tb, version), agi: free(tb), manager: free(tb)}
	s.loadDialplan(ael)
	toml := change(strings.ReplaceAll(sample(tb, "toml", "[[listen]]"), "127.0.0.1:4573", s.agi))
	s.config = fmt.Sprintf(`state = %q
[[server]]
name = "pbx"
address = %q
username = %q
secret = %q
[[listen]]
url = "ami://%s"
[[user]]
name = "user"
secret = "hunter2"
read = ["all"]
write = ["all"]
admin = true
`, tb.TempDir(), s.asterisk.AMIAddress, s.asterisk.Username, s.asterisk.Secret, s.manager) + toml
	s.serve()
	tb.Cleanup(func() { s.stop() })
	return s
}

// loadDialplan puts the page's dialplan behind what the Asterisk has, and the phones into its context desks.
func (s *stage) loadDialplan(ael bool) {
	s.tb.Helper()
	etc := s.asterisk.Outside(s.asterisk.Folder() + "/etc/")
	edit := func(name string, change func(string) string) {
		s.tb.Helper()
		path := filepath.Join(etc, name)
		before, err := os.ReadFile(path)
		if err != nil && !os.IsNotExist(err) {
			s.tb.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(change(string(before))), 0o644); err != nil {
			s.tb.Fatal(err)
		}
	}
	edit("pjsip.conf", func(text string) string {
		return strings.Replace(text, "context = default", "context = desks", 1) + "\n[anonymous]\ntype = endpoint\ncontext = unauthenticated\ndisallow = all\nallow = ulaw\n"
	})
	if ael {
		edit("extensions.ael", func(string) string {
			return strings.ReplaceAll(sample(s.tb, "c", "// extensions.ael"), "127.0.0.1:4573", s.agi)
		})
		s.asterisk.CLI("module load pbx_ael.so")
		s.asterisk.CLI("ael reload")
	} else {
		edit("extensions.conf", func(text string) string {
			return text + "\n" + strings.ReplaceAll(sample(s.tb, "ini", "; extensions.conf"), "127.0.0.1:4573", s.agi) + "\n[default](+)\n" // where phones are added
		})
		s.asterisk.CLI("dialplan reload")
	}
	s.asterisk.CLI("module reload res_pjsip.so")
	s.await("the context desks of phones", func() bool {
		return strings.Contains(s.asterisk.CLI("pjsip show endpoint 110"), ": desks") && strings.Contains(s.asterisk.CLI("dialplan show unauthenticated"), "Hangup")
	})
}

// serve runs astproxy until stop.
func (s *stage) serve() {
	s.tb.Helper()
	path := filepath.Join(s.tb.TempDir(), "astproxy.toml")
	if err := os.WriteFile(path, []byte(s.config), 0o600); err != nil {
		s.tb.Fatal(err)
	}
	config, err := app.Load(path)
	if err != nil {
		s.tb.Fatal(err)
	}
	a, err := app.New(config, slog.New(slog.NewTextHandler(s.tb.Output(), nil)))
	if err != nil {
		s.tb.Fatal(err)
	}
	ctx, stop := context.WithCancel(context.Background())
	var ended sync.WaitGroup
	ended.Go(func() { _ = a.Run(ctx) })
	s.stop = func() {
		stop()
		ended.Wait()
	}
	s.Client = proxytest.Dial(s.tb, s.manager)
	s.Login("user", "hunter2")
	s.await("a session with Asterisk", func() bool { return s.Ask("HotdeskSync").Response() == "Success" })
}

func (s *stage) await(what string, is func() bool) {
	s.tb.Helper()
	proxytest.Await(s.tb, what, is)
}

// lamp is what the lamp of 741 shows.
func (s *stage) lamp() string {
	s.tb.Helper()
	return s.Ask("Getvar", "Variable: DEVICE_STATE(Custom:HOTDESK741)").Get("Value")
}

// database is what AstDB has of the plugin's users and devices.
func (s *stage) database() []string {
	s.tb.Helper()
	var all []string
	for _, m := range s.List("db", "DBGetTree", "Family: HOTDESK") {
		if m.Event() == "DBGetTreeResponse" {
			all = append(all, strings.TrimPrefix(m.Get("Key"), "/HOTDESK/")+"="+m.Get("Val"))
		}
	}
	slices.Sort(all)
	return all
}

// members are the queues' members.
func (s *stage) members() []string {
	s.tb.Helper()
	var all []string
	for _, m := range s.List("queues", "QueueStatus") {
		if m.Event() == "QueueMember" {
			all = append(all, m.Get("Queue")+" "+m.Get("Location")+" "+m.Get("StateInterface"))
		}
	}
	slices.Sort(all)
	return all
}

func (s *stage) wantList(what string, got []string, lines ...string) {
	s.tb.Helper()
	slices.Sort(lines)
	if !slices.Equal(got, lines) {
		s.tb.Errorf("%s: %q\nnot %q", what, got, lines)
	}
}
