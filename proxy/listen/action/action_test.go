package action_test

import (
	"io"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"testing"

	"github.com/astproxy/astproxy/access"
	"github.com/astproxy/astproxy/ami"
	"github.com/astproxy/astproxy/formats"
	"github.com/astproxy/astproxy/proxy/listen"
	"github.com/astproxy/astproxy/proxy/proxytest"
	"github.com/astproxy/astproxy/sim"
	"github.com/astproxy/astproxy/sim/simtest"
	"github.com/astproxy/astproxy/upstream"
)

// stage is a proxy with an HTTP door, and the Asterisk behind it.
type stage struct {
	*proxytest.Proxy
	asterisk *sim.Server
	client   *http.Client
	t        *testing.T
}

func start(t *testing.T, change ...func(*proxytest.Options)) *stage {
	t.Helper()
	asterisk := simtest.Start(t, sim.Config{})
	o := proxytest.Options{Servers: []upstream.Config{proxytest.Server("pbx1", asterisk.Addr(), "astproxy", "secret")}}
	for _, f := range change {
		f(&o)
	}
	p := proxytest.Start(t, o)
	transport := &http.Transport{}
	t.Cleanup(transport.CloseIdleConnections)
	p.Up(t, "pbx1")
	return &stage{p, asterisk, &http.Client{Transport: transport}, t}
}

// reply is what came back.
type reply struct {
	status int
	header http.Header
	body   string
}

// do sends a request with the test user's name and secret by Basic, unless it has an Authorization.
func (s *stage) do(r *http.Request) reply {
	s.t.Helper()
	if r.Header.Get("Authorization") == "" {
		r.SetBasicAuth("user", proxytest.Secret)
	}
	return s.send(r)
}

// send sends a request as it is.
func (s *stage) send(r *http.Request) reply {
	s.t.Helper()
	answer, err := s.client.Do(r)
	if err != nil {
		s.t.Error(err)
		return reply{}
	}
	defer answer.Body.Close()
	body, err := io.ReadAll(answer.Body)
	if err != nil {
		s.t.Error(err)
	}
	return reply{answer.StatusCode, answer.Header, string(body)}
}

// request makes one; headers are name and value in turn.
func (s *stage) request(method, path, body string, headers ...string) *http.Request {
	s.t.Helper()
	r, err := http.NewRequestWithContext(s.t.Context(), method, s.URL+path, strings.NewReader(body))
	if err != nil {
		s.t.Fatal(err)
	}
	for i := 0; i < len(headers); i += 2 {
		r.Header.Set(headers[i], headers[i+1])
	}
	return r
}

func (s *stage) get(path string, headers ...string) reply {
	s.t.Helper()
	return s.do(s.request(http.MethodGet, path, "", headers...))
}

// messages reads an answer in AMI's own text.
func messages(t *testing.T, r reply) (all []ami.Message) {
	t.Helper()
	reader := ami.NewReplyReader(strings.NewReader(r.body), ami.ReplyLimits)
	for {
		m, err := reader.Read()
		if err != nil {
			return all
		}
		all = append(all, m)
	}
}

// The predecessor's answer to the same request, from its recording, with its time and name.
const recordedPing = "<AsteriskManagerOutput>\r\n" +
	" <Response Value=\"Success\"/>\r\n" +
	" <ActionID Value=\"Foo\"/>\r\n" +
	" <Ping Value=\"Pong\"/>\r\n" +
	" <Timestamp Value=\"T\"/>\r\n" +
	" <Server Value=\"pbx1\"/>\r\n" +
	"</AsteriskManagerOutput>\r\n\r\n"

var timestamp = regexp.MustCompile(`[0-9]+\.[0-9]{6}`)

