package asterisk

import (
	"io"
	"net"
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// timeout is for whatever an Asterisk answers at once.
const timeout = 20 * time.Second

// banners are what the versions say first.
var banners = map[string]string{
	"22": "Asterisk Call Manager/11.0.0",
	"16": "Asterisk Call Manager/5.0.4",
}

// manager opens a session of the user that may all, for the time of the test.
func manager(t *testing.T, s *Server) *session {
	t.Helper()
	opened, err := login(s.AMIAddress, s.Username, s.Secret, timeout)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { opened.Close() })
	return opened
}

// act sends an action that must succeed, and returns the response and the list.
func act(t *testing.T, with *session, action string, headers ...string) (message, []message) {
	t.Helper()
	response, items, err := with.act(action, headers...)
	if err != nil {
		t.Fatalf("%s: %v", action, err)
	}
	if response.get("Response") != "Success" {
		t.Fatalf("%s: %q", action, response)
	}
	return response, items
}

// forEachVersion runs the test with a freshly started Asterisk of each version.
func forEachVersion(t *testing.T, test func(t *testing.T, s *Server)) {
	for _, version := range Versions() {
		t.Run(version, func(t *testing.T) {
			t.Parallel()
			test(t, Start(t, version))
		})
	}
}

func TestVersionsRunSideBySideAndTwiceEach(t *testing.T) {
	var servers []*Server
	for range 2 {
		for _, version := range Versions() {
			begin := time.Now()
			servers = append(servers, Start(t, version))
			t.Logf("version %s was fully booted after %v", version, time.Since(begin).Round(time.Millisecond))
		}
	}
	for _, s := range servers {
		m := manager(t, s)
		if m.banner != banners[s.Version] {
			t.Errorf("version %s: banner %q, want %q", s.Version, m.banner, banners[s.Version])
		}
		if pong, _ := act(t, m, "Ping"); pong.get("Ping") != "Pong" {
			t.Errorf("version %s: answer to Ping: %q", s.Version, pong)
		}
		settings, _ := act(t, m, "CoreSettings")
		if got := settings.get("AsteriskVersion"); !strings.HasPrefix(got, s.Version+".") {
			t.Errorf("version %s says that it is %s", s.Version, got)
		}
	}
}

func TestALocalCallIsPlaced(t *testing.T) {
	forEachVersion(t, func(t *testing.T, s *Server) {
		m := manager(t, s)
		act(t, m, "Originate", "Async: true", "Channel: Local/1001@default", "Context: default", "Exten: load", "Priority: 1")
		// They come in any order.
		missing := map[string]bool{"OriginateResponse": true, "Newchannel": true, "Cdr": true, "CEL": true}
		for len(missing) > 0 {
			event, err := m.message()
			if err != nil {
				t.Fatalf("%v missing: %v", missing, err)
			}
			name := event.get("Event")
			if name == "OriginateResponse" && (event.get("Response") != "Success" || event.get("Reason") != "4") {
				t.Errorf("%q", event)
			}
			delete(missing, name)
		}
	})
}

func TestBusyAndRingingExtensionsDoNotAnswer(t *testing.T) {
	forEachVersion(t, func(t *testing.T, s *Server) {
		m := manager(t, s)
		for extension, reason := range map[string]string{"3001": "5", "2001": "3", "ring": "3"} {
			act(t, m, "Originate", "Async: true", "Channel: Local/"+extension+"@default", "Context: default", "Exten: 1000", "Priority: 1", "Timeout: 500")
			placed, err := m.awaitEvent("OriginateResponse")
			if err != nil {
				t.Fatal(err)
			}
			if placed.get("Response") != "Failure" || placed.get("Reason") != reason {
				t.Errorf("%s: want reason %s: %q", extension, reason, placed)
			}
		}
	})
}

