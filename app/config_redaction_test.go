package app

import (
	"strings"
	"testing"
)

// Whoever may have the console print anything sees what is hidden from him, and nothing can be done about it.
func TestCheckWarnsOfARedactionThatCommandGetsAround(t *testing.T) {
	for _, test := range []struct {
		lines string
		warns bool
	}{
		{`redact = ["mask variable PIN"]` + "\n" + `write = ["command"]`, true},
		{`redact = ["mask variable PIN"]` + "\n" + `write = ["all"]`, true},
		{`redact = ["mask variable PIN"]` + "\n" + `write = ["call"]`, false},
		{`redact = ["mask variable PIN"]` + "\n" + `allow_actions = ["Comm*"]`, true},
		{`redact = ["mask variable PIN"]` + "\n" + `write = ["command"]` + "\n" + `deny_actions = ["command"]`, false},
		{`write = ["command"]`, false},
	} {
		config := load(t, goodServer+goodListen+"[[user]]\nname = 'anna'\nsecret = 'x'\n"+test.lines+"\n")
		warned := strings.Contains(config.Warnings.Error(), "what it prints is not redacted")
		if warned != test.warns {
			t.Errorf("of %s: %v", test.lines, config.Warnings)
		}
	}
}