func TestAPingIsAnsweredAsThePredecessorDid(t *testing.T) {
	s := start(t)
	form := "application/x-www-form-urlencoded"
	for name, r := range map[string]*http.Request{
		"GET":                                  s.request("GET", "/?Action=Ping&ActionID=Foo", ""),
		"POST of a form":                       s.request("POST", "/", "Action=Ping&ActionID=Foo", "Content-Type", form),
		"POST of a form that says its charset": s.request("POST", "/", "Action=Ping&ActionID=Foo", "Content-Type", form+"; charset=UTF-8"),
		"POST without a type":                  s.request("POST", "/", "Action=Ping&ActionID=Foo"),
		"POST of half a form":                  s.request("POST", "/?Action=Ping", "ActionID=Foo", "Content-Type", form),
		"POST of JSON":                         s.request("POST", "/", `{"Action":"Ping","ActionID":"Foo"}`, "Content-Type", "application/json"),
		"POST of half JSON":                    s.request("POST", "/?ActionID=Foo", `{"Action":"Ping"}`, "Content-Type", "application/json"),
		"POST of XML": s.request("POST", "/", `<AsteriskManagerInput><Action Value="Ping"/><ActionID Value="Foo"/></AsteriskManagerInput>`,
			"Content-Type", "text/xml"),
		"POST without a body": s.request("POST", "/?Action=Ping&ActionID=Foo", ""),
		"a server named":      s.request("GET", "/?Action=Ping&ActionID=Foo&Server=PBX1", ""),
	} {
		got := s.do(r)
		if body := timestamp.ReplaceAllString(got.body, "T"); got.status != 200 || body != recordedPing || got.header.Get("Content-Type") != "text/xml" {
			t.Errorf("%s: %d %v\n%s", name, got.status, got.header, body)
		}
	}
}

func TestARequestShowsWhoItIsFrom(t *testing.T) {
	s := start(t)
	right := url.Values{"Username": {"user"}, "Secret": {proxytest.Secret}}.Encode()
	const wrongSecret = "&format=standard&Username=user&Secret=wrong"
	for name, c := range map[string]struct {
		query, header string
		status        int
		want          string
	}{
		"Username and Secret":       {"Action=Ping&format=standard&" + right, "", 200, "Ping: Pong"},
		"Login":                     {"Action=Login&format=standard&ActionID=1&" + right, "", 200, "Response: Success\r\nActionID: 1\r\nMessage: Authentication accepted\r\n\r\n"},
		"Login with a wrong secret": {"Action=Login&ActionID=1" + wrongSecret, "", 401, "Response: Error\r\nActionID: 1\r\nMessage: Authentication failed\r\n\r\n"},
		"a wrong secret":            {"Action=Ping" + wrongSecret, "", 401, "Message: Authentication failed"},
		"an unknown user":           {"Action=Ping&format=standard&Username=nobody&Secret=x", "", 401, "Message: Authentication failed"},
		"Username alone":            {"Action=Ping&format=standard&Username=user", "", 401, "Message: Authentication failed"},
		"nothing":                   {"Action=Ping&format=standard", "", 401, "Message: log in by"},
		"wrong Basic":               {"Action=Ping&format=standard", "Basic dXNlcjp3cm9uZw==", 401, "Message: Authentication failed"},
		"a scheme nobody knows":     {"Action=Ping&format=standard", "Negotiate x", 401, "Message: log in by"},
	} {
		r := s.request("GET", "/?"+c.query, "")
		if c.header != "" {
			r.Header.Set("Authorization", c.header)
		}
		got := s.send(r)
		if got.status != c.status || !strings.Contains(got.body, c.want) {
			t.Errorf("%s: %d\n%s", name, got.status, got.body)
		}
		if asks := got.header.Get("WWW-Authenticate") != ""; asks != (c.status == 401) {
			t.Errorf("%s: WWW-Authenticate: %q", name, got.header.Get("WWW-Authenticate"))
		}
	}
}

//astproxy:attack
func TestAPageOfAnotherSiteStartsNothingWithItsVisitorsLogin(t *testing.T) {
	s := start(t)
	listener := s.Login(t, "user")
	for _, method := range []string{"GET", "POST"} {
		r := s.request(method, "/?Action=UserEvent&UserEvent=Hello&format=standard", "", "Sec-Fetch-Site", "cross-site", "Origin", "https://evil.example")
		got := s.do(r)
		if got.status != http.StatusForbidden || !strings.Contains(got.body, "Response: Error") {
			t.Errorf("%s: %d %s", method, got.status, got.body)
		}
		r.Header.Del("Authorization")
		nobody := s.send(r)
		if nobody.status != http.StatusUnauthorized || got.header.Get("WWW-Authenticate")+nobody.header.Get("WWW-Authenticate") != "" {
			t.Errorf("%s: the visitor is asked for a login: %d %v", method, nobody.status, nobody.header)
		}
	}
	for _, m := range listener.Settle() {
		if m.Event() == "UserEvent" {
			t.Errorf("this was sent: %s", m)
		}
	}
}

