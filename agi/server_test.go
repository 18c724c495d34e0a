package agi_test

import (
	"context"
	"errors"
	"log/slog"
	"net"
	"net/netip"
	"reflect"
	"runtime"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/astproxy/astproxy/agi"
	"github.com/astproxy/astproxy/agi/agitest"
	"github.com/astproxy/astproxy/proxy/proxytest"
)

func TestMain(m *testing.M) { proxytest.Main(m) }

// stage is a server with one script, called "test/script".
type stage struct {
	*agi.Server
	address string
	log     *logged
	ended   chan error // how each run of the script has
}

// logged is what was logged.
type logged struct {
	mu   sync.Mutex
	text strings.Builder
}

func (l *logged) Write(b []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.text.Write(b)
}

func (l *logged) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.text.String()
}

func (l *logged) await(tb testing.TB, text string) {
	tb.Helper()
	for range 3000 {
		if strings.Contains(l.String(), text) {
			return
		}
		<-time.After(10 * time.Millisecond)
	}
	tb.Errorf("%q is not logged: %s", text, l)
}

func start(tb testing.TB, c agi.Config, script func(ctx context.Context, call *agi.Call) error) *stage {
	tb.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		tb.Fatal(err)
	}
	log := &logged{}
	s := &stage{
		Server:  agi.NewServer(c, slog.New(slog.NewTextHandler(log, &slog.HandlerOptions{Level: slog.LevelDebug}))),
		address: listener.Addr().String(), log: log, ended: make(chan error, 1000),
	}
	s.SetScripts([]agi.Script{{Path: "test/script", Run: func(ctx context.Context, call *agi.Call) error {
		err := script(ctx, call)
		s.ended <- err
		return err
	}}})
	ctx, stop := context.WithCancel(context.Background())
	served := make(chan struct{})
	go func() { s.Serve(ctx, listener); close(served) }()
	tb.Cleanup(func() { stop(); <-served })
	return s
}

func TestAScriptTalksWithTheCaller(t *testing.T) {
	var got agi.Call
	s := start(t, agi.Config{}, func(_ context.Context, call *agi.Call) error {
		got = *call
		if err := errors.Join(call.Answer(), call.Play("hello", `odd "name"`+"\nHANGUP"), call.SayDigits("7x4\n1"), call.SetVariable("RESULT", "well")); err != nil {
			return err
		}
		pin, err := call.Ask("agent-pass", 8, 5*time.Second)
		if err == nil && pin != "0123" {
			t.Errorf("the PIN is %q", pin)
		}
		value, err2 := call.Variable("NAME")
		if value != "Ann (of sales)" {
			t.Errorf("the variable is %q", value)
		}
		return errors.Join(err, err2)
	})
	c := agitest.Call(t, s.address, "PJSIP/101-00000001", "test/script?user=741&name=a%20b", "agi_arg_1: first", "agi_arg_2: ")
	c.Expect(`ANSWER`, "200 result=0")
	c.Expect(`STREAM FILE "hello" ""`, "200 result=0 endpos=8000")
	c.Expect(`STREAM FILE "odd \"name\" HANGUP" ""`, "200 result=0 endpos=0")
	c.Expect(`SAY DIGITS 741 ""`, "200 result=0")
	c.Expect(`SET VARIABLE "RESULT" "well"`, "200 result=1")
	c.Expect(`GET DATA "agent-pass" 5000 8`, "200 result=0123")
	c.Expect(`GET VARIABLE "NAME"`, "200 result=1 (Ann (of sales))")
	c.Closed()
	if err := <-s.ended; err != nil {
		t.Error(err)
	}
	if got.Channel != "PJSIP/101-00000001" || got.Path != "test/script" || got.Query.Get("user") != "741" || got.Query.Get("name") != "a b" ||
		got.Uniqueid != "1700000000.1" || got.CallerIDNum != "101" || got.CallerIDName != "" || got.Context != "default" || got.Extension != "#741" ||
		!reflect.DeepEqual(got.Args, []string{"first", ""}) {
		t.Errorf("the call is %+v", got)
	}
}