func TestListsHaveWhatIsConfigured(t *testing.T) {
	lists := []struct {
		action, header string
		want           []string
	}{
		{"VoicemailUsersList", "VoiceMailbox", []string{"101", "102", "103"}},
		{"QueueSummary", "Queue", []string{"support", "sales"}},
		{"PJSIPShowEndpoints", "ObjectName", endpoints()},
		{"ExtensionStateList", "Exten", endpoints()},
		{"ConfbridgeListRooms", "Conference", []string{"5234"}},
	}
	forEachVersion(t, func(t *testing.T, s *Server) {
		m := manager(t, s)
		act(t, m, "Originate", "Channel: Local/1002@default", "Application: ConfBridge", "Data: 5234")
		if _, err := m.awaitEvent("ConfbridgeJoin"); err != nil {
			t.Fatal(err)
		}
		for _, list := range lists {
			_, items := act(t, m, list.action)
			got := map[string]bool{}
			for _, item := range items {
				got[item.get(list.header)] = true
			}
			for _, want := range list.want {
				if !got[want] {
					t.Errorf("%s: no %s in %v", list.action, want, items)
				}
			}
			if len(items) != len(list.want) {
				t.Errorf("%s: %d items, want %d", list.action, len(items), len(list.want))
			}
		}
	})
}

// actionsOf22 and actionsOf16 are of modules that are easily lost by a change of
// the configuration, most of them by a file that is not there.
var actionsOf22 = []string{
	"AgentLogoff", "ConfbridgeList", "DeviceStateList", "FAXStats", "IAXnetstats", "JabberSend", "MailboxCount",
	"MixMonitor", "Park", "Parkinglots", "PJSIPNotify", "PJSIPShowContacts", "PresenceStateList", "QueueRule",
	"SorceryMemoryCacheStale", "VoicemailUserStatus", "VoicemailBoxSummary",
}

var actionsOf16 = []string{
	"AgentLogoff", "ConfbridgeList", "DeviceStateList", "FAXStats", "IAXnetstats", "JabberSend", "MailboxCount",
	"Monitor", "Park", "Parkinglots", "PJSIPNotify", "PJSIPShowContacts", "PresenceStateList", "QueueRule",
	"SIPpeers", "SorceryMemoryCacheStale", "VoicemailUserStatus",
}

func TestNoModuleIsMissing(t *testing.T) {
	want := map[string][]string{"22": actionsOf22, "16": actionsOf16}
	forEachVersion(t, func(t *testing.T, s *Server) {
		known, _ := act(t, manager(t, s), "ListCommands")
		for _, action := range want[s.Version] {
			if known.get(action) == "" {
				t.Errorf("action %s is unknown", action)
			}
		}
		log, err := os.ReadFile(s.logFile("messages"))
		if err != nil {
			t.Fatal(err)
		}
		if strings.Contains(string(log), "ERROR") {
			t.Errorf("it logs errors while it starts:\n%s", log)
		}
	})
}

func TestAKilledServerComesBackWhereItWas(t *testing.T) {
	forEachVersion(t, func(t *testing.T, s *Server) {
		before := manager(t, s)
		first := s.PID()

		s.Kill()
		if _, err := before.awaitEvent("Shutdown"); err == nil {
			t.Error("a crash was announced")
		}
		if conn, err := net.Dial("tcp", s.AMIAddress); err == nil {
			conn.Close()
			t.Error("the manager still accepts connections")
		}
		if !processIsGone(first) {
			t.Error("the process is still there")
		}

		s.Restart()
		if s.PID() == first {
			t.Error("the process is the same")
		}
		act(t, manager(t, s), "Ping")
	})
}

func TestAStopIsAnnounced(t *testing.T) {
	forEachVersion(t, func(t *testing.T, s *Server) {
		m := manager(t, s)
		act(t, m, "DBPut", "Family: test", "Key: kept", "Val: yes")

		s.Stop()
		if _, err := m.awaitEvent("Shutdown"); err != nil {
			t.Errorf("no event Shutdown: %v", err)
		}

		s.Restart()
		if got := s.CLI("database get test kept"); !strings.Contains(got, "Value: yes") {
			t.Errorf("the database was not kept: %q", got)
		}
	})
}

