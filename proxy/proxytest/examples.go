package proxytest

import (
	"os"
	"os/exec"
	"regexp"
	"strings"
	"testing"
)

// exampleBlock is an indented block of a page that begins with a command.
var exampleBlock = regexp.MustCompile(`(?m)^    \$ .*\n(?:    .*\n)*`)

// RunExamples runs the commands of a page of documentation, and wants them to say what the page says they
// do. A block of the page is
//
//	$ command, which may \
//	    go on in another line
//	what it says, where ... stands for anything
//
// In commands, replace takes pairs of what the page has and what the test has in its place. It returns
// how many there were. The commands are for sh and use curl.
func RunExamples(tb testing.TB, page string, replace ...string) (count int) {
	tb.Helper()
	if _, err := exec.LookPath("curl"); err != nil {
		if os.Getenv("ASTPROXY_REQUIRE_ASTERISK") == "1" {
			tb.Fatal("there is no curl: install your system's package curl")
		}
		tb.Skip("there is no curl: install your system's package curl to run the examples")
	}
	text, err := os.ReadFile(page)
	if err != nil {
		tb.Fatal(err)
	}
	for _, block := range exampleBlock.FindAllString(string(text), -1) {
		for _, example := range strings.Split("\n"+strings.ReplaceAll(block, "\n    ", "\n")[len("    "):], "\n$ ")[1:] {
			count++
			command, want := splitExample(example)
			said, err := exec.CommandContext(tb.Context(), "sh", "-c", strings.NewReplacer(replace...).Replace(command)).CombinedOutput()
			if err != nil {
				tb.Errorf("%s\nends with %v:\n%s", command, err, said)
			} else if got := strings.ReplaceAll(string(said), "\r", ""); !pattern(want).MatchString(strings.TrimSpace(got)) {
				tb.Errorf("%s\nsays\n%s\nand the page\n%s", command, got, want)
			}
		}
	}
	return count
}

// splitExample takes a command and what it says apart.
func splitExample(example string) (command, want string) {
	lines := strings.Split(example, "\n")
	n := 1
	for n < len(lines) && strings.HasSuffix(lines[n-1], `\`) {
		n++
	}
	return strings.Join(lines[:n], "\n"), strings.TrimSpace(strings.Join(lines[n:], "\n"))
}

func pattern(want string) *regexp.Regexp {
	return regexp.MustCompile(`(?s)^` + strings.ReplaceAll(regexp.QuoteMeta(want), `\.\.\.`, `.*`) + `$`)
}
