package monitor_test

import (
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/http/httptest"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/prometheus/client_golang/prometheus/testutil/promlint"

	"github.com/astproxy/astproxy/access"
	"github.com/astproxy/astproxy/ami"
	"github.com/astproxy/astproxy/proxy/listen"
	"github.com/astproxy/astproxy/proxy/listen/login"
	"github.com/astproxy/astproxy/proxy/listen/monitor"
	"github.com/astproxy/astproxy/proxy/proxytest"
	"github.com/astproxy/astproxy/sim"
	"github.com/astproxy/astproxy/sim/simtest"
	"github.com/astproxy/astproxy/upstream"
)

// start runs a proxy whose HTTP listener everybody may watch.
func start(t *testing.T, servers ...upstream.Config) *proxytest.Proxy {
	t.Helper()
	return proxytest.Start(t, proxytest.Options{
		Servers: servers,
		Users:   []access.UserConfig{proxytest.User(), proxytest.User(proxytest.Named("watcher")), proxytest.User(proxytest.Named("nobody"), proxytest.May(nil, nil))},
		HTTP:    listen.HTTPConfig{Monitoring: monitor.Everybody},
	})
}

func asterisk(t *testing.T) (*sim.Server, upstream.Config) {
	t.Helper()
	s := simtest.Start(t, sim.Config{})
	return s, proxytest.Server("pbx1", s.Addr(), "astproxy", "secret")
}

func absent(t *testing.T, name string) upstream.Config {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	return proxytest.Server(name, l.Addr().String(), "astproxy", "secret")
}

func read(t *testing.T, url string) (status int, text string) {
	t.Helper()
	response, err := http.Get(url)
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	body, err := io.ReadAll(response.Body)
	if err != nil {
		t.Fatal(err)
	}
	return response.StatusCode, string(body)
}

// metrics are the proxy's own, by name and labels.
func metrics(t *testing.T, p *proxytest.Proxy) map[string]float64 {
	t.Helper()
	status, text := read(t, p.URL+"/metrics")
	if status != http.StatusOK {
		t.Fatalf("%d %s", status, text)
	}
	all := map[string]float64{}
	for line := range strings.Lines(text) {
		if !strings.HasPrefix(line, "astproxy_") {
			continue
		}
		name, value, _ := strings.Cut(strings.TrimSpace(line), " ")
		number, err := strconv.ParseFloat(value, 64)
		if err != nil {
			t.Errorf("%s: %v", line, err)
		}
		all[name] = number
	}
	return all
}

func TestMetricsTellOfServersAndClients(t *testing.T) {
	pbx, config := asterisk(t)
	p := start(t, config, absent(t, "down"))
	p.Up(t, "pbx1")
	watcher := p.Login(t, "watcher")
	watcher.Event("FullyBooted")
	pbx.Disconnect()
	watcher.Event("ProxyServerStatus", "Status: Disconnected")
	watcher.Event("ProxyServerStatus", "Status: Connected")
	wrong := p.Dial(t)
	wrong.Ask("Login", "Username: user", "Secret: wrong")
	got := metrics(t, p)
	for name, want := range map[string]float64{
		`astproxy_server_connected{server="pbx1"}`:         1,
		`astproxy_server_connected{server="down"}`:         0,
		`astproxy_server_connections_total{server="pbx1"}`: 2,
		`astproxy_server_connections_total{server="down"}`: 0,
		`astproxy_clients{user="watcher"}`:                 1,
		`astproxy_failed_logins_total`:                     1,
		`astproxy_events_dropped_total`:                    0,
		`astproxy_slow_clients_total`:                      0,
	} {
		if value, there := got[name]; !there || value != want {
			t.Errorf("%s is %v, want %v", name, value, want)
		}
	}
	for _, name := range []string{"astproxy_events_total", "astproxy_delivered_bytes_total", "astproxy_event_memory_bytes",
		`astproxy_view_readers{view="1"}`, `astproxy_view_events{view="1"}`, `astproxy_server_changed_timestamp_seconds{server="pbx1"}`} {
		if got[name] <= 0 {
			t.Errorf("%s is %v", name, got[name])
		}
	}
}

func TestAnActionThatIsNotAnsweredIsOutstanding(t *testing.T) {
	pbx, config := asterisk(t)
	p := start(t, config)
	p.Up(t, "pbx1")
	release := pbx.HoldReplies("DBGet")
	defer release()
	c := p.Login(t, "user", "Events: off")
	c.Send("DBGet", "ActionID: 1", "Family: a", "Key: b")
	if _, err := pbx.Await(t.Context(), func(m ami.Message) bool { return m.Action() == "DBGet" }); err != nil {
		t.Fatal(err)
	}
	const outstanding = `astproxy_server_outstanding_actions{server="pbx1"}`
	if got := metrics(t, p)[outstanding]; got != 1 {
		t.Errorf("%v are outstanding", got)
	}
	release()
	c.Response()
	if got := metrics(t, p)[outstanding]; got != 0 {
		t.Errorf("then %v are", got)
	}
}

