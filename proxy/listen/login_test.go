package listen_test

import (
	"crypto/md5"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/astproxy/astproxy/proxy/listen"
	"github.com/astproxy/astproxy/proxy/proxytest"
	"github.com/astproxy/astproxy/sim"
	"github.com/astproxy/astproxy/sim/simtest"
	"github.com/astproxy/astproxy/upstream"
)

func TestNamesOfActionsHeadersAndUsersCompareWithoutCase(t *testing.T) {
	_, p := start(t)
	c := p.Dial(t)
	c.SendRaw("action: LOGIN\r\nUSERNAME: User\r\nsecret: hunter2\r\nEVENTS: OFF\r\nactionid: Mine\r\n\r\n")
	wantText(t, "the login", c.Read(), "Response: Success", "ActionID: Mine", "Message: Authentication accepted")
	c.SendRaw("ACTION: ping\r\nACTIONID: Mine\r\n\r\n")
	if m := c.Read(); m.Get("Ping") != "Pong" || m.ActionID() != "Mine" {
		t.Errorf("the Ping is answered with %s", m)
	}
}

func TestAWrongLoginIsRefusedAndTheConnectionCloses(t *testing.T) {
	_, p := start(t)
	for _, lines := range [][]string{
		{"Username: user", "Secret: wrong"},
		{"Username: user", "Secret: Hunter2"},
		{"Username: user", "Secret: hunter2 "},
		{"Username: user", "Secret:"},
		{"Username: user"},
		{"Username: nobody", "Secret: hunter2"},
		{"Secret: hunter2"},
		{},
		{"Username: user", "Secret: hunter2", "AuthType: MD5"},
		{"Username: user", "AuthType: MD5", "Key: " + md5Key("", proxytest.Secret)},
	} {
		c := p.Dial(t)
		c.Send("Login", append(lines, "ActionID: 1")...)
		c.Send("Ping") // nobody hears it
		all := c.End()
		if len(all) != 1 {
			t.Errorf("%q: %d messages: %q", lines, len(all), all)
			continue
		}
		wantText(t, strings.Join(lines, ", "), all[0], "Response: Error", "ActionID: 1", "Message: Authentication failed")
	}
}

func TestALoginInALoggedInSessionChangesNothing(t *testing.T) {
	_, p := start(t, user("other", nil, nil))
	c := p.Login(t, "user", "Events: off")
	for _, lines := range [][]string{{"Username: other", "Secret: hunter2"}, {"Username: user", "Secret: wrong"}, {}} {
		wantText(t, "the login", c.Ask("Login", lines...), "Response: Success", "Message: Already authenticated")
	}
	if m := c.Ask("Command", "Command: core show version"); m.Response() != "Success" {
		t.Errorf("the rights are gone: %s", m)
	}
}

func TestALoginByChallenge(t *testing.T) {
	_, p := start(t)
	c := p.Dial(t)
	wantText(t, "no AuthType", c.Ask("Challenge", "ActionID: 1"), "Response: Error", "ActionID: 1", "Message: Must specify AuthType")
	first := c.Ask("Challenge", "AuthType: md5", "ActionID: 2")
	challenge := first.Get("Challenge")
	wantText(t, "the challenge", first, "Response: Success", "ActionID: 2", "Challenge: "+challenge)
	if again := c.Ask("Challenge", "AuthType: MD5").Get("Challenge"); again != challenge {
		t.Errorf("the challenge %s is followed by %s", challenge, again)
	}
	if other := p.Dial(t).Ask("Challenge", "AuthType: MD5").Get("Challenge"); other == challenge {
		t.Errorf("two clients are given the challenge %s", challenge)
	}
	key := md5Key(challenge, proxytest.Secret)
	wantText(t, "the login", c.Ask("Login", "AuthType: MD5", "Username: user", "Key: "+key, "Events: off"),
		"Response: Success", "Message: Authentication accepted")

	for _, wrong := range []func(challenge string) string{
		func(challenge string) string { return md5Key(challenge, "wrong") },
		func(challenge string) string { return md5Key("1"+challenge, proxytest.Secret) },
		func(challenge string) string { return strings.ToUpper(md5Key(challenge, proxytest.Secret)) },
		func(string) string { return "" },
		func(string) string { return proxytest.Secret },
	} {
		c := p.Dial(t)
		key := wrong(c.Ask("Challenge", "AuthType: MD5").Get("Challenge"))
		if m := c.Ask("Login", "AuthType: MD5", "Username: user", "Key: "+key); m.Get("Message") != "Authentication failed" {
			t.Errorf("the key %q: %s", key, m)
		}
	}
}

func md5Key(challenge, secret string) string {
	return fmt.Sprintf("%x", md5.Sum([]byte(challenge+secret)))
}

