package migration_test

import (
	"strings"
	"testing"
)

// difference is a place where the answer is another one than astmanproxy's, and why.
type difference struct {
	why    string
	when   string // what was sent begins with this
	title  string // and the session is one whose title has this
	before string // what astmanproxy's answer has
	after  string // what ours has in its place
	used   bool
}

func (d *difference) apply(title, sent, answer string) string {
	if d.before == "" && answer != "" { // it is about there being none
		return answer
	}
	if !strings.HasPrefix(sent, d.when) || !strings.Contains(title, d.title) || !strings.Contains(answer, d.before) {
		return answer
	}
	d.used = true
	if d.before == "" {
		return d.after
	}
	return strings.ReplaceAll(answer, d.before, d.after)
}

// differences are all there are.
func differences() []*difference {
	return []*difference{
		{
			why:    "clients see the banner of the Asterisk behind, for some refuse one that they do not know",
			before: "Asterisk Call Manager Proxy/1.29", after: "Asterisk Call Manager/11.0.0",
		},
		{
			why:    "astmanproxy said Action Filtered to who had not logged in; here it is Asterisk's own text, with its headers in Asterisk's order",
			when:   "Action: Ping\nActionID: before-login",
			before: "Message: Action Filtered\nActionID: before-login", after: "ActionID: before-login\nMessage: Permission denied",
		},
		{
			why:    "FullyBooted comes only after a good login, and a login that failed ends the connection, as with Asterisk",
			when:   "Action: Login\nUsername: bench\nSecret: wrong",
			before: "\n\nEvent: FullyBooted\nPrivilege: system,all\nStatus: Fully Booted", after: "\n" + end,
		},
		{
			why:    "the headers are in Asterisk's order",
			when:   "Action: Login\nUsername: bench\nSecret: wrong",
			before: "Message: Authentication failed\nActionID: 0", after: "ActionID: 0\nMessage: Authentication failed",
		},
		{
			why:    "Events: off at the login counts, and FullyBooted is an event; astmanproxy took no notice of it",
			when:   "Action: Login\nUsername: bench\nSecret: bench\nEvents: off",
			before: "\n\nEvent: FullyBooted\nPrivilege: system,all\nStatus: Fully Booted", after: "",
		},
		{
			why:    "the headers are in Asterisk's order",
			when:   "Action: Login\nUsername: bench\nSecret: bench\nEvents: off",
			before: "Message: Authentication accepted\nActionID: 1", after: "ActionID: 1\nMessage: Authentication accepted",
		},
		{
			why:    "the list says more of each client, and ActionIDs are echoed",
			when:   "ProxyAction: ListSessions",
			before: "ProxyResponse: Success\n", after: "ProxyResponse: Success\nActionID: 5\n",
		},
		{
			why:    "likewise",
			when:   "ProxyAction: ListSessions",
			title:  "autofilter=unique", // which has shown its own prefix of ActionIDs
			before: "ProxyClientActionID: amp6-", after: "ProxyClientActionID: 4",
		},
		{
			why:    "a client is told by its port too, and its latest action is this one",
			when:   "ProxyAction: ListSessions",
			before: "ProxyClientSession: 127.0.0.1\nProxyClientActionID: 4\nProxyClientInputHandler: standard\nProxyClientOutputHandler: standard\n",
			after: "ProxyClientSession: 127.0.0.1:{port}\nProxyClientActionID: 5\nProxyClientInputHandler: standard\nProxyClientOutputHandler: standard\n" +
				"ProxyClientUser: bench\nProxyClientConnected: {number}\nProxyClientOutstanding: {number}\nProxyClientLag: {number}\nProxyClientUnread: {number}\n" +
				"ProxyClientDelivered: {number}\n",
		},
		{
			why:    "the list says whether a server is up",
			when:   "ProxyAction: ListServers",
			before: " E: on", after: " E: on S: up",
		},
		{
			why:    "there are more formats",
			when:   "ProxyAction: ListIOHandlers",
			before: "InputHandler: standard\nOutputHandler: standard", after: "InputHandler: standard\nOutputHandler: standard\nInputHandler: json\n" +
				"OutputHandler: json\nOutputHandler: xml-legacy\nOutputHandler: mxml\nOutputHandler: csv-legacy",
		},
		{
			why:    "Events: off at the login counts",
			when:   "Action: NoSuch",
			before: badFormat, after: "",
		},
		{
			why:    "the proxy knows what actions its Asterisk has, and answers in its stead",
			when:   "Action: NoSuch",
			before: "\nServer: 127.0.0.1", after: "",
		},
		{
			why:    "the headers are in Asterisk's order",
			when:   "Action: Challenge",
			before: `"Challenge: {number}", "ActionID: 11"`, after: `"ActionID: 11", "Challenge: {number}"`,
		},
		{
			why:    "the headers are in Asterisk's order",
			when:   "Action: Logoff",
			before: `"Message: Thanks for all the fish.", "ActionID: 12"`, after: `"ActionID: 12", "Message: Thanks for all the fish."`,
		},
		{
			why:   "a client that sends nothing is not known to want XML, and the banner is a line that it can skip",
			title: "xml in, xml out",
			after: "Asterisk Call Manager/11.0.0",
		},
		{
			why:    "FullyBooted is the Asterisk's own event, with all that it says",
			when:   "<AsteriskManagerInput>\n <Action Value=\"Login\"/>",
			before: "<AsteriskManagerProxyOutput>\n <Event Value=\"FullyBooted\"/>\n <Privilege Value=\"system,all\"/>\n <Status Value=\"Fully Booted\"/>\n</AsteriskManagerProxyOutput>",
			after: "<AsteriskManagerOutput>\n <Event Value=\"FullyBooted\"/>\n <Privilege Value=\"system,all\"/>\n <Uptime Value=\"{number}\"/>\n <LastReload Value=\"{number}\"/>\n" +
				" <Status Value=\"Fully Booted\"/>\n <Server Value=\"127.0.0.1\"/>\n</AsteriskManagerOutput>",
		},
		{
			why:    "the error says what is wrong",
			when:   "<bad>",
			before: "<ProxyResponse Value=\"Error\"/>\n <Message Value=\"Invalid XML Input\"/>",
			after:  "<Response Value=\"Error\"/>\n <UnparsedText Value=\"Message: invalid input: invalid XML: AsteriskManagerInput was expected, not &quot;bad&quot;\"/>",
		},
	}
}

// wantAllUsed fails the test for a row that nothing needs.
func wantAllUsed(t *testing.T, rows []*difference) {
	t.Helper()
	for _, d := range rows {
		if !d.used {
			t.Errorf("nothing differs any more in this: %q %q: %s", d.when, d.before, d.why)
		}
	}
}

// badFormat is the event of class security that tells of an unknown action.
const badFormat = "\n\nEvent: RequestBadFormat\nPrivilege: security,all\nEventTV: {time}\nSeverity: Error\nService: AMI\nEventVersion: 1\n" +
	"SessionID: {id}\nLocalAddress: {address}\nRemoteAddress: {address}\nRequestType: Action: NoSuch\nSessionTV: {time}\nAccountID: astproxy\nServer: 127.0.0.1"
