package asterisk

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// These need no Asterisk.

func TestWhatIsMissingIsSaidWithItsRemedy(t *testing.T) {
	cache := t.TempDir()
	t.Setenv(cacheVariable, cache)
	// What an installation looks like that was broken off.
	if err := os.Mkdir(filepath.Join(cache, "asterisk-22"), 0o755); err != nil {
		t.Fatal(err)
	}
	_, err := findInstallation("22")
	if err == nil {
		t.Fatal("it was found")
	}
	for _, want := range []string{"asterisk 22 is not installed in " + cache, "make test-asterisk"} {
		if !strings.Contains(err.Error(), want) {
			t.Errorf("%q is not in %q", want, err)
		}
	}
}

func TestTheCacheIsWhereTheScriptInstalls(t *testing.T) {
	for _, c := range []struct{ name, cache, xdg, want string }{
		{"its own variable", "/a", "/b", "/a"},
		{"the user's caches", "", "/b", "/b/astproxy-test"},
		{"home", "", "", "/home/ann/.cache/astproxy-test"},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Setenv(cacheVariable, c.cache)
			t.Setenv("XDG_CACHE_HOME", c.xdg)
			t.Setenv("HOME", "/home/ann")
			if got, err := CacheFolder(); err != nil || got != c.want {
				t.Errorf("got %s, %v, want %s", got, err, c.want)
			}
		})
	}
}

func TestTailShowsWholeLines(t *testing.T) {
	for _, c := range []struct {
		log  string
		size int
		want string
	}{
		{"one\ntwo\n", 100, "one\ntwo\n"},
		{"one\ntwo\nthree\n", 8, "three\n"},
		{"", 8, ""},
	} {
		if got := string(tail([]byte(c.log), c.size)); got != c.want {
			t.Errorf("tail(%q, %d) = %q, want %q", c.log, c.size, got, c.want)
		}
	}
}
