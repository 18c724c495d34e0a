package hotdesk

import (
	"bytes"
	"context"
	"fmt"
	"log/slog"
	"net"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"golang.org/x/crypto/bcrypt"

	"github.com/astproxy/astproxy/access"
	"github.com/astproxy/astproxy/agi"
	"github.com/astproxy/astproxy/ami"
	"github.com/astproxy/astproxy/plugins/plugintest"
	"github.com/astproxy/astproxy/proxy/proxytest"
)

func TestMain(m *testing.M) { proxytest.Main(m) }

// stage is the plugin in front of a simulated Asterisk, with three users: Ann 741, Bob 742 with a hashed PIN, and Eve 743, who
// is disabled.
type stage struct {
	*plugintest.Stage
	tb    testing.TB
	log   *buffer
	agi   string // where its scripts are
	admin *proxytest.Client
}

// buffer is what was logged.
type buffer struct {
	mu   sync.Mutex
	text bytes.Buffer
}

func (b *buffer) Write(p []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.text.Write(p)
}

func (b *buffer) String() string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.text.String()
}

// hashed is a bcrypt hash of Bob's PIN that costs little.
var hashed = sync.OnceValue(func() string {
	hash, err := bcrypt.GenerateFromPassword([]byte("2468"), bcrypt.MinCost)
	if err != nil {
		panic(err)
	}
	return string(hash)
})

func testConfig(change ...func(*Config)) *Config {
	c := defaults().(*Config)
	c.Check = time.Hour // tests ask for syncs
	c.Users = []UserConfig{
		{Enabled: true, Extension: "741", Name: "Ann", PIN: "0123", Queues: []string{"support"}, Mailbox: "741@default"},
		{Enabled: true, Extension: "742", Name: "Bob", PIN: access.Secret(hashed()), Queues: []string{"support", "sales:2"}, Context: "sales"},
		{Extension: "743", Name: "Eve", PIN: "3333"},
	}
	for _, f := range change {
		f(c)
	}
	return c
}

// pins are those of the tests, where they are not part of a longer number: ports are in the log.
var pins = regexp.MustCompile(`(^|\D)(0123|2468|9999)(\D|$)`)

func start(tb testing.TB, c *Config, o plugintest.Options) *stage {
	tb.Helper()
	s := &stage{tb: tb, log: &buffer{}}
	if o.Proxy.Log == nil {
		o.Proxy.Log = s.log
	}
	if len(o.Proxy.Users) == 0 {
		o.Proxy.Users = []access.UserConfig{proxytest.User(), agentUser()}
	}
	s.Stage = plugintest.Start(tb, Kind, c, o)
	s.admin = s.Login(tb, "user")
	tb.Cleanup(func() {
		if tb.Failed() {
			tb.Log(s.log)
		}
		if pin := pins.FindString(s.log.String()); pin != "" {
			tb.Errorf("a PIN is in the log: %q", pin)
		}
	})
	s.serveScripts()
	s.synced()
	return s
}

// agentUser may do what agents may, and is no administrator.
func agentUser() access.UserConfig {
	return proxytest.User(proxytest.Named("panel"), proxytest.May([]string{"agent"}, []string{"agent"}), func(u *access.UserConfig) { u.Admin = false })
}

func (s *stage) serveScripts() {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		s.tb.Fatal(err)
	}
	server := agi.NewServer(agi.Config{}, slog.New(slog.NewTextHandler(s.log, nil)))
	server.SetScripts(s.Host.Scripts())
	ctx, stop := context.WithCancel(context.Background())
	served := make(chan struct{})
	go func() { server.Serve(ctx, listener); close(served) }()
	s.tb.Cleanup(func() { stop(); <-served })
	s.agi = listener.Addr().String()
}

// want asks for an action, whose answer has to have these lines.
func want(tb testing.TB, c *proxytest.Client, ask []string, lines ...string) ami.Message {
	tb.Helper()
	m := c.Ask(ask[0], ask[1:]...)
	if !proxytest.HasLines(m, lines...) {
		tb.Errorf("%v is answered with\n%sand not with %q", ask, m, lines)
	}
	return m
}

func login(user, pin, device string, more ...string) []string {
	return append([]string{"HotdeskLogin", "User: " + user, "Pin: " + pin, "Device: " + device}, more...)
}

// database is what AstDB has of the plugin's.
func (s *stage) database() []string {
	s.tb.Helper()
	var all []string
	for _, m := range s.admin.List("db", "DBGetTree", "Family: HOTDESK") {
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
	for _, m := range s.admin.List("queues", "QueueStatus") {
		if m.Event() == "QueueMember" {
			one := m.Get("Queue") + " " + m.Get("Location") + " " + m.Get("StateInterface") + " " + m.Get("Penalty")
			if m.Get("Paused") == "1" {
				one += " paused"
			}
			all = append(all, one)
		}
	}
	slices.Sort(all)
	return all
}

func (s *stage) lamp(extension string) string {
	s.tb.Helper()
	return s.admin.Ask("Getvar", "Variable: DEVICE_STATE(Custom:HOTDESK"+extension+")").Get("Value")
}

// awaitLamp waits until a lamp shows a state.
func (s *stage) awaitLamp(extension, state string) {
	s.tb.Helper()
	s.await("lamp "+state, func() bool { return s.lamp(extension) == state })
}

func (s *stage) await(what string, is func() bool) {
	s.tb.Helper()
	proxytest.Await(s.tb, what, is)
}

// synced has the server synced, and tells how much differed.
func (s *stage) synced() string {
	s.tb.Helper()
	return s.admin.Ask("HotdeskSync").Get("Differences")
}

func (s *stage) wantEmpty() {
	s.tb.Helper()
	if all := s.database(); len(all) > 0 {
		s.tb.Errorf("AstDB has %q", all)
	}
	if all := s.members(); len(all) > 0 {
		s.tb.Errorf("the queues have %q", all)
	}
	for _, user := range []string{"741", "742"} {
		s.awaitLamp(user, stateUnavailable)
	}
	if all := s.sessions(); len(all) > 0 {
		s.tb.Errorf("the sessions are %q", all)
	}
}

// sessions are those there are.
func (s *stage) sessions() []string {
	s.tb.Helper()
	var all []string
	for _, m := range s.admin.List("list", "HotdeskList") {
		if m.Event() == "HotdeskSession" {
			all = append(all, m.Get("User")+" "+m.Get("Device"))
		}
	}
	return all
}

func wantList(tb testing.TB, what string, got []string, lines ...string) {
	tb.Helper()
	slices.Sort(lines)
	if !slices.Equal(got, lines) {
		tb.Errorf("%s: %s\nnot %s", what, fmt.Sprintf("%q", got), fmt.Sprintf("%q", lines))
	}
}

// isAction finds an action by its name.
func isAction(name string) func(ami.Message) bool {
	return func(m ami.Message) bool { return strings.EqualFold(m.Action(), name) }
}