func TestTheFormatIsTheRequestsTheUsersOrTheListeners(t *testing.T) {
	s := start(t, func(o *proxytest.Options) {
		o.HTTP.Format = formats.XML{Legacy: true}
		o.Users = []access.UserConfig{proxytest.User(), proxytest.User(proxytest.Named("table"), func(u *access.UserConfig) { u.Format = "csv" })}
	})
	const browser = "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"
	for _, c := range []struct {
		user, query, accept string
		want                string // media type
	}{
		{"user", "", "", "text/xml"},
		{"user", "", "*/*", "text/xml"},
		{"user", "", browser, "text/xml"},
		{"user", "", "image/png", "text/xml"},
		{"user", "", "application/json", "application/json"},
		{"user", "", "text/csv;q=0.5, Application/JSON ; q=0.7", "application/json"},
		{"user", "", "application/json;q=0, text/csv;q=0.1", "text/csv; charset=utf-8; header=present"},
		{"user", "", "application/json;q=2, text/plain;q=0.1", "text/plain"},
		{"user", "&format=JSON", "text/csv", "application/json"},
		{"user", "&format=standard", "", "text/plain"},
		{"user", "&format=mxml", "", "text/xml"},
		{"table", "", "", "text/csv; charset=utf-8; header=present"},
		{"table", "", "*/*", "text/csv; charset=utf-8; header=present"},
		{"table", "", "application/json", "application/json"},
		{"table", "&format=xml", "", "text/xml"},
	} {
		r := s.request("GET", "/?Action=Command&Command=core+show+uptime"+c.query, "")
		if c.accept != "" {
			r.Header.Set("Accept", c.accept)
		}
		r.SetBasicAuth(c.user, proxytest.Secret)
		got := s.send(r)
		if got.status != 200 || got.header.Get("Content-Type") != c.want {
			t.Errorf("%s, %q, Accept %q: %d %s, want %s", c.user, c.query, c.accept, got.status, got.header.Get("Content-Type"), c.want)
		}
		if legacy := strings.Contains(got.body, "UnparsedText"); legacy != (c.want == "text/xml" && c.query == "") {
			t.Errorf("%s, %q, Accept %q:\n%s", c.user, c.query, c.accept, got.body)
		}
	}
}

func TestAListComesBackWhole(t *testing.T) {
	s := start(t)
	all := messages(t, s.get("/?Action=QueueSummary&ActionID=a&format=standard"))
	if len(all) != 4 || all[1].Get("Queue") != "support" || all[2].Get("Queue") != "sales" || !all[3].ClosesList() {
		t.Errorf("got %q", all)
	}
	for _, m := range all {
		if m.ActionID() != "a" || m.Get("Server") != "pbx1" {
			t.Errorf("got %s", m)
		}
	}
}

func TestAnActionsOwnErrorIsAnAnswer(t *testing.T) {
	s := start(t, func(o *proxytest.Options) {
		o.Users = []access.UserConfig{proxytest.User(), proxytest.User(proxytest.Named("nobody"), proxytest.May(nil, nil))}
	})
	for query, want := range map[string]string{
		"Action=NoSuch":                     "Message: Invalid/unknown command: NoSuch. Use Action: ListCommands to show available commands.",
		"Action=Command&Command=x":          "Message: Permission denied",
		"Action=Ping&Server=elsewhere":      "Message: There is no server called elsewhere",
		"Action=Events&EventMask=on":        "Message: Events is about a connection that stays, which this is not",
		"ProxyAction=ListSessions":          "ProxyResponse: Error",
		"ProxyAction=SetOutputFormat":       "Message: SetOutputFormat is about a connection that stays, which this is not",
		"Action=Logoff&ActionID=7":          "Response: Goodbye\r\nActionID: 7\r\nMessage: Thanks for all the fish.",
		"ProxyAction=Logoff":                "Response: Goodbye\r\nMessage: Thanks for all the fish.",
		"Action=Login&ActionID=7":           "Message: Authentication accepted",
		"Action=DBGet&Family=none&Key=none": "Message: Permission denied",
		"Action=Challenge&AuthType=MD5":     "Message: Challenge is about a connection that stays, which this is not",
	} {
		r := s.request("GET", "/?format=standard&"+query, "")
		r.SetBasicAuth("nobody", proxytest.Secret)
		got := s.send(r)
		if got.status != 200 || !strings.Contains(got.body, want) {
			t.Errorf("%s: %d\n%s", query, got.status, got.body)
		}
	}
}

