package main

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// files writes the files of an old configuration, and returns their folder.
func files(t *testing.T, texts map[string]string) string {
	t.Helper()
	folder := t.TempDir()
	for name, text := range texts {
		if err := os.WriteFile(filepath.Join(folder, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return folder
}

const (
	oldConfig = "host = 127.0.0.1, 5038, astproxy, s3cret-one, on, off\nlistenaddress = 127.0.0.1\nlistenport = 1234\nacceptunencryptedconnection = yes\n"
	oldUsers  = "dave=s3cret-two\nnobody=\n"
)

func TestImportPrintsAConfigurationThatCheckAccepts(t *testing.T) {
	folder := files(t, map[string]string{
		"astmanproxy.conf": oldConfig, "astmanproxy.users": oldUsers, "other.users": "anna=s3cret-three\n", "ssl.conf": "[ca]\nx = y\n",
		"manager.conf": "[general]\nenabled = yes\n[berta]\nsecret = s3cret-four\n",
	})
	at := func(name string) string { return filepath.Join(folder, name) }
	for _, test := range []struct {
		args []string
		has  string
	}{
		{[]string{at("astmanproxy.conf")}, `name = "dave"`},
		{[]string{at("astmanproxy.conf"), at("other.users")}, `name = "anna"`},
		{[]string{at("astmanproxy.conf"), at("ssl.conf"), at("other.users")}, `name = "anna"`},
		{[]string{"--manager-conf", at("manager.conf")}, `name = "berta"`},
	} {
		var stdout, stderr bytes.Buffer
		if code := run(t.Context(), append([]string{"import"}, test.args...), &stdout, &stderr); code != exitClean {
			t.Fatalf("%q: %d, %s", test.args, code, &stderr)
		}
		if !strings.Contains(stdout.String(), test.has) || stderr.Len() > 0 {
			t.Errorf("%q prints %s, and says %s", test.args, &stdout, &stderr)
		}
		path := writeConfig(t, stdout.String())
		if code := run(t.Context(), []string{"check", "-c", path}, &stdout, &stderr); code != exitClean {
			t.Errorf("%q: check says %s", test.args, &stderr)
		}
	}
}

func TestImportWritesAFileThatOnlyItsOwnerCanRead(t *testing.T) {
	folder := files(t, map[string]string{"astmanproxy.conf": oldConfig, "astmanproxy.users": oldUsers})
	path := filepath.Join(folder, "astproxy.toml")
	args := []string{"import", filepath.Join(folder, "astmanproxy.conf"), "-o", path}
	var stdout, stderr bytes.Buffer
	if code := run(t.Context(), args, &stdout, &stderr); code != exitClean || stdout.Len() > 0 {
		t.Fatalf("%d, %s, %s", code, &stdout, &stderr)
	}
	if said := stderr.String(); !strings.Contains(said, "astproxy check -c "+path) || strings.Contains(said, "s3cret") {
		t.Errorf("it says %s", said)
	}
	info, err := os.Stat(path)
	if err != nil {
		t.Fatal(err)
	}
	if mode := info.Mode().Perm(); mode != 0o600 {
		t.Errorf("its mode is %v", mode)
	}
	if err := os.WriteFile(path, []byte("changed since"), 0o600); err != nil {
		t.Fatal(err)
	}
	if code := run(t.Context(), args, &stdout, &stderr); code != exitFailed || !strings.Contains(stderr.String(), "is there already") {
		t.Errorf("again: %d, %s", code, &stderr)
	}
	if text, err := os.ReadFile(path); err != nil || string(text) != "changed since" {
		t.Errorf("the file that was there is %q, %v", text, err)
	}
}

func TestImportSaysWhatItNeeds(t *testing.T) {
	folder := files(t, map[string]string{"astmanproxy.conf": oldConfig})
	conf := filepath.Join(folder, "astmanproxy.conf")
	for _, test := range []struct {
		args []string
		code int
		says string
	}{
		{nil, exitUsage, "which files?"},
		{[]string{conf, "a", "b", "c"}, exitUsage, "which files?"},
		{[]string{"--manager-conf", "x", conf}, exitUsage, "either"},
		{[]string{conf, "a.users", "b.users"}, exitUsage, "which is the file of users"},
		{[]string{filepath.Join(folder, "none.conf")}, exitFailed, "none.conf"},
		{[]string{conf, filepath.Join(folder, "none.users")}, exitFailed, "none.users"},
		{[]string{folder}, exitFailed, "is a folder"},
	} {
		var stdout, stderr bytes.Buffer
		code := run(t.Context(), append([]string{"import"}, test.args...), &stdout, &stderr)
		if code != test.code || !strings.Contains(stderr.String(), test.says) || stdout.Len() > 0 {
			t.Errorf("%q: %d, %s%s", test.args, code, &stdout, &stderr)
		}
	}
}
