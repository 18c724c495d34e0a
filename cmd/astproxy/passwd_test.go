package main

import (
	"bytes"
	"io"
	"strings"
	"testing"

	"github.com/astproxy/astproxy/access"
)

func TestPasswdPrintsAHashThatLogsIn(t *testing.T) {
	for _, test := range []struct{ input, want string }{
		{"hunter2\n", ""},
		{"hunter2", ""},
		{"hunter2\r\n", ""},
		{"", "the secret is empty"},
		{"\n", "the secret is empty"},
		{"hunter2\nhunter3\n", "a secret is one line, and there are several"},
		{strings.Repeat("x", 73) + "\n", "a secret to be hashed has at most 72 bytes: bcrypt reads no more"},
		{strings.Repeat("x", 5000), "a secret has at most 1014 bytes: no client could send it"},
		{" x\n", "a secret does not begin with a blank: no client could send it"},
	} {
		input, want := test.input, test.want
		var stdout, stderr bytes.Buffer
		command := newPasswd()
		command.SetIn(strings.NewReader(input))
		command.SetOut(&stdout)
		command.SetErr(&stderr)
		command.SetArgs([]string{}) // nil would be those of the test binary
		command.SilenceErrors, command.SilenceUsage = true, true
		err := command.Execute()
		if want != "" {
			if err == nil || err.Error() != want || stdout.Len() > 0 {
				t.Errorf("%q: %v, %s", input, err, &stdout)
			}
			continue
		}
		if err != nil || stderr.Len() > 0 {
			t.Errorf("%q: %v, %s", input, err, &stderr)
		}
		users, err := access.NewUsers([]access.UserConfig{{Name: "anna", Secret: access.Secret(strings.TrimSpace(stdout.String()))}})
		if err != nil {
			t.Fatal(err)
		}
		if _, ok := users.Authenticate("anna", "hunter2"); !ok {
			t.Errorf("%q: %s is not its hash", input, &stdout)
		}
	}
}

func TestPasswdAsksTwice(t *testing.T) {
	answers := func(secrets ...string) func() (string, error) {
		return func() (string, error) {
			if len(secrets) == 0 {
				return "", io.EOF
			}
			secret := secrets[0]
			secrets = secrets[1:]
			return secret, nil
		}
	}
	var prompts bytes.Buffer
	if secret, err := askTwice(&prompts, answers("hunter2", "hunter2")); err != nil || secret != "hunter2" {
		t.Errorf("got %q, %v", secret, err)
	}
	if prompts.String() != "Secret: \nAgain: \n" {
		t.Errorf("it asks %q", &prompts)
	}
	if secret, err := askTwice(io.Discard, answers("hunter2", "hunter3")); err == nil {
		t.Errorf("got %q", secret)
	}
	if secret, err := askTwice(io.Discard, answers("hunter2")); err == nil {
		t.Errorf("got %q", secret)
	}
}