func TestAHangUpEndsAScriptWhereverItIs(t *testing.T) {
	for name, hangUp := range map[string]func(*agitest.Caller){
		"the PIN prompt fails": func(c *agitest.Caller) { c.Expect("GET DATA", "200 result=-1") },
		"it is told before":    func(c *agitest.Caller) { c.Expect("GET DATA", "HANGUP\n200 result=12 (timeout)") },
		"the channel is dead": func(c *agitest.Caller) {
			c.Expect("GET DATA", "511 Command Not Permitted on a dead channel or intercept routine")
		},
		"Asterisk has gone":                 func(c *agitest.Caller) { c.Hangup() },
		"Asterisk has gone in mid-sentence": func(c *agitest.Caller) { c.Send("200 res"); c.Hangup() },
	} {
		t.Run(name, func(t *testing.T) {
			s := start(t, agi.Config{}, func(_ context.Context, call *agi.Call) error {
				if digits, err := call.Ask("agent-pass", 8, time.Second); err == nil {
					t.Errorf("it is asked, and says %q", digits)
				}
				return call.Play("hello")
			})
			hangUp(agitest.Call(t, s.address, "PJSIP/101-00000001", "test/script"))
			if err := <-s.ended; err == nil {
				t.Error("the script has ended well")
			}
			if strings.Contains(s.log.String(), "level=ERROR") && !strings.Contains(name, "gone") {
				t.Errorf("it is logged as an error: %s", s.log)
			}
		})
	}
}

func TestWhatAsteriskRefusesIsAnErrorAndNoEnd(t *testing.T) {
	s := start(t, agi.Config{}, func(_ context.Context, call *agi.Call) error {
		for range 3 {
			if err := call.Answer(); !errors.Is(err, agi.ErrRefused) {
				t.Errorf("the error is %v", err)
			}
		}
		return call.Play("hello")
	})
	c := agitest.Call(t, s.address, "PJSIP/101-00000001", "test/script")
	c.Expect("ANSWER", "510 Invalid or unknown command")
	c.Expect("ANSWER", "520-Invalid command syntax.  Proper usage follows:\nAnswers the channel.\n 200 result=1\n520 End of proper usage.")
	c.Expect("ANSWER", "520 Invalid command syntax.  Proper usage not available.")
	c.Expect("STREAM FILE", "200 result=0 endpos=1")
	c.Closed()
	if err := <-s.ended; err != nil {
		t.Error(err)
	}
}

// TestWhoIsNoAsteriskIsDisconnected is about all that can come by a port that anybody in the network reaches.
func TestWhoIsNoAsteriskIsDisconnected(t *testing.T) {
	s := start(t, agi.Config{BeginTimeout: 100 * time.Millisecond}, func(context.Context, *agi.Call) error {
		t.Error("a script is run")
		return nil
	})
	for name, lines := range map[string][]string{
		"HTTP":                    {"GET /hotdesk/login HTTP/1.1", "Host: x", ""},
		"nothing but an end":      {""},
		"no channel":              {"agi_network: yes", "agi_request: agi://x/test/script", ""},
		"no request":              {"agi_channel: PJSIP/101-00000001", ""},
		"a long line":             {"agi_channel: " + strings.Repeat("x", 100_000), ""},
		"a lot of lines":          append(manyLines("agi_x: 1", 100_000), ""),
		"a lot of lines, no end":  manyLines("agi_x: 1", 100_000),
		"no line end":             {strings.Repeat("a", 50)},
		"a URL that is none":      {"agi_channel: x", "agi_request: agi://x/%zz", ""},
		"a query that is none":    {"agi_channel: x", "agi_request: agi://x/test/script?a=%zz", ""},
		"a script that is not":    {"agi_channel: x", "agi_request: agi://x/test/other", ""},
		"a script above":          {"agi_channel: x", "agi_request: agi://x/../test/script", ""},
		"silence":                 nil,
		"a beginning and silence": {"agi_network: yes"},
	} {
		t.Run(name, func(t *testing.T) {
			c := agitest.Connect(t, s.address)
			if lines != nil {
				c.Send(lines...)
			}
			c.Closed()
		})
	}
}

func manyLines(line string, n int) (lines []string) {
	for range n {
		lines = append(lines, line)
	}
	return lines
}

func TestAnswersThatAreNoneEndTheCall(t *testing.T) {
	for _, answer := range []string{"nonsense", "", "200", "200 OK", "HANGUP" + strings.Repeat("\nHANGUP", 1000), strings.Repeat("x", 100_000), "520-" + strings.Repeat("\nx", 1000)} {
		s := start(t, agi.Config{}, func(_ context.Context, call *agi.Call) error { return call.Answer() })
		c := agitest.Call(t, s.address, "PJSIP/101-00000001", "test/script")
		c.Expect("ANSWER", answer)
		c.Closed()
		if err := <-s.ended; err == nil {
			t.Errorf("%.20q ends well", answer)
		}
	}
}

