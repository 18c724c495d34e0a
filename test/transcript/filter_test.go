package transcript_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
)

// clientFilters are what clients say as Filter, each as "criteria | expression"; one client says all of a
// row. What has criteria is for Asterisks with today's grammar.
var clientFilters = [][]string{
	{},
	// The older form looks at the whole event, and where it begins and ends.
	{" | DeviceStateChange"},
	{" | !DeviceStateChange"},
	{" | devicestatechange"},
	{" | ^Event: UserEvent"},
	{" | ^UserEvent"},
	{" | .*^UserEvent: beta"},
	{" | UserEvent: (alpha|gamma)"},
	{" | UserEvent: alpha$"},
	{" | UserEvent: alpha."},
	{" | Number: 1[0-9]{2}[^0-9]"},
	{" | Number: [[:digit:]]+\\s"},
	{" | Number: 1..."},
	{" | \\s{4}$"},
	{" | Name: J.rg"},
	{" | Name: Jörg"},
	{" | Name: H.ns"},
	{" | Name: H[^a]ns"},
	{" | Name: .*ns"},
	{" | Name: J[[:alpha:]]rg"},
	{" | \\bAnn\\b"},
	{" | \\<Ann\\>"},
	{" | Number: 1.*Number: 2"},
	{" | alpha", " | beta"},
	{" | !alpha", " | !beta"},
	{" | alpha", " | !Number: 100"},
	{" | !Number: 100", " | alpha"},
	{" | alpha", " | !alpha"},
	{" | !!alpha"},
	{" | ."},
	{" | !."},
	{" |  alpha"},
	// What is wrong; the events then come as if it had not been said.
	{" | "},
	{" | !"},
	{" | *"},
	{" | ("},
	{" | ["},
	{" | a{2,1}"},
	{" | [a-é]"},
	{" | [[:letter:]]"},
	{" | alpha", " | ("},
	// Today's grammar.
	{"name(UserEvent) | "},
	{"name(userevent) | "},
	{"name(UserEven) | "},
	{"name(UserEvent) | !"},
	{"action(exclude),name(UserEvent) | "},
	{"action(include),name(UserEvent),method(contains) | !alpha"},
	{"header(Number) | "},
	{"header(number) | "},
	{"header(Num) | "},
	{"header(Number:) | "},
	{"header(Empty) | "},
	{"header(Empty),method(regex) | .*"},
	{"header(Number),method(exact) | 100"},
	{"header(Number),method(exact) | 200"},
	{"header(Number),method(exact) | 10"},
	{"header(Number),method(starts_with) | 10"},
	{"header(Number),method(ends_with) | 00"},
	{"header(Number),method(contains) | 0"},
	{"header(Number),method(regex) | ^[12]0+$"},
	{"header(Name),method(regex) | ^.{4}$"},
	{"header(Name),method(exact) | Ann "},
	{"method(contains) | UserEvent: al"},
	{"method(starts_with) | Event: Device"},
	{"method(ends_with) | 200"},
	{"name(UserEvent),header(UserEvent),method(exact) | beta"},
	{"name(DeviceStateChange),header(State),method(exact) | INUSE"},
	{"method(exact),header(UserEvent),name(UserEvent) | beta"},
	{"name(UserEvent),method(contains) | alpha", "name(UserEvent),method(contains) | !100"},
	{"name(DeviceStateChange) | ", "name(UserEvent),header(Number) | "},
	{"name(Nobody),name(UserEvent) | "},
	{" name(UserEvent) , header(Number) | "},
	{"name(UserEvent)header(Number) | "},
	{"name(UserEvent | "},
	// And what is wrong with it.
	{"name() | "},
	{"name(UserEvent),method(regex) | "},
	{"name(UserEvent),method(none) | alpha"},
	{"name(UserEvent) | alpha"},
	{"name(UserEvent),method(equals) | alpha"},
	{"name(UserEvent),method(regex) | ("},
	{"action(keep),name(UserEvent) | "},
	{"method(none) | "},
	{"action(exclude) | "},
	{"user(UserEvent) | "},
	{"Name(UserEvent) | "},
	{"header() | "},
	{" , | alpha"},
}

// sameIn16 tells whether Asterisk 16 takes a filter as 22 does, which the proxy does always. 16 knows the
// older form alone, takes an empty one, and to its patterns all characters are bytes.
func sameIn16(filter string) bool {
	expression, older := strings.CutPrefix(filter, " | ")
	switch expression {
	case "", "!", "Name: J.rg", "Name: H.ns", "Name: H[^a]ns", "Name: .*ns", "Name: J[[:alpha:]]rg", "[a-é]":
		return false
	}
	return older
}

