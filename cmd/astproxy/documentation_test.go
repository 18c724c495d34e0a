package main

import (
	"bytes"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// documents are what tells people what to type.
func documents(t *testing.T) map[string]string {
	t.Helper()
	paths, err := filepath.Glob("../../docs/*.md")
	if err != nil {
		t.Fatal(err)
	}
	texts := map[string]string{}
	for _, path := range append(paths, "../../README.md", "../../CONTRIBUTING.md") {
		text, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		texts[filepath.Base(path)] = string(text)
	}
	return texts
}

var (
	tomlBlock   = regexp.MustCompile("(?s)```toml\n(.*?)```")
	commandLine = regexp.MustCompile(`(?m)^ {4,}(?:go run \./cmd/)?(astproxy [^#\n]*)`)
	quoted      = regexp.MustCompile(`'[^']*'`)
	link        = regexp.MustCompile(`\]\(([^)#:]+)\)`)
)

func TestEveryConfigurationInTheDocumentsIsRight(t *testing.T) {
	checked := 0
	for name, text := range documents(t) {
		for _, block := range tomlBlock.FindAllStringSubmatch(text, -1) {
			path := writeConfig(t, whole(block[1]))
			var stdout, stderr bytes.Buffer
			if code := run(t.Context(), []string{"check", "-c", path}, &stdout, &stderr); code != exitClean {
				t.Errorf("%s: check says %d, %s", name, code, &stderr)
			}
			checked++
		}
	}
	if checked == 0 {
		t.Error("there is none")
	}
}

// whole is a configuration of which a document shows a part.
func whole(part string) string {
	for table, text := range map[string]string{
		"[[server]]": "name = 'pbx'\naddress = '127.0.0.1:5038'\nusername = 'astproxy'\nsecret = 's3cret'",
		"[[listen]]": "url = 'ami://127.0.0.1:5039'",
		"[[user]]":   "name = 'somebody'\nsecret = 'hunter2'\nread = ['call']",
	} {
		if !strings.Contains(part, table) {
			part += "\n" + table + "\n" + text + "\n"
		}
	}
	return part
}

func TestEveryCommandInTheDocumentsIsUnderstood(t *testing.T) {
	checked := 0
	for name, text := range documents(t) {
		for _, line := range commandLine.FindAllStringSubmatch(text, -1) {
			args := strings.Fields(quoted.ReplaceAllString(line[1], "one-word"))[1:]
			command, rest, err := newRoot().Find(args)
			if err == nil {
				err = command.ParseFlags(rest)
			}
			if err != nil {
				t.Errorf("%s: %s: %v", name, line[1], err)
			}
			checked++
		}
	}
	if checked < 5 {
		t.Errorf("only %d were found", checked)
	}
}

func TestTheUnitForSystemdStartsWhatThereIs(t *testing.T) {
	unit := regexp.MustCompile("(?s)```ini\n(\\[Unit\\].*?)```").FindStringSubmatch(documents(t)["operations.md"])
	if unit == nil {
		t.Fatal("there is none")
	}
	start := regexp.MustCompile(`(?m)^ExecStart=/usr/local/bin/(astproxy .*)$`).FindStringSubmatch(unit[1])
	if start == nil {
		t.Fatalf("it starts nothing:\n%s", unit[1])
	}
	command, rest, err := newRoot().Find(strings.Fields(start[1])[1:])
	if err == nil {
		err = command.ParseFlags(rest)
	}
	if err != nil || command.Name() != "serve" {
		t.Errorf("%s: %v", start[1], err)
	}
	path := filepath.Join(t.TempDir(), "astproxy.service")
	if err := os.WriteFile(path, []byte(strings.Replace(unit[1], "/usr/local/bin/astproxy", "/bin/true", 1)), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := exec.LookPath("systemd-analyze"); err != nil {
		t.Skip("there is no systemd-analyze, which knows every key of a unit (Debian: apt install systemd)")
	}
	if said, err := exec.CommandContext(t.Context(), "systemd-analyze", "verify", path).CombinedOutput(); err != nil || strings.Contains(string(said), "astproxy.service:") {
		t.Errorf("%v\n%s", err, said)
	}
}

func TestTheReadmeSetsUpWithTwoCommands(t *testing.T) {
	setUp, _, _ := strings.Cut(documents(t)["README.md"], "## In front of your Asterisk")
	var commands []string
	for line := range strings.SplitSeq(setUp, "\n") {
		if command, indented := strings.CutPrefix(line, "    "); indented {
			commands = append(commands, command)
		}
	}
	want := []string{"go run ./cmd/astproxy demo", "go test ./..."}
	if !slices.Equal(commands, want) {
		t.Errorf("they are %q, want %q", commands, want)
	}
}

func TestNoLinkInTheDocumentsLeadsNowhere(t *testing.T) {
	for name, text := range documents(t) {
		folder := "../../docs"
		if !strings.HasPrefix(name, strings.ToLower(name[:1])) { // README.md and its like
			folder = "../.."
		}
		for _, target := range link.FindAllStringSubmatch(text, -1) {
			if _, err := os.Stat(filepath.Join(folder, target[1])); err != nil {
				t.Errorf("%s: %v", name, err)
			}
		}
	}
}
