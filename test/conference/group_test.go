package conference_test

import (
	"database/sql"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/astproxy/astproxy/access"
	"github.com/astproxy/astproxy/ami"
	"github.com/astproxy/astproxy/plugins/groupcall"
	"github.com/astproxy/astproxy/plugins/host"
	"github.com/astproxy/astproxy/proxy/proxytest"
	"github.com/astproxy/astproxy/test/asterisk"
	"github.com/astproxy/astproxy/test/phones"
)

// members is a table of groups, as telephone systems have it.
func members(t *testing.T) (*sql.DB, host.Setup) {
	t.Helper()
	path := filepath.Join(t.TempDir(), "groups.db")
	db, err := sql.Open("sqlite", path)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { db.Close() })
	execute(t, db, "CREATE TABLE members (groupnumber TEXT, number TEXT, name TEXT, description TEXT)")
	c := groupcall.DefaultConfig()
	c.Timeout = 4 * time.Second
	c.Databases = []groupcall.DatabaseConfig{{
		Driver: "sqlite", Source: access.Secret(path), Query: "SELECT number, name, description FROM members WHERE groupnumber = ?",
	}}
	return db, host.Setup{Kind: groupcall.Kind, Config: c}
}

func execute(t *testing.T, db *sql.DB, statement string) {
	t.Helper()
	if _, err := db.ExecContext(t.Context(), statement); err != nil {
		t.Fatal(err)
	}
}

func TestStarAndAGroupsNumberCallsAllOfItAndTheCallerIsInAtOnce(t *testing.T) {
	t.Parallel()
	for _, version := range asterisk.Versions() {
		t.Run(version, func(t *testing.T) {
			a := asterisk.Start(t, version)
			db, setup := members(t)
			s := start(t, a, setup)
			phones.Start(t, a, phones.Answers(200*time.Millisecond).Speaking(), "101")
			phones.Start(t, a, phones.RingsForEver(), "102")
			phones.Start(t, a, phones.IsBusy(), "103")
			// A member that is twice in it, and the caller himself.
			execute(t, db, `INSERT INTO members VALUES ('600', ' 101 ', 'Ann', 'desk'), ('600', '101', 'Ann', 'desk'), ('600', '102', 'Bob', 'desk'),
				('600', '103', 'Carla', ''), ('600', '4711', 'who calls', '')`)

			s.dial(t, "4711", "quiet", "*600")
			s.joined("4711", "4711")
			s.Next(func(m ami.Message) bool {
				return m.Event() == "ConfbridgeJoin" && strings.HasPrefix(m.Get("Channel"), "Local/101@default-")
			})
			complete := s.Event("GroupComplete")
			if !proxytest.HasLines(complete, "Total: 3", "Joined: 1", "Busy: 1", "NoAnswer: 1") {
				t.Errorf("the group call has ended with %v", complete)
			}
			if m := s.Event("JobComplete", "JobAction: ConferenceCallGroup"); !proxytest.HasLines(m, "Status: done", "Conference: 4711", "Initiator: joined") {
				t.Errorf("the job has ended with %v", m)
			}
			if inside := s.inside("4711"); len(inside) != 2 {
				t.Errorf("in the conference are %v", inside)
			}

			// A row that was added counts, and who is in the conference is not called again.
			execute(t, db, `INSERT INTO members VALUES ('600', '1007', 'Dan', '')`)
			execute(t, db, `DELETE FROM members WHERE number IN ('102', '103')`)
			s.mustSucceed(t, "ConferenceCallGroup", "Group: 600", "Conference: 4711", "Wait: yes")
			if complete := s.Event("GroupComplete"); !proxytest.HasLines(complete, "Total: 1", "Joined: 1") {
				t.Errorf("the second group call has ended with %v", complete)
			}

			// A group that there is not keeps nobody in a conference.
			s.dial(t, "4712", "quiet", "*699")
			if m := s.Event("VarSet", "Variable: ASTPROXY_STATUS", "Uniqueid: phone-4712"); m.Get("Value") != "unknown_group" {
				t.Errorf("of no group the caller is told %v", m)
			}
			if m := s.Ask("ConferenceShow", "Conference: 4712"); m.Get("Code") != "no_such_conference" {
				t.Errorf("there is %v", m)
			}
		})
	}
}

func TestAGroupRingsNoMoreWhenWhoHasCalledItIsGone(t *testing.T) {
	t.Parallel()
	for _, version := range asterisk.Versions() {
		t.Run(version, func(t *testing.T) {
			db, setup := members(t)
			s := start(t, asterisk.Start(t, version), setup)
			execute(t, db, `INSERT INTO members VALUES ('600', '2001', '', ''), ('600', '2002', '', '')`)
			s.dial(t, "4711", "quiet", "*600")
			s.joined("4711", "4711")
			s.mustSucceed(t, "Hangup", "Channel: phone-4711")
			s.Event("GroupComplete", "Cancelled: 2")
			s.expectNoChannels(t)
		})
	}
}

// expectNoChannels waits until there are none.
func (s stage) expectNoChannels(t *testing.T) {
	t.Helper()
	for range 100 {
		if len(s.List("left", "CoreShowChannels")) == 2 {
			return
		}
		s.Event("Hangup") // one is in the list until then
	}
	t.Error("there are channels left")
}