// filteredEvents are what happens when the filters are there.
var filteredEvents = [][]string{
	{"Action: UserEvent", "UserEvent: alpha", "Number: 100"},
	{"Action: UserEvent", "UserEvent: alpha", "Number: 200", "Name: Ann "},
	{"Action: UserEvent", "UserEvent: beta", "Number: 100", "Number: 200", "Empty:"},
	{"Action: UserEvent", "UserEvent: gamma", "Name: Jörg"},
	{"Action: UserEvent", "UserEvent: gamma", "Name: H\xe4ns"}, // no UTF-8
	{"Action: UserEvent", "UserEvent: gamma", "Name: Annette", "Number:    20"},
	{"Action: Command", "Command: devstate change Custom:filtered INUSE"},
}

// filtered has a client for every row say its filters, lets the events happen, and returns what each
// client was sent.
func filtered(t *testing.T, e endpoint, rows [][]string) []string {
	t.Helper()
	var clients []*session
	for range rows {
		clients = append(clients, open(t, e).login(t, e.asterisk.Username, e.asterisk.Secret, "call,user"))
	}
	transcripts := make([]string, len(rows))
	for i, row := range rows {
		for _, filter := range row {
			transcripts[i] += clients[i].ask(t, filterAction(filter))
		}
	}
	return shown(t, e, clients, transcripts)
}

// shown lets the events happen and returns what each client was sent, behind what it was before.
func shown(t *testing.T, e endpoint, clients []*session, transcripts []string) []string {
	t.Helper()
	unfiltered := open(t, e).login(t, e.asterisk.Username, e.asterisk.Secret, "call")
	for _, event := range filteredEvents {
		admin(t, e).ask(t, crlf(event...))
	}
	unfiltered.awaitEvent(t, "DeviceStateChange")
	for i, c := range clients {
		// Asterisk answers a Ping before events that came while it waited for it, but not the next.
		transcripts[i] += strings.Join(append(c.upToFence(t), c.upToFence(t)...), "")
	}
	return newNormaliser(e).messages(transcripts)
}

func filterAction(filter string) string {
	criteria, expression, _ := strings.Cut(filter, " | ")
	lines := []string{"Action: Filter", "Operation: Add", "Filter: " + expression}
	if criteria != "" {
		lines = append(lines, "MatchCriteria: "+criteria)
	}
	return crlf(lines...)
}

func TestFiltersShowTheEventsAsteriskWouldShow(t *testing.T) {
	forEachVersion(t, func(t *testing.T, version string) {
		rows := slices.DeleteFunc(slices.Clone(clientFilters), func(row []string) bool {
			return version == "16" && slices.ContainsFunc(row, func(filter string) bool { return !sameIn16(filter) })
		})
		direct, through := startBoth(t, version)
		wanted, got := filtered(t, direct, rows), filtered(t, through, rows)
		if count := strings.Count(wanted[0], "\r\n\r\n"); count != len(filteredEvents) {
			t.Fatalf("without filters %d events come:\n%s", count, wanted[0])
		}
		for i, row := range rows {
			wantSame(t, fmt.Sprintf("what a client with %q sees", row), wanted[i], got[i])
		}
	})
}

func TestTheActionFilterIsAnsweredAsByAsterisk(t *testing.T) {
	forEachVersion(t, func(t *testing.T, version string) {
		direct, through := startBoth(t, version)
		for _, lines := range [][]string{
			{"Filter: a"},
			{"Operation:", "Filter: a"},
			{"Operation: Remove", "Filter: a"},
			{"Operation: add", "Filter: a", "ActionID: 1"},
			{"Operation: Add", "Filter: a", "Filter: ("},
		} {
			action := crlf(append([]string{"Action: Filter"}, lines...)...)
			wantSame(t, "the answer to "+action, admin(t, direct).ask(t, action), newNormaliser(through).text(admin(t, through).ask(t, action)))
		}
		for _, user := range []string{"caller", "system", "nobody"} {
			action := crlf("Action: Filter", "Operation: Add", "Filter: a")
			ask := func(e endpoint) string {
				return open(t, e).login(t, user, "secret-of-"+user, "off").ask(t, action)
			}
			wantSame(t, "the answer to "+user, ask(direct), ask(through))
		}
	})
}
