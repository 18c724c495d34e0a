package transcript_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/astproxy/astproxy/filters"
	"github.com/astproxy/astproxy/test/asterisk"
)

// managerConf is a row of clientFilters as lines of manager.conf; ok is false if one of them is wrong.
func managerConf(row []string) (lines []string, ok bool) {
	for _, filter := range row {
		criteria, expression, _ := strings.Cut(filter, " | ")
		line := "eventfilter = " + expression
		if criteria != "" {
			line = fmt.Sprintf("eventfilter(%s) = %s", criteria, expression)
		}
		if _, err := filters.ParseLine(line); err != nil {
			return nil, false
		}
		lines = append(lines, line)
	}
	return lines, true
}

// A user of astproxy with the eventfilters of one in manager.conf sees what that one would, and so does
// his client when it adds to them.
func TestEventfiltersOfTheConfigurationShowTheEventsAsteriskWouldShow(t *testing.T) {
	forEachVersion(t, func(t *testing.T, version string) {
		var users []asterisk.User
		for _, row := range clientFilters {
			lines, ok := managerConf(row)
			if !ok || version == "16" && slices.ContainsFunc(row, func(filter string) bool { return !sameIn16(filter) }) {
				continue
			}
			name := fmt.Sprint("filtered", len(users))
			users = append(users, asterisk.User{
				Name: name, Secret: "secret-of-" + name, Read: []string{"call", "user", "system"}, Write: []string{"system"}, EventFilters: lines,
			})
		}
		if len(users) < 20 {
			t.Fatalf("%d users", len(users))
		}
		direct, filtering := asterisk.Start(t, version), asterisk.Start(t, version)
		direct.AddUsers(users...)
		filtering.AddUsers(users...)
		wanted, got := seenByEach(t, directTo(direct), users), seenByEach(t, startProxy(t, filtering), users)
		if count := strings.Count(wanted[0], "\r\n\r\n"); count != len(filteredEvents)+1 {
			t.Fatalf("without filters %d messages come:\n%s", count, wanted[0])
		}
		for i, user := range users {
			wantSame(t, fmt.Sprintf("what who has %q sees", user.EventFilters), wanted[i], got[i])
		}
	})
}

// seenByEach is what each user is sent when he has added a filter to his own.
func seenByEach(t *testing.T, e endpoint, users []asterisk.User) []string {
	t.Helper()
	var clients []*session
	var transcripts []string
	for _, user := range users {
		c := open(t, e).login(t, user.Name, user.Secret, "call,user")
		clients = append(clients, c)
		transcripts = append(transcripts, c.ask(t, filterAction(" | !NoSuchEvent")))
	}
	return shown(t, e, clients, transcripts)
}
