package app

import (
	"os"
	"strings"
	"testing"
)

// goodTables are the tables of a file without problems, by name.
var goodTables = map[string]string{"server": goodServer, "listen": goodListen, "user": goodUser}

// Everything that is wrong with a file is said at once, in the file's order, each with its place, and
// no secret is. The files are in testdata/broken.txt.
func TestLoadSaysWhatIsWrong(t *testing.T) {
	t.Setenv("STATE_DIRECTORY", "/var/lib/astproxy")
	content, err := os.ReadFile("testdata/broken.txt")
	if err != nil {
		t.Fatal(err)
	}
	sections := strings.Split("\n"+string(content), "\n=== ")[1:]
	if len(sections) < 60 {
		t.Fatalf("%d sections", len(sections))
	}
	for _, section := range sections {
		name, rest, _ := strings.Cut(section, "\n")
		text, want, found := strings.Cut("\n"+rest, "\n---\n")
		if !found {
			t.Fatalf("%s: nothing is said of it", name)
		}
		t.Run(name, func(t *testing.T) {
			expectProblems(t, completed(strings.TrimPrefix(text, "\n")), strings.Split(strings.TrimSuffix(want, "\n"), "\n"))
		})
	}
}

// completed replaces a last line such as "+ server listen" by tables.
func completed(text string) string {
	before, names, found := strings.Cut(text, "+ ")
	if !found {
		return text
	}
	for name := range strings.FieldsSeq(names) {
		before += goodTables[name]
	}
	return before
}

func expectProblems(t *testing.T, text string, want []string) {
	t.Helper()
	_, err := Load(write(t, text))
	if err == nil {
		t.Fatalf("of\n%s\nnothing is said", text)
	}
	if want := "astproxy.toml:" + strings.Join(want, "\nastproxy.toml:"); err.Error() != want {
		t.Errorf("of\n%s\ngot\n%v\nwant\n%s", text, err, want)
	}
	if strings.Contains(err.Error(), "hunter2") {
		t.Error("a secret is shown")
	}
}

func TestLoadRefusesBytesThatAreNoText(t *testing.T) {
	expectProblems(t, "state = \"\xff\"\n"+good, []string{"1:9: invalid UTF-8 byte: 0xff"})
	expectProblems(t, "\x1b", []string{"1:1: TOML files cannot contain control characters: '0x1b'"})
	expectProblems(t, "s\x00t\x00", []string{"1:2: files cannot contain NULL bytes; probably using UTF-16; TOML files must be UTF-8"})
}

func TestLoadRefusesSecretsThatAreTooLong(t *testing.T) {
	long := strings.Repeat("hunter2", 200)
	expectProblems(t, strings.ReplaceAll(good, `"x"`, `"`+long+`"`), []string{
		"5:1: a secret has at most 1012 bytes: AMI cannot carry more",
		"10:1: a secret has at most 1014 bytes: no client could send it",
	})
}

// A byte order mark, which some editors write, moves no column.
func TestLoadTakesByteOrderMark(t *testing.T) {
	expectProblems(t, "\ufeffstat = 'x'\n"+good, []string{`1:1: unknown key "stat"; did you mean "state"?`})
}

// The example's secret is known to everybody. That is worth a word, whoever uses it.
func TestLoadWarnsOfTheExamplesSecret(t *testing.T) {
	config := load(t, strings.ReplaceAll(good, `"x"`, `"change-this-secret"`))
	want := "astproxy.toml:5:1: warning: this secret is the example's, which everybody knows; choose another one\n" +
		"astproxy.toml:10:1: warning: this secret is the example's, which everybody knows; choose another one"
	if got := config.Warnings.Error(); got != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
}
