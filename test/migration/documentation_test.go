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
)

var (
	iniBlock  = regexp.MustCompile("(?s)```ini\n(.*?)```")
	tomlBlock = regexp.MustCompile("(?s)```toml\n(.*?)```")
)

// examples are the blocks of docs/migrating.md: astmanproxy.conf, astmanproxy.users and manager.conf, and what the
// first two and the third become.
func examples(t *testing.T) (old, become []string) {
	t.Helper()
	page, err := os.ReadFile("../../docs/migrating.md")
	if err != nil {
		t.Fatal(err)
	}
	for _, found := range iniBlock.FindAllStringSubmatch(string(page), -1) {
		old = append(old, found[1])
	}
	for _, found := range tomlBlock.FindAllStringSubmatch(string(page), -1) {
		become = append(become, found[1])
	}
	if len(old) != 3 || len(become) != 2 {
		t.Fatalf("there are %d examples that become %d", len(old), len(become))
	}
	return old, become
}

// fixed makes the new secret that the page has.
var fixed = migrate.Options{NewSecret: func() string { return "a-new-secret" }}

func imported(t *testing.T, names, texts []string) string {
	t.Helper()
	folder := t.TempDir()
	for i, name := range names {
		if err := os.WriteFile(filepath.Join(folder, name), []byte(texts[i]), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	first := filepath.Join(folder, names[0])
	text, err := migrate.FromAstmanproxy(migrate.AstmanproxyFiles{Config: first}, fixed)
	if names[0] == "manager.conf" {
		text, err = migrate.FromManagerConf(first, fixed)
	}
	if err != nil {
		t.Fatal(err)
	}
	return text
}

// withoutComments is what of a configuration counts.
func withoutComments(text string) (lines string) {
	for line := range strings.Lines(text) {
		if !strings.HasPrefix(line, "#") && strings.TrimSpace(line) != "" {
			lines += line
		}
	}
	return lines
}

func TestTheExamplesOfThePageBecomeWhatItSays(t *testing.T) {
	old, become := examples(t)
	for _, test := range []struct {
		names, texts []string
		want         string
	}{
		{[]string{"astmanproxy.conf", "astmanproxy.users"}, old[:2], become[0]},
		{[]string{"manager.conf"}, old[2:], become[1]},
	} {
		got := withoutComments(imported(t, test.names, test.texts))
		if want := withoutComments(test.want); got != want {
			t.Errorf("%s becomes\n%s\nand the page says\n%s", test.names[0], got, want)
		}
	}
}

func TestTheUsersOfThePagesExamplesLogIn(t *testing.T) {
	old, _ := examples(t)
	forEachAsterisk(t, func(t *testing.T, address, username, secret string) {
		host, port, _ := net.SplitHostPort(address)
		conf := strings.Replace(old[0], "127.0.0.1, 5038, astproxy, s3cret", fmt.Sprintf("%s, %s, %s, %s", host, port, username, secret), 1)
		text := imported(t, []string{"astmanproxy.conf", "astmanproxy.users"}, []string{conf, old[1]})
		door := run(t, strings.Replace(text, "127.0.0.1:1234", "127.0.0.1:0", 1))
		for name, secret := range map[string]string{"dave": "securepass", "bill": "pass"} {
			c := proxytest.Dial(t, door)
			c.Login(name, secret)
			if answer := c.Ask("Ping"); answer.Get("Ping") != "Pong" {
				t.Errorf("a Ping of %s is answered with %s", name, answer)
			}
		}
		c := proxytest.Dial(t, door)
		c.Login("dave", "securepass")
		for _, action := range [][]string{
			{"Channel: SIP/9999", "Context: local", "Exten: 1", "Priority: 1"},
			{"Channel: SIP/1002", "Context: elsewhere", "Exten: 1", "Priority: 1"},
		} {
			if answer := c.Ask("Originate", action...); answer.Get("Message") != "Action Filtered" {
				t.Errorf("%q of who has channels and a context is answered with %s", action, answer)
			}
		}
		c = proxytest.Dial(t, door)
		if answer := c.Ask("ListCommands", "ProxyKey: sesame"); answer.Response() != "Success" {
			t.Errorf("the key is answered with %s", answer)
		}
		text = imported(t, []string{"manager.conf"}, old[2:])
		text = strings.NewReplacer(`"127.0.0.1:5039"`, fmt.Sprintf("%q", address), "127.0.0.1:5038", "127.0.0.1:0",
			"username = \"astproxy\"", fmt.Sprintf("username = %q", username), `"a-new-secret"`, fmt.Sprintf("%q", secret)).Replace(text)
		door = run(t, text)
		c = proxytest.Dial(t, door)
		c.Login("panel", "hunter2")
		if answer := c.Ask("Command", "Command: core show uptime"); answer.Get("Message") != "Permission denied" {
			t.Errorf("a command is answered with %s", answer)
		}
		second := proxytest.Dial(t, door)
		if answer := second.Ask("Login", "Username: panel", "Secret: hunter2"); answer.Response() != "Error" {
			t.Errorf("a second login is answered with %s", answer)
		}
	})
}
