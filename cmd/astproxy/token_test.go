package main

import (
	"bytes"
	"strings"
	"testing"

	"github.com/astproxy/astproxy/access"
	"github.com/astproxy/astproxy/app"
)

func TestTheLinesThatTokenPrintsMakeTheTokenItPrintsWork(t *testing.T) {
	for _, args := range [][]string{
		{"--user", "anna", "--name", "a \"board\""},
		{"--user", "anna", "--name", "board", "--expires", "2099-12-31", "--read", "call, agent", "--write", ""},
	} {
		var stdout, stderr bytes.Buffer
		if code := run(t.Context(), append([]string{"token"}, args...), &stdout, &stderr); code != 0 || stderr.Len() > 0 {
			t.Fatalf("%v: %d %s", args, code, &stderr)
		}
		lines := strings.Split(stdout.String(), "\n")
		_, table, _ := strings.Cut(stdout.String(), "astproxy.toml:\n")
		if strings.Contains(table, lines[2]) {
			t.Errorf("the token itself is in\n%s", table)
		}
		config, err := app.Load(writeConfig(t, goodConfig+table))
		if err != nil {
			t.Fatalf("%v in\n%s", err, table)
		}
		users, err := access.NewUsers(config.Users, config.Tokens...)
		if err != nil {
			t.Fatal(err)
		}
		if user, ok := users.AuthenticateToken(lines[2]); !ok || user.Name() != "anna" {
			t.Errorf("%q is %v, with\n%s", lines[2], user, table)
		}
		if narrow := config.Tokens[0].Write != nil; narrow != (len(args) > 4) {
			t.Errorf("%v: got\n%s", args, table)
		}
	}
}

func TestTokenSaysWhatIsMissing(t *testing.T) {
	for args, want := range map[string]string{
		"token":                              "name: a token needs a name: what it is for; user: a token needs a user",
		"token --user a --name b --read cal": "read[0]: unknown class",
		"token --user a --name b --expires 31.12.2099": "expires: ",
	} {
		var stdout, stderr bytes.Buffer
		if code := run(t.Context(), strings.Fields(args), &stdout, &stderr); code != exitUsage || !strings.Contains(stderr.String(), want) || stdout.Len() > 0 {
			t.Errorf("%s: %d %s%s", args, code, &stdout, &stderr)
		}
	}
}
