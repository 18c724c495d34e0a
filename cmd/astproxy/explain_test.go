package main

import (
	"bytes"
	"errors"
	"strings"
	"testing"
)

func TestExplainReadsAMessageAndTellsByItsExitCode(t *testing.T) {
	path := writeConfig(t, goodConfig)
	for _, test := range []struct {
		message, says string
		want          error
	}{
		{"Action: Ping\r\n\r\n", "anna may send the action Ping\nby open: ", nil},
		{"Action: Command\nCommand: core stop now\n", "anna may not send the action Command\nby write: ", errRefused},
		{"Event: Newchannel\nPrivilege: call,all\n", "anna may not see the event Newchannel\nby read: ", errRefused},
	} {
		var stdout bytes.Buffer
		command := newExplain()
		command.SetIn(strings.NewReader(test.message))
		command.SetOut(&stdout)
		command.SetArgs([]string{"-c", path, "anna"})
		command.SilenceErrors, command.SilenceUsage = true, true
		if err := command.Execute(); !errors.Is(err, test.want) || !strings.HasPrefix(stdout.String(), test.says) {
			t.Errorf("%q: %v, %s", test.message, err, &stdout)
		}
	}
}