func TestTheLimitedUserIsLimited(t *testing.T) {
	forEachVersion(t, func(t *testing.T, s *Server) {
		m, err := login(s.AMIAddress, s.LimitedUsername, s.LimitedSecret, timeout)
		if err != nil {
			t.Fatal(err)
		}
		defer m.Close()
		act(t, m, "Originate", "Async: true", "Channel: Local/1001@default", "Context: default", "Exten: 1002", "Priority: 1")
		response, _, err := m.act("Command", "Command: core show uptime")
		if err != nil {
			t.Fatal(err)
		}
		if got := response.get("Message"); got != "Permission denied" {
			t.Errorf("answer to Command: %q", got)
		}
	})
}

func TestCommandLine(t *testing.T) {
	forEachVersion(t, func(t *testing.T, s *Server) {
		if got := s.CLI("core show version"); !strings.HasPrefix(got, "Asterisk "+s.Version+".") {
			t.Errorf("got %q", got)
		}
	})
}

func TestManagerOverHTTP(t *testing.T) {
	forEachVersion(t, func(t *testing.T, s *Server) {
		cookies, err := cookiejar.New(nil)
		if err != nil {
			t.Fatal(err)
		}
		client := &http.Client{Jar: cookies, Timeout: timeout}
		get := func(address string, parameters url.Values) string {
			t.Helper()
			response, err := client.Get("http://" + s.HTTPAddress + address + "?" + parameters.Encode())
			if err != nil {
				t.Fatal(err)
			}
			defer response.Body.Close()
			body, err := io.ReadAll(response.Body)
			if err != nil {
				t.Fatal(err)
			}
			return string(body)
		}
		get("/rawman", url.Values{"action": {"login"}, "username": {s.Username}, "secret": {s.Secret}})
		if got := get("/rawman", url.Values{"action": {"ping"}}); !strings.Contains(got, "Ping: Pong\r\n") {
			t.Errorf("/rawman: %q", got)
		}
		if got := get("/mxml", url.Values{"action": {"ping"}}); !strings.Contains(got, "ping='Pong'") {
			t.Errorf("/mxml: %q", got)
		}
	})
}

func TestSIPAnswersOverUDPAndTCP(t *testing.T) {
	forEachVersion(t, func(t *testing.T, s *Server) {
		for _, network := range []string{"udp", "tcp"} {
			conn, err := net.Dial(network, s.SIPAddress)
			if err != nil {
				t.Fatal(err)
			}
			defer conn.Close()
			conn.SetDeadline(time.Now().Add(timeout))
			from := conn.LocalAddr().String()
			io.WriteString(conn, strings.Join([]string{
				"OPTIONS sip:1001@" + s.SIPAddress + " SIP/2.0",
				"Via: SIP/2.0/" + strings.ToUpper(network) + " " + from + ";branch=z9hG4bK-1;rport",
				"From: <sip:101@" + from + ">;tag=1", "To: <sip:1001@" + s.SIPAddress + ">",
				"Call-ID: 1", "CSeq: 1 OPTIONS", "Max-Forwards: 70", "Content-Length: 0", "", "",
			}, "\r\n"))
			answer := make([]byte, 1500)
			n, err := conn.Read(answer)
			if err != nil {
				t.Fatalf("%s: %v", network, err)
			}
			if !strings.HasPrefix(string(answer[:n]), "SIP/2.0 ") {
				t.Errorf("%s: %q", network, answer[:n])
			}
		}
	})
}

func TestNothingIsLeftBehind(t *testing.T) {
	var s *Server
	t.Run("start", func(t *testing.T) { s = Start(t, Versions()[0]) })
	if s == nil {
		t.Skip("see the test inside")
	}
	if !processIsGone(s.PID()) {
		t.Error("the process is still there")
	}
	if _, err := os.Stat(filepath.Join(s.root, s.folder)); !os.IsNotExist(err) {
		t.Errorf("the folder is still there: %v", err)
	}
}
