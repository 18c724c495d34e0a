package hotdesk

import (
	"database/sql"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/astproxy/astproxy/access"
	"github.com/astproxy/astproxy/plugins/host"
	"github.com/astproxy/astproxy/plugins/plugintest"
)

func TestUsersInAFileAreThereWhenTheyAreWritten(t *testing.T) {
	clock := plugintest.NewClock()
	path := filepath.Join(t.TempDir(), "users.csv")
	write := func(text string) {
		t.Helper()
		if err := os.WriteFile(path+".new", []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		if err := os.Rename(path+".new", path); err != nil {
			t.Fatal(err)
		}
		clock.Advance(refresh)
	}
	write("\ufeffExtension, Name, PIN, Queues, enabled\n# a remark\n750,Gil,1111,support;sales:4,yes\n741,somebody else,1111,,no\n751,Hal,1111,,0\n")
	s := start(t, testConfig(func(c *Config) { c.UsersFile = path }), plugintest.Options{Host: host.Options{Clock: clock}})
	want(t, s.admin, login("750", "1111", "101"), "Response: Success", "UserName: Gil", "Queues: support,sales:4")
	want(t, s.admin, login("751", "1111", "102"), "Code: user_disabled")
	want(t, s.admin, login("741", "0123", "102"), "Response: Success", "UserName: Ann") // the configuration's is first
	want(t, s.admin, login("752", "1111", "103"), "Code: login_refused")
	write("extension,pin\n752,1111\n750,1111\n")
	want(t, s.admin, login("752", "1111", "103"), "Response: Success")
	write("extension,pin\n753,9999 9999\n") // which is no PIN
	want(t, s.admin, login("753", "1111", "104"), "Code: login_refused")
	want(t, s.admin, login("752", "1111", "104"), "Response: Success") // those there were stay
	if !strings.Contains(s.log.String(), "line 2: pin: a PIN has up to 20 digits") {
		t.Error("it is not logged what is wrong")
	}
	write("extension,pin\n750,1111\n")
	s.await("who is no user any more is logged out", func() bool { clock.Advance(time.Hour); return len(s.sessions()) == 2 })
	wantList(t, "sessions", s.sessions(), "741 PJSIP/102", "750 PJSIP/101")
	s.admin.Event("HotdeskLoggedOut", "User: 752", "Reason: admin")
}

func TestUsersInADatabaseAreAskedForByTheOwnersQuery(t *testing.T) {
	clock := plugintest.NewClock()
	path := filepath.Join(t.TempDir(), "people.db")
	db, err := sql.Open("sqlite", path)
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	do := func(statement string) {
		t.Helper()
		if _, err := db.ExecContext(t.Context(), statement); err != nil {
			t.Fatal(err)
		}
		clock.Advance(refresh)
	}
	do("CREATE TABLE people (number TEXT, who TEXT, secret TEXT, active BOOLEAN, groups TEXT)")
	do("INSERT INTO people VALUES ('760', 'Ida', '1111', TRUE, 'support;sales:3'), ('761', 'Jon', '1111', FALSE, NULL)")
	s := start(t, testConfig(func(c *Config) {
		c.Databases = []DatabaseConfig{{Driver: "sqlite", Source: access.Secret(path),
			Query: "SELECT number AS extension, who AS name, secret AS pin, active AS enabled, groups AS queues FROM people"}}
	}), plugintest.Options{Host: host.Options{Clock: clock}})
	want(t, s.admin, login("760", "1111", "101"), "Response: Success", "UserName: Ida", "Queues: support,sales:3")
	want(t, s.admin, login("761", "1111", "102"), "Code: user_disabled")
	do("UPDATE people SET active = TRUE")
	want(t, s.admin, login("761", "1111", "102"), "Response: Success", "UserName: Jon")
	do("ALTER TABLE people RENAME TO elsewhere")
	want(t, s.admin, login("760", "1111", "103"), "Response: Success") // those there were stay
	if !strings.Contains(s.log.String(), "users cannot be read") {
		t.Error("it is not logged")
	}
}