func TestTheDoorsOwnNamesNeverReachAsterisk(t *testing.T) {
	s := start(t)
	listener := s.Login(t, "user")
	query := url.Values{
		"Action": {"UserEvent"}, "UserEvent": {"Hello"}, "format": {"json"}, "Format": {"wav"},
		"username": {"user"}, "SECRET": {proxytest.Secret},
		"X-Until-Event": {"UserEvent"}, "x-maxtime": {"60000"}, "X-Mine": {"1"},
	}
	if got := s.get("/?" + query.Encode()); got.status != 200 || !strings.Contains(got.body, `"X-Mine":"1"`) {
		t.Errorf("%d %s", got.status, got.body)
	}
	event := listener.Event("UserEvent")
	for _, name := range []string{"Username", "Secret", "X-Until-Event", "X-Maxtime"} {
		if event.Has(name) {
			t.Errorf("%s is in %s", name, event)
		}
	}
	if event.Get("Format") != "wav" || strings.Contains(event.Raw(), "json") {
		t.Errorf("format is not Format: %s", event)
	}
}

//astproxy:attack
func TestWhatIsNoActionIsRefusedAndSentNowhere(t *testing.T) {
	s := start(t, func(o *proxytest.Options) { o.HTTP.Format = formats.Standard{} })
	listener := s.Login(t, "user")
	const hello = "Action=UserEvent&UserEvent=Hello"
	const form, json, xml = "application/x-www-form-urlencoded", "application/json", "text/xml"
	for name, c := range map[string]struct {
		method, query, kind, body string
		status                    int
		want                      string
	}{
		"nothing":                       {"GET", "", "", "", 400, "Missing action in request: it goes into the address, as in /?Action=Ping"},
		"an empty document":             {"POST", "", json, "{}", 400, "Missing action in request"},
		"no action":                     {"GET", "ActionID=1", "", "", 400, "ActionID: 1\r\nMessage: Missing action in request"},
		"CR LF in a value":              {"GET", hello + "&A=%0d%0aAction:%20Originate", "", "", 400, "which AMI cannot carry"},
		"LF in a value":                 {"GET", hello + "&A=%0aB:%20c", "", "", 400, "which AMI cannot carry"},
		"NUL in a value":                {"GET", hello + "&A=%00", "", "", 400, "which AMI cannot carry"},
		"LF in a name":                  {"GET", hello + "&A%0aB=c", "", "", 400, "which AMI cannot carry"},
		"a colon in a name":             {"GET", hello + "&A:%20b=c", "", "", 400, "not a header name"},
		"CR LF in the action":           {"GET", "Action=UserEvent%0d%0aUserEvent:%20x", "", "", 400, "which AMI cannot carry"},
		"CR LF in the ActionID":         {"GET", hello + "&ActionID=1%0d%0a", "", "", 400, "which AMI cannot carry"},
		"what is not UTF-8":             {"GET", hello + "&A=%ff", "", "", 400, "not UTF-8"},
		"what is not URL-encoded":       {"GET", hello + "&A=%zz", "", "", 400, "not URL-encoded"},
		"1,000 parameters":              {"GET", hello + strings.Repeat("&a=b", 1000), "", "", 400, "Too many lines"},
		"a long value":                  {"GET", hello + "&A=" + strings.Repeat("x", 1100), "", "", 400, "line too long"},
		"an unknown format":             {"GET", hello + "&format=yaml", "", "", 400, "there are standard, json, xml"},
		"a time that is none":           {"GET", hello + "&X-Maxtime=soon", "", "", 400, "milliseconds"},
		"no time":                       {"GET", hello + "&X-Maxtime=0", "", "", 400, "milliseconds"},
		"CR LF in a form":               {"POST", "", form, hello + "&A=%0d%0aB:%20c", 400, "which AMI cannot carry"},
		"CR LF in JSON":                 {"POST", "", json, `{"Action":"UserEvent","UserEvent":"Hello","A":"\r\nB: c"}`, 400, "which AMI cannot carry"},
		"CR LF in XML":                  {"POST", "", xml, `<AsteriskManagerInput><Action Value="UserEvent"/><A Value="&#13;&#10;B: c"/></AsteriskManagerInput>`, 400, "which AMI cannot carry"},
		"1,000 in query and JSON":       {"POST", hello + strings.Repeat("&a=b", 100), json, `{"A":["` + strings.Repeat(`b","`, 100) + `"]}`, 400, "Too many lines"},
		"broken JSON":                   {"POST", "", json, `{"Action":"UserEvent"`, 400, "unexpected"},
		"nested JSON":                   {"POST", "", json, strings.Repeat(`{"a":`, 10000), 400, "invalid JSON"},
		"an entity bomb":                {"POST", "", xml, `<!DOCTYPE x [<!ENTITY a "aaa"><!ENTITY b "&a;&a;">]><AsteriskManagerInput/>`, 400, "DOCTYPE"},
		"an external entity":            {"POST", "", xml, `<!DOCTYPE x [<!ENTITY a SYSTEM "file:///etc/passwd">]><AsteriskManagerInput/>`, 400, "DOCTYPE"},
		"a long body":                   {"POST", "", form, hello + "&A=" + strings.Repeat("x", 1<<20), 413, "longer than"},
		"an unknown type":               {"POST", "", "multipart/form-data; boundary=x", hello, 415, "application/json"},
		"a type a page may send":        {"POST", "", "text/plain", hello, 415, "application/json"},
		"a broken type":                 {"POST", "", "; ;", hello, 415, "application/json"},
		"another charset":               {"POST", "", form + "; charset=iso-8859-1", hello, 415, "in UTF-8"},
		"a put":                         {"PUT", hello, "", "", 405, "GET and POST"},
		"a delete":                      {"DELETE", hello, "", "", 405, "GET and POST"},
		"what asks for what there is":   {"OPTIONS", hello, "", "", 405, "GET and POST"},
		"a head":                        {"HEAD", hello, "", "", 405, ""},
		"a request no method is for":    {"ORIGINATE", hello, "", "", 405, "GET and POST"},
		"another path":                  {"GET", "", "", "", 404, ""},
		"markup in an unknown format":   {"GET", hello + "&format=%3Cscript%3E", "", "", 400, "there are"},
		"markup, answered in XML":       {"GET", "format=xml&%3Cb%3E:=1", "", "", 400, "not a header name"},
		"a secret that is no value":     {"GET", hello + "&Secret=hunter2%0a", "", "", 400, "the value of \"Secret\""},
		"more than one is asked, badly": {"GET", "Action=&ActionID=2", "", "", 400, "Missing action"},
	} {
		path := "/?" + c.query
		if c.status == 404 {
			path = "/nowhere"
		}
		r := s.request(c.method, path, c.body)
		if c.kind != "" {
			r.Header.Set("Content-Type", c.kind)
		}
		got := s.do(r)
		if got.status != c.status || !strings.Contains(got.body, c.want) || strings.Contains(got.body, "hunter2") || strings.Contains(got.body, "<script") {
			t.Errorf("%s: %d\n%s\nwant %d %s", name, got.status, got.body, c.status, c.want)
		}
		if allowed := got.header.Get("Allow"); (allowed == "GET, POST") != (c.status == 405) {
			t.Errorf("%s: Allow is %q", name, allowed)
		}
	}
	for _, m := range listener.Settle() {
		if m.Event() == "UserEvent" {
			t.Errorf("this was sent: %s", m)
		}
	}
}

func TestTheHTTPDoorIsXMLUnlessItIsSaid(t *testing.T) {
	s := start(t, func(o *proxytest.Options) { o.HTTP = listen.HTTPConfig{} })
	if got := s.get("/"); got.status != 400 || !strings.HasPrefix(got.body, "<AsteriskManagerProxyOutput>") {
		t.Errorf("%d %s", got.status, got.body)
	}
}

func TestABadBodyIsToldInTheFormatThatTheAddressNames(t *testing.T) {
	s := start(t)
	for body, kind := range map[string]string{
		`{"Action":`:               "application/json",
		`{}`:                       "application/json",
		`{"Action": "a\ud800"}`:    "application/json",
		`<AsteriskManagerInput`:    "text/xml",
		"Action=%zz":               "application/x-www-form-urlencoded",
		"x":                        "image/png",
		strings.Repeat(" ", 1<<20): "application/json",
	} {
		got := s.do(s.request("POST", "/?format=json&ActionID=7", body, "Content-Type", kind))
		if got.status < 400 || got.header.Get("Content-Type") != "application/json" || !strings.Contains(got.body, `"ActionID":"7"`) {
			t.Errorf("%.40q: %d %.200s", body, got.status, got.body)
		}
	}
}