// Clients choose their filters, and there may be thousands.
func TestFiltersMakeNoSeries(t *testing.T) {
	_, config := asterisk(t)
	p := start(t, config)
	p.Up(t, "pbx1")
	const clients = 25
	for i := range clients {
		c := p.Login(t, "user")
		if i > 0 {
			c.Ask("Filter", "ActionID: 1", "Operation: Add", fmt.Sprintf("Filter: Event: Secret%dX", i))
		}
	}
	var seen []string
	readers := 0.0
	got := metrics(t, p)
	for name, value := range got {
		if strings.HasPrefix(name, "astproxy_view_readers{") {
			seen = append(seen, name)
			readers += value
		}
		if strings.Contains(name, "Secret") {
			t.Errorf("%s shows a client's filter", name)
		}
	}
	if len(seen) != 11 || !slices.Contains(seen, `astproxy_view_readers{view="rest"}`) || readers < clients || got["astproxy_views"] != clients {
		t.Errorf("%v readers of %v views in %v", readers, got["astproxy_views"], seen)
	}
}

func TestTheMetricsAreNamedAsPrometheusWants(t *testing.T) {
	_, config := asterisk(t)
	p := start(t, config)
	p.Up(t, "pbx1")
	p.Login(t, "user")
	_, text := read(t, p.URL+"/metrics")
	problems, err := promlint.New(strings.NewReader(text)).Lint()
	if err != nil {
		t.Fatal(err)
	}
	for _, problem := range problems {
		if strings.HasPrefix(problem.Metric, "astproxy_") {
			t.Errorf("%s: %s", problem.Metric, problem.Text)
		}
	}
	for _, of := range []string{"go_goroutines ", "process_open_fds "} {
		if !strings.Contains(text, "\n"+of) {
			t.Errorf("there is no %s", of)
		}
	}
}

func TestReadyMeansThatAServerIsConnected(t *testing.T) {
	pbx, config := asterisk(t)
	pbx.RefuseLogins(true)
	p := start(t, config, absent(t, "down"))
	if status, text := read(t, p.URL+"/healthz"); status != 200 || text != "ok\n" {
		t.Errorf("healthy: %d %s", status, text)
	}
	status, text := read(t, p.URL+"/readyz")
	if status != 503 || !strings.Contains(text, "pbx1: not connected: ") || !strings.Contains(text, "down: not connected: ") {
		t.Errorf("before: %d %s", status, text)
	}
	pbx.RefuseLogins(false)
	p.Up(t, "pbx1")
	status, text = read(t, p.URL+"/readyz")
	if status != 200 || !strings.HasPrefix(text, "pbx1: connected\ndown: not connected: ") {
		t.Errorf("after: %d %s", status, text)
	}
}

//astproxy:attack
func TestOnlyReadersRead(t *testing.T) {
	_, config := asterisk(t)
	p := start(t, config)
	p.Up(t, "pbx1")
	gate := login.New(p.Proxy, nil, slog.New(slog.DiscardHandler))
	const here, there = "127.0.0.1:1", "192.0.2.1:1"
	for _, c := range []struct {
		readers monitor.Readers
		from    string
		user    string
		header  string // of the request, with a value
		status  int
	}{
		{"", here, "", "", 200},
		{monitor.Local, here, "", "", 200},
		{monitor.Local, "[::1]:1", "", "", 200},
		{monitor.Local, "[::ffff:127.0.0.1]:1", "", "", 200},
		{monitor.Local, there, "", "", 403},
		{monitor.Local, there, "user", "", 403},
		{monitor.Local, there, "", "X-Forwarded-For: 127.0.0.1", 403},
		{monitor.Local, there, "", "Forwarded: for=127.0.0.1", 403},
		{monitor.Local, here, "", "X-Forwarded-For: 192.0.2.1", 403}, // a reverse proxy on this machine asks for somebody
		{monitor.Local, here, "", "X-Forwarded-For: ", 403},
		{monitor.Admin, here, "", "", 401},
		{monitor.Admin, there, "user", "", 200},
		{monitor.Admin, here, "nobody", "", 403},
		{monitor.Admin, here, "user", "Sec-Fetch-Site: cross-site", 403},
		{monitor.Everybody, there, "", "X-Forwarded-For: 192.0.2.1", 200},
		{monitor.Off, here, "user", "", 404},
	} {
		mux := http.NewServeMux()
		monitor.New(p.Proxy, gate, c.readers).Register(mux)
		for _, path := range []string{"/metrics", "/healthz", "/readyz"} {
			r := httptest.NewRequestWithContext(t.Context(), "GET", path, nil)
			r.RemoteAddr = c.from
			if name, value, found := strings.Cut(c.header, ": "); found {
				r.Header.Set(name, value)
			}
			if c.user != "" {
				r.SetBasicAuth(c.user, proxytest.Secret)
			}
			w := httptest.NewRecorder()
			mux.ServeHTTP(w, r)
			if w.Code != c.status || (w.Code == 401) != (w.Header().Get("WWW-Authenticate") != "") {
				t.Errorf("%+v, %s: %d %s", c, path, w.Code, w.Body)
			}
		}
	}
}

