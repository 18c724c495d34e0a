package migrate_test

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/astproxy/astproxy/app"
	"github.com/astproxy/astproxy/migrate"
)

// Whatever is imported passes check: a file that astproxy refuses would help nobody on the evening of a move.
func FuzzFromAstmanproxy(f *testing.F) {
	for _, folder := range []string{"sample", "every-key", "spellings", "http", "xml", "broken"} {
		conf, err := os.ReadFile(filepath.Join("testdata", "astmanproxy", folder, "astmanproxy.conf"))
		if err != nil {
			f.Fatal(err)
		}
		users, err := os.ReadFile(filepath.Join("testdata", "astmanproxy", folder, "astmanproxy.users"))
		if err != nil {
			f.Fatal(err)
		}
		f.Add(string(conf), string(users))
	}
	f.Fuzz(func(t *testing.T, conf, users string) {
		text, err := fromText(t, conf, users)
		if err != nil {
			return
		}
		passes(t, text)
	})
}

func FuzzFromManagerConf(f *testing.F) {
	for _, folder := range []string{"offices", "spellings", "nobody"} {
		text, err := os.ReadFile(filepath.Join("testdata", "manager", folder, "manager.conf"))
		if err != nil {
			f.Fatal(err)
		}
		f.Add(string(text))
	}
	f.Fuzz(func(t *testing.T, text string) {
		path := filepath.Join(t.TempDir(), "manager.conf")
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		text, err := migrate.FromManagerConf(path, options)
		if err != nil {
			return
		}
		passes(t, text)
	})
}

func passes(t *testing.T, text string) {
	t.Helper()
	path := filepath.Join(t.TempDir(), "astproxy.toml")
	if err := os.WriteFile(path, []byte("state = '/nowhere'\n"+text), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := app.Load(path); err != nil {
		t.Fatalf("%v\n%s", err, text)
	}
}
