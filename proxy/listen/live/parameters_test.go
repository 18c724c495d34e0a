package live_test

import (
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/astproxy/astproxy/proxy/proxytest"
)

func TestTheAddressNarrowsTheEvents(t *testing.T) {
	p := startProxy(t)
	for name, parameters := range map[string][]string{
		"events":      {"events", "UserEvent,Hangup"},
		"mask":        {"mask", "user,cdr"},
		"eventfilter": {"eventfilter(name(UserEvent),header(UserEvent),method(starts_with))", "He"},
		"pattern":     {"eventfilter", "^Event: UserEvent"},
		"not these": {"eventfilter(action(exclude),header(Channel),method(starts_with))", "Local", "eventfilter", "!Event: (DeviceStateChange|Cdr|CEL|FullyBooted|SuccessfulAuth|Dial|Bridge|Originate)",
			"eventfilter", "!Uniqueid:"},
	} {
		t.Run(name, func(t *testing.T) {
			c := dial(t, p, "ami.json", parameters...)
			s := listen(t, p, "", parameters...)
			c.next("Event", "ProxyPosition")
			s.next("Event", "ProxyPosition")
			other := p.Login(t, "user")
			other.Send("Originate", "Channel: Local/1001@default", "Application: Wait", "Data: 1", "Async: true")
			other.Event("Newchannel")
			other.Ask("UserEvent", "UserEvent: Hello")
			for name, o := range map[string]object{"/ws": c.read(), "/events": s.next()} {
				if !o.has("Event", "UserEvent", "UserEvent", "Hello") {
					t.Errorf("the first event at %s is %v", name, o)
				}
			}
		})
	}
}

//astproxy:attack
func TestWhatIsWrongWithAnAddressIsTold(t *testing.T) {
	p := startProxy(t)
	for query, want := range map[string]string{
		"since=7":                         "EPOCH-NUMBER",
		"since=a-1&since=a-2":             "2 times",
		"mask=cal":                        "no class",
		"mask=":                           "no class",
		"events=":                         "no name",
		"events=New(channel":              "no name",
		"sequence=perhaps":                "true or false",
		"evnets=Hangup":                   "none of that name",
		"eventfilter=":                    "formatted incorrectly",
		"eventfilter=[":                   "did not compile",
		"eventfilter()=x":                 "CRITERIA",
		"eventfilters=x":                  "CRITERIA",
		"eventfilter(action(perhaps))=x":  "include or exclude",
		"events=Hang%0d%0aup":             "CR, LF, NUL",
		"eventfilter=a%00b":               "CR, LF, NUL",
		"eve%0ants=Hangup":                "CR, LF, NUL",
		"events=%ff":                      "not UTF-8",
		"events=%zz":                      "cannot be read",
		"events=a;b":                      "cannot be read",
		strings.Repeat("events=a&", 1000): "more than 128 parameters",
		"events=" + numbered(100):         "more than 64 filters",
		url.Values{"mask": {"call"}, "x": {"<script>"}}.Encode(): "none of that name",
	} {
		for _, way := range []string{"/ws", "/events"} {
			var response *http.Response
			if way == "/ws" {
				response = rawSocket(t, p, way+"?"+query, basic(proxytest.Secret), "").response
			} else {
				request, err := http.NewRequest(http.MethodGet, p.URL+way+"?"+query, nil)
				if err != nil {
					t.Fatal(err)
				}
				request.Header = basic(proxytest.Secret)
				response = rawRequest(t, p, request).response
			}
			text := make([]byte, 1000)
			n, _ := response.Body.Read(text)
			if response.StatusCode != http.StatusBadRequest || !strings.Contains(string(text[:n]), want) || !strings.HasPrefix(response.Header.Get("Content-Type"), "text/plain") {
				t.Errorf("%s?%.60s: %s %s", way, query, response.Status, text[:n])
			}
		}
	}
}

func numbered(n int) string {
	var names []string
	for i := range n {
		names = append(names, "A"+strings.Repeat("b", i))
	}
	return strings.Join(names, ",")
}

func TestTheEventsCanBeLookedAtBeforeTheyAreRead(t *testing.T) {
	p := startProxy(t)
	request, err := http.NewRequest(http.MethodHead, p.URL+"/events", nil)
	if err != nil {
		t.Fatal(err)
	}
	request.Header = basic(proxytest.Secret)
	r := rawRequest(t, p, request)
	if r.response.StatusCode != http.StatusOK || r.response.Header.Get("Content-Type") != "text/event-stream" {
		t.Errorf("HEAD is answered with %s %v", r.response.Status, r.response.Header)
	}
	request.Method = http.MethodPost
	if response := rawRequest(t, p, request).response; response.StatusCode != http.StatusMethodNotAllowed || response.Header.Get("Allow") != "GET, HEAD" {
		t.Errorf("POST is answered with %s %v", response.Status, response.Header)
	}
	response, err := http.Get(p.URL + "/ws")
	if err != nil {
		t.Fatal(err)
	}
	response.Body.Close()
	if response.StatusCode != http.StatusUpgradeRequired {
		t.Errorf("/ws without an upgrade is answered with %s", response.Status)
	}
}

func TestAnOldClientGetsEventsUpToTheEndOfTheConnection(t *testing.T) {
	p := startProxy(t)
	s := listen(t, p, "")
	old := listenRaw(t, p, "GET /events?mask=user HTTP/1.0\r\nAuthorization: "+basic(proxytest.Secret).Get("Authorization")+"\r\n\r\n")
	if old.response.ProtoMinor != 0 || len(old.response.TransferEncoding) > 0 {
		t.Errorf("answered with %v", old.response)
	}
	s.next("Event", "ProxyPosition")
	old.next("Event", "ProxyPosition")
	p.Login(t, "user").Ask("UserEvent", "UserEvent: Hello")
	old.next("Event", "UserEvent")
	go p.Stop()
	for _, s := range []*eventStream{s, old} {
		for {
			if _, err := s.block(); err != nil {
				break
			}
		}
	}
}
