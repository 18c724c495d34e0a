package migration_test

import (
	"fmt"
	"net"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/astproxy/astproxy/migrate"
	"github.com/astproxy/astproxy/proxy/proxytest"
	"github.com/astproxy/astproxy/test/asterisk"
)

// TestAWholeManagerPortMovesBehindTheProxy does what docs/migrating.md says: with the manager.conf of a running
// Asterisk, whose port moves away by a reload while the proxy takes its place.
func TestAWholeManagerPortMovesBehindTheProxy(t *testing.T) {
	for _, version := range asterisk.Versions() {
		t.Run(version, func(t *testing.T) {
			s := asterisk.Start(t, version)
			text, err := migrate.FromManagerConf(managerConf(s), fixed)
			if err != nil {
				t.Fatal(err)
			}
			before := banner(t, s.AMIAddress)
			moved := move(t, s, text)
			door := run(t, regexp.MustCompile(`(?m)^address = .*`).ReplaceAllString(text, fmt.Sprintf("address = %q", moved)))
			if door != s.AMIAddress {
				t.Fatalf("the proxy listens on %s, and Asterisk did on %s", door, s.AMIAddress)
			}
			for _, user := range s.Users() {
				c := proxytest.Dial(t, s.AMIAddress)
				if c.Banner != before {
					t.Errorf("the banner is %q, and was %q", c.Banner, before)
				}
				c.Login(user.Name, user.Secret)
				if answer := c.Ask("Ping"); answer.Get("Ping") != "Pong" || answer.Get("Server") != "asterisk" {
					t.Errorf("a Ping of %s is answered with %s", user.Name, answer)
				}
			}
		})
	}
}

// move gives Asterisk's manager the user that the proxy logs in as, and another port.
func move(t *testing.T, s *asterisk.Server, imported string) (address string) {
	t.Helper()
	conf, err := os.ReadFile(managerConf(s))
	if err != nil {
		t.Fatal(err)
	}
	name := regexp.MustCompile(`(?m)^username = "(.*)"`).FindStringSubmatch(imported)
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	address = l.Addr().String()
	l.Close()
	_, port, _ := net.SplitHostPort(address)
	text := regexp.MustCompile(`(?m)^port = .*`).ReplaceAllString(string(conf), "port = "+port)
	text += fmt.Sprintf("\n[%s]\nsecret = a-new-secret\nread = all\nwrite = all\nwritetimeout = 5000\n", name[1])
	if err := os.WriteFile(managerConf(s), []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	s.CLI("manager reload")
	return address
}

// managerConf is where an Asterisk's is.
func managerConf(s *asterisk.Server) string {
	return s.Outside(filepath.Join(s.Folder(), "etc", "manager.conf"))
}

func banner(t *testing.T, address string) string {
	t.Helper()
	return strings.TrimSpace(dial(t, address).line())
}