// FullyBooted is of class system.
func TestWhoHearsFullyBootedAtLogin(t *testing.T) {
	_, p := start(t, user("caller", []string{"call"}, []string{"all"}), user("system", []string{"system"}, nil))
	for _, test := range []struct {
		user, events string
		want         bool
	}{
		{"user", "", true}, {"user", "Events:", true}, {"user", "Events: on", true}, {"user", "Events: system,call", true}, {"user", "Events: 1", true},
		{"user", "Events: off", false}, {"user", "Events: call", false}, {"user", "Events: 2", false}, {"user", "Events: bogus", false},
		{"system", "", true}, {"system", "Events: call", false}, {"caller", "", false}, {"caller", "Events: system", false},
	} {
		var lines []string
		if test.events != "" {
			lines = append(lines, test.events)
		}
		c := p.Login(t, test.user, lines...)
		names := eventNames(c.Settle())
		if heard := slices.Equal(names, []string{"FullyBooted"}); heard != test.want || !heard && names != nil {
			t.Errorf("%s with %q hears %q", test.user, test.events, names)
		}
	}
}

// Some clients take for the login's answer what one read gives them.
func TestFullyBootedComesInAWriteOfItsOwn(t *testing.T) {
	asterisk := simtest.Start(t, sim.Config{})
	p := proxytest.Start(t, proxytest.Options{Servers: []upstream.Config{server("pbx1", asterisk.Addr())}})
	p.Up(t, "pbx1")
	conn := dialPipe(t, p, listen.AMIConfig{})
	defer conn.Close()
	writes := make([]byte, 64<<10) // a pipe gives one write at a time
	next := func() string {
		n, err := conn.Read(writes)
		if err != nil {
			t.Fatal(err)
		}
		return string(writes[:n])
	}
	if banner := next(); banner != "Asterisk Call Manager/11.0.0\r\n" {
		t.Errorf("the banner is %q", banner)
	}
	if _, err := io.WriteString(conn, proxytest.Block("Login", "Username: user", "Secret: "+proxytest.Secret)); err != nil {
		t.Fatal(err)
	}
	if answer := next(); answer != "Response: Success\r\nMessage: Authentication accepted\r\n\r\n" {
		t.Errorf("the answer is %q", answer)
	}
	booted := next()
	if !strings.HasPrefix(booted, "Event: FullyBooted\r\nPrivilege: system,all\r\nUptime: ") ||
		!strings.HasSuffix(booted, "\r\nStatus: Fully Booted\r\nServer: pbx1\r\n\r\n") || strings.Count(booted, "\r\n\r\n") != 1 {
		t.Errorf("then comes %q", booted)
	}
}

// Clients know what they talk to by the banner.
func TestTheBannerIsTheServersAsSoonAsItIsKnown(t *testing.T) {
	l := listenSilently(t)
	p := proxytest.Start(t, proxytest.Options{
		Servers: []upstream.Config{server("pbx1", l.Addr().String())},
		Door:    listen.AMIConfig{Banner: "Asterisk Call Manager/1.2.3"},
	})
	early := p.Dial(t)
	if early.Banner != "Asterisk Call Manager/1.2.3" {
		t.Errorf("before it is known: %q", early.Banner)
	}
	asterisk := simtest.Serve(t, sim.Config{Version: "5.0.4"}, l)
	p.Up(t, "pbx1")
	if banner := p.Dial(t).Banner; banner != "Asterisk Call Manager/5.0.4" {
		t.Errorf("when it is connected: %q", banner)
	}
	asterisk.RefuseLogins(true)
	c := p.Login(t, "user")
	asterisk.Disconnect()
	c.Event("ProxyServerStatus", "Status: Disconnected")
	if banner := p.Dial(t).Banner; banner != "Asterisk Call Manager/5.0.4" {
		t.Errorf("when it is lost: %q", banner)
	}
	early.Login("user", proxytest.Secret)
}

//astproxy:attack
func TestWithoutALoginThereIsNothingButLoggingIn(t *testing.T) {
	asterisk, p := start(t)
	c := p.Dial(t)
	for _, action := range []string{"Ping", "Events", "Filter", "WaitEvent", "ListCommands", "CoreStatus", "Command", "NoSuchAction"} {
		wantText(t, action, c.Ask(action, "ActionID: 1"), "Response: Error", "ActionID: 1", "Message: Permission denied")
	}
	c.SendRaw("ProxyAction: ListSessions\r\nActionID: 1\r\n\r\n")
	wantText(t, "ListSessions", c.Response(), "Response: Error", "ActionID: 1", "Message: Permission denied")
	for _, m := range asterisk.Received() {
		if m.Action() == "CoreStatus" || m.Action() == "NoSuchAction" {
			t.Errorf("Asterisk was sent\n%s", m)
		}
	}
	wantText(t, "Logoff", c.Ask("Logoff"), "Response: Goodbye", "Message: Thanks for all the fish.")
	if rest := c.End(); len(rest) > 0 {
		t.Errorf("then comes %q", rest)
	}
}