func TestProfilesAreForAdministratorsAlone(t *testing.T) {
	_, config := asterisk(t)
	p := start(t, config)
	p.Up(t, "pbx1")
	gate := login.New(p.Proxy, nil, slog.New(slog.DiscardHandler))
	for _, c := range []struct {
		readers monitor.Readers
		user    string
		status  int
	}{
		{monitor.Local, "", 401}, {monitor.Everybody, "", 401}, {monitor.Everybody, "nobody", 403},
		{monitor.Local, "user", 200}, {monitor.Admin, "user", 200}, {monitor.Off, "user", 404},
	} {
		mux := http.NewServeMux()
		monitor.New(p.Proxy, gate, c.readers).Register(mux)
		for _, path := range []string{"/debug/pprof/", "/debug/pprof/goroutine", "/debug/pprof/symbol"} {
			r := httptest.NewRequestWithContext(t.Context(), "GET", path, nil)
			r.RemoteAddr = "127.0.0.1:1"
			if c.user != "" {
				r.SetBasicAuth(c.user, proxytest.Secret)
			}
			w := httptest.NewRecorder()
			mux.ServeHTTP(w, r)
			if w.Code != c.status {
				t.Errorf("%+v, %s: %d %s", c, path, w.Code, w.Body)
			}
		}
	}
}

func TestEachListenerHasItsConnectionsCounted(t *testing.T) {
	_, config := asterisk(t)
	p := start(t, config)
	p.Up(t, "pbx1")
	first := p.Login(t, "user")
	first.Ask("Logoff")
	first.End()
	p.Login(t, "user").Settle()
	there := metrics(t, p)
	door := `{door="ami://` + p.Address + `"}`
	if there["astproxy_door_accepted_total"+door] < 3 || there["astproxy_door_connections"+door] < 1 {
		t.Errorf("accepted %v, open %v", there["astproxy_door_accepted_total"+door], there["astproxy_door_connections"+door])
	}
	if web := `{door="` + p.URL + `"}`; there["astproxy_door_connections"+web] != 1 {
		t.Errorf("who asks for the metrics counts as %v", there["astproxy_door_connections"+web])
	}
}

// The owner of a name can have it lead to 127.0.0.1, and a browser takes what is there for his.
//
//astproxy:attack
func TestAPageThatLeadsABrowserHereByItsOwnNameReadsNothing(t *testing.T) {
	_, config := asterisk(t)
	p := start(t, config)
	p.Up(t, "pbx1")
	gate := login.New(p.Proxy, nil, slog.New(slog.DiscardHandler))
	mux := http.NewServeMux()
	monitor.New(p.Proxy, gate, monitor.Local).Register(mux)
	const browser = "Mozilla/5.0 (X11; Linux x86_64; rv:128.0) Gecko/20100101 Firefox/128.0"
	for _, c := range []struct {
		host, agent string
		status      int
	}{
		{"evil.example:8088", browser, 403},
		{"localhost.evil.example", browser, 403},
		{"", browser, 403},
		{"localhost:8088", browser, 200},
		{"127.0.0.1:8088", browser, 200},
		{"[::1]:8088", browser, 200},
		{"pbx.example.org:8088", "Prometheus/3.0.0", 200},
	} {
		for _, path := range []string{"/metrics", "/healthz", "/readyz"} {
			r := httptest.NewRequestWithContext(t.Context(), "GET", path, nil)
			r.RemoteAddr, r.Host = "127.0.0.1:1", c.host
			r.Header.Set("User-Agent", c.agent)
			w := httptest.NewRecorder()
			mux.ServeHTTP(w, r)
			if w.Code != c.status {
				t.Errorf("%+v, %s: %d %s", c, path, w.Code, w.Body)
			}
		}
	}
}