func TestOnlyTheConfiguredNetworksMayCall(t *testing.T) {
	s := start(t, agi.Config{Networks: []netip.Prefix{netip.MustParsePrefix("192.0.2.0/24")}}, func(context.Context, *agi.Call) error { return nil })
	agitest.Connect(t, s.address).Closed()
	s.log.await(t, "none of the networks")
	s.Configure(agi.Config{Networks: []netip.Prefix{netip.MustParsePrefix("127.0.0.0/8")}})
	agitest.Call(t, s.address, "PJSIP/101-00000001", "test/script").Closed()
	if err := <-s.ended; err != nil {
		t.Error(err)
	}
}

func TestTheTokenIsInTheQueryOrInAGlobalVariable(t *testing.T) {
	s := start(t, agi.Config{Token: "s3cret"}, func(_ context.Context, call *agi.Call) error {
		if call.Query.Has("token") {
			t.Error("the script sees the token")
		}
		return nil
	})
	agitest.Call(t, s.address, "PJSIP/101-00000001", "test/script?token=s3cret").Closed()
	<-s.ended
	c := agitest.Call(t, s.address, "PJSIP/101-00000001", "test/script")
	c.Expect(`GET VARIABLE "ASTPROXY_TOKEN"`, "200 result=1 (s3cret)")
	c.Closed()
	<-s.ended

	agitest.Call(t, s.address, "PJSIP/101-00000001", "test/script?token=other").Closed()
	for _, answer := range []string{"200 result=0", "200 result=1 ()", "200 result=1 (other)", "200 result=-1"} {
		c := agitest.Call(t, s.address, "PJSIP/101-00000001", "test/script")
		c.Expect(`GET VARIABLE "ASTPROXY_TOKEN"`, answer)
		c.Closed()
	}
	s.log.await(t, "it has not the token")
	if strings.Contains(s.log.String(), "s3cret") {
		t.Errorf("the log has the token: %s", s.log)
	}
	if len(s.ended) > 0 {
		t.Error("a script was run without the token")
	}
}

func TestThereAreNoMoreCallsThanMayBe(t *testing.T) {
	s := start(t, agi.Config{Connections: 2}, func(_ context.Context, call *agi.Call) error { return call.Answer() })
	first := agitest.Call(t, s.address, "PJSIP/101-00000001", "test/script")
	second := agitest.Call(t, s.address, "PJSIP/102-00000001", "test/script")
	for _, c := range []*agitest.Caller{first, second} {
		if command, ok := c.Command(); !ok || command != "ANSWER" {
			t.Errorf("the command is %q, %t", command, ok)
		}
	}
	agitest.Call(t, s.address, "PJSIP/103-00000001", "test/script").Closed()
	first.Send("200 result=0")
	first.Closed()
	<-s.ended
	for s.Calls() > 1 {
		runtime.Gosched()
	}
	third := agitest.Call(t, s.address, "PJSIP/103-00000001", "test/script")
	third.Expect("ANSWER", "200 result=0")
	third.Closed()
	second.Send("200 result=0")
	second.Closed()
}

func TestWhoDoesNotAnswerIsNotWaitedForForEver(t *testing.T) {
	s := start(t, agi.Config{ReplyTimeout: 50 * time.Millisecond}, func(_ context.Context, call *agi.Call) error { return call.Answer() })
	c := agitest.Call(t, s.address, "PJSIP/101-00000001", "test/script")
	if command, _ := c.Command(); command != "ANSWER" {
		t.Errorf("the command is %q", command)
	}
	c.Closed()
	if err := <-s.ended; err == nil {
		t.Error("the script has ended well")
	}
}

func TestACallThatTakesTooLongIsEnded(t *testing.T) {
	s := start(t, agi.Config{CallTimeout: 100 * time.Millisecond}, func(_ context.Context, call *agi.Call) error {
		for {
			if err := call.Answer(); err != nil {
				return err
			}
		}
	})
	agitest.Call(t, s.address, "PJSIP/101-00000001", "test/script").Talk()
	if err := <-s.ended; err == nil {
		t.Error("the script has ended well")
	}
	s.log.await(t, "the call has taken too long")
}

func TestAPanicEndsNothingButItsCall(t *testing.T) {
	s := start(t, agi.Config{}, func(_ context.Context, call *agi.Call) error {
		if call.Query.Has("panic") {
			panic("oh no")
		}
		return nil
	})
	agitest.Call(t, s.address, "PJSIP/101-00000001", "test/script?panic").Closed()
	s.log.await(t, "oh no")
	agitest.Call(t, s.address, "PJSIP/101-00000001", "test/script").Closed()
	<-s.ended
}