//astproxy:attack
func TestNoMoreMayBeConnectedWithoutALoginThanTheLimit(t *testing.T) {
	asterisk := simtest.Start(t, sim.Config{})
	p := proxytest.Start(t, proxytest.Options{
		Servers: []upstream.Config{server("pbx1", asterisk.Addr())},
		Door:    listen.AMIConfig{UnauthenticatedLimit: 2},
	})
	first, second := p.Dial(t), p.Dial(t)
	refused := func() bool {
		conn, err := net.Dial("tcp", p.Address)
		if err != nil {
			t.Fatal(err)
		}
		defer conn.Close()
		n, err := conn.Read(make([]byte, 100))
		return n == 0 && err != nil
	}
	for range 2 {
		if !refused() {
			t.Error("a third one is let in")
		}
	}
	first.Login("user", proxytest.Secret, "Events: off")
	first.Ask("Ping") // when it is answered, the login is over for the door, too
	third := p.Dial(t)
	if !refused() {
		t.Error("one too many is let in when one has logged in")
	}
	second.Close()
	for refused() { // until the door has seen that it is gone
	}
	third.Login("user", proxytest.Secret)
}

//astproxy:attack
func TestWhoHoldsAllPlacesBeforeTheLoginKeepsNobodyElseOut(t *testing.T) {
	asterisk := simtest.Start(t, sim.Config{})
	p := proxytest.Start(t, proxytest.Options{
		Servers: []upstream.Config{server("pbx1", asterisk.Addr())},
		Door:    listen.AMIConfig{UnauthenticatedLimit: 3},
	})
	elsewhere := net.Dialer{LocalAddr: &net.TCPAddr{IP: net.IPv4(127, 0, 0, 2)}}
	dial := func() *proxytest.Client {
		conn, err := elsewhere.Dial("tcp", p.Address)
		if err != nil {
			t.Skipf("this machine has one loopback address only: %v", err)
		}
		return proxytest.NewClient(t, conn)
	}
	oldest, second, third := dial(), dial(), dial()
	c := p.Dial(t)
	oldest.End()
	c.Login("user", proxytest.Secret)
	second.Login("user", proxytest.Secret)
	third.Login("user", proxytest.Secret)
}

//astproxy:attack
func TestAChallengeIsWorthNothingOnAnotherConnectionOrWithoutOne(t *testing.T) {
	_, p := start(t)
	answer := func(challenge string) string {
		sum := md5.Sum([]byte(challenge + proxytest.Secret))
		return "Key: " + hex.EncodeToString(sum[:])
	}
	others := p.Dial(t).Ask("Challenge", "AuthType: MD5").Get("Challenge")
	for name, c := range map[string]struct {
		asks bool
		key  string
	}{"another's": {true, answer(others)}, "none": {false, answer("")}, "one before it is asked for": {false, answer(others)}, "an empty key": {true, "Key: "}} {
		client := p.Dial(t)
		if c.asks {
			client.Ask("Challenge", "AuthType: MD5")
		}
		if m := client.Ask("Login", "AuthType: MD5", "Username: user", c.key); m.Get("Message") != "Authentication failed" {
			t.Errorf("%s: %s", name, m)
		}
	}
}

//astproxy:attack
func TestATicketOfWhoIsRemovedLetsNobodyIn(t *testing.T) {
	_, p := start(t, proxytest.User(proxytest.Named("leaver")))
	ticket := func() string {
		r, err := http.NewRequestWithContext(t.Context(), http.MethodPost, p.URL+"/api/v1/tickets", nil)
		if err != nil {
			t.Fatal(err)
		}
		r.SetBasicAuth("leaver", proxytest.Secret)
		answer, err := http.DefaultClient.Do(r)
		if err != nil {
			t.Fatal(err)
		}
		defer answer.Body.Close()
		var made struct {
			Ticket string `json:"ticket"`
		}
		if err := json.NewDecoder(answer.Body).Decode(&made); err != nil || made.Ticket == "" {
			t.Fatalf("%s, %v", answer.Status, err)
		}
		return "/?Action=Ping&ticket=" + made.Ticket
	}
	one, two := ticket(), ticket()
	if status, _ := get(t, p, one); status != http.StatusOK {
		t.Errorf("his ticket is answered with %d", status)
	}
	p.SetUsers(t, proxytest.User())
	if status, _ := get(t, p, two); status != http.StatusUnauthorized {
		t.Errorf("when he is removed, with %d", status)
	}
}
