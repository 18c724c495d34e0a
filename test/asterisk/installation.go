package asterisk

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"testing"
)

const (
	// wantVariable says that tests may start Asterisks.
	wantVariable = "ASTPROXY_TEST_ASTERISK"
	// requireVariable says that a test that cannot start its Asterisk fails.
	requireVariable = "ASTPROXY_REQUIRE_ASTERISK"
	// cacheVariable names the folder of the installations; install.sh reads it too.
	cacheVariable = "ASTPROXY_TEST_CACHE"

	remedy = "run make test-asterisk as root, it installs the Asterisks and runs these tests"
)

// Versions returns the major versions of Asterisk there are, newest first.
func Versions() []string { return []string{"22", "16"} }

// installation returns the root folder of a version's system. Where it is
// missing, or not asked for, it skips the test, or fails it when Asterisks are
// required.
func installation(tb testing.TB, version string) string {
	tb.Helper()
	if !required() && os.Getenv(wantVariable) != "1" {
		tb.Skipf("a real Asterisk is only started with %s=1: %s", wantVariable, remedy)
	}
	root, err := findInstallation(version)
	if err != nil {
		Missing(tb, err)
	}
	return root
}

// Missing skips a test that cannot run on this machine, or fails it if
// ASTPROXY_REQUIRE_ASTERISK is 1: then nothing is to be missing. The reason says how
// to get what is.
func Missing(tb testing.TB, reason error) {
	tb.Helper()
	if required() {
		tb.Fatal(reason)
	}
	tb.Skip(reason)
}

func required() bool { return os.Getenv(requireVariable) == "1" }

func findInstallation(version string) (string, error) {
	cache, err := CacheFolder()
	if err != nil {
		return "", err
	}
	root := filepath.Join(cache, "asterisk-"+version)
	// install.sh writes this file last.
	_, err = os.Stat(filepath.Join(root, ".installed"))
	if err != nil && !errors.Is(err, fs.ErrPermission) {
		return "", fmt.Errorf("asterisk %s is not installed in %s: %s", version, root, remedy)
	}
	if err != nil || os.Getuid() != 0 {
		return "", fmt.Errorf("asterisk %s runs in a chroot, which needs root: %s", version, remedy)
	}
	return root, nil
}

// CacheFolder returns the folder that install.sh, and that of test/foreign, installs
// into, by the same rule.
func CacheFolder() (string, error) {
	if folder := os.Getenv(cacheVariable); folder != "" {
		return filepath.Abs(folder)
	}
	base := os.Getenv("XDG_CACHE_HOME")
	if base == "" {
		home, err := os.UserHomeDir()
		if err != nil {
			return "", fmt.Errorf("where tests find what was installed for them: %w", err)
		}
		base = filepath.Join(home, ".cache")
	}
	return filepath.Join(base, "astproxy-test"), nil
}
