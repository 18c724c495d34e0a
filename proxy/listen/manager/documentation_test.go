package manager_test

import (
	"os"
	"os/exec"
	"regexp"
	"strings"
	"testing"
)

// exampleCommand is a command of the page, with what it prints up to the next one or the end of the
// indented text.
var exampleCommand = regexp.MustCompile(`(?m)^    \$ (curl .*)\n((?:    [^$\n].*\n|\n    [^$\n].*\n)*)`)

func TestTheExamplesOfThePageWork(t *testing.T) {
	if _, err := exec.LookPath("curl"); err != nil {
		t.Skip("there is no curl: apt-get install curl")
	}
	page, err := os.ReadFile("../../../docs/http-manager.md")
	if err != nil {
		t.Fatal(err)
	}
	p, folder := start(t), t.TempDir()
	examples := exampleCommand.FindAllStringSubmatch(string(page), -1)
	if len(examples) < 7 {
		t.Errorf("there are only %d", len(examples))
	}
	for _, example := range examples {
		command := exec.CommandContext(t.Context(), "sh", "-c", strings.ReplaceAll(example[1], "http://127.0.0.1:8088", p.URL))
		command.Dir = folder
		output, err := command.CombinedOutput()
		if err != nil {
			t.Fatalf("%s: %v: %s", example[1], err, output)
		}
		got := withTimes(string(output))
		want := withTimes(strings.ReplaceAll("\n"+example[2], "\n    ", "\n")[1:])
		if got != want {
			t.Errorf("%s\ngives\n%s\nthe page has\n%s", example[1], got, want)
		}
	}
}

// withTimes makes texts with times comparable, without the blank lines at their ends.
func withTimes(text string) string {
	text = strings.ReplaceAll(text, "\r", "")
	return strings.TrimSpace(regexp.MustCompile(`timestamp='[\d.]+'`).ReplaceAllString(text, "timestamp='TIME'"))
}
