package migrate_test

import (
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/astproxy/astproxy/app"
	"github.com/astproxy/astproxy/migrate"
)

var update = flag.Bool("update", false, "write the golden files")

// options make outputs the same each time.
var options = migrate.Options{NewSecret: func() string { return "a-new-secret" }}

// load reads what was written as astproxy would, and returns what check says.
func load(t *testing.T, text string) *app.Config {
	t.Helper()
	path := filepath.Join(t.TempDir(), "astproxy.toml")
	if err := os.WriteFile(path, []byte("state = '"+t.TempDir()+"'\n"+text), 0o600); err != nil {
		t.Fatal(err)
	}
	config, err := app.Load(path)
	if err != nil {
		t.Fatalf("check refuses it: %v\n%s", err, text)
	}
	return config
}

// folders are the sets of files below testdata.
func folders(t *testing.T, of string) (paths []string) {
	t.Helper()
	paths, err := filepath.Glob(filepath.Join("testdata", of, "*"))
	if err != nil || len(paths) == 0 {
		t.Fatalf("no testdata: %v", err)
	}
	return paths
}

func fromFolder(t *testing.T, folder string) string {
	t.Helper()
	text, err := migrate.FromAstmanproxy(migrate.AstmanproxyFiles{Config: filepath.Join(folder, "astmanproxy.conf")}, options)
	if strings.Contains(folder, "manager") {
		text, err = migrate.FromManagerConf(filepath.Join(folder, "manager.conf"), options)
	}
	if err != nil {
		t.Fatal(err)
	}
	return text
}

// wantGolden compares with the astproxy.toml in a folder.
func wantGolden(t *testing.T, folder, got string) {
	t.Helper()
	path := filepath.Join(folder, "astproxy.toml")
	if *update {
		if err := os.WriteFile(path, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if got != string(want) {
		t.Errorf("%s is not what import writes; go test -update changes it, and git diff shows how. Import writes\n%s", path, got)
	}
}

// comments are the lines of a file that do not count.
func comments(text string) string {
	var kept strings.Builder
	for line := range strings.Lines(text) {
		if strings.HasPrefix(line, "#") {
			kept.WriteString(line)
		}
	}
	return kept.String()
}
