package api_test

import (
	"bytes"
	"context"
	"encoding/json"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"

	"github.com/pb33f/libopenapi"
	validator "github.com/pb33f/libopenapi-validator"

	"github.com/astproxy/astproxy/access"
	"github.com/astproxy/astproxy/ami"
	"github.com/astproxy/astproxy/proxy/listen/api"
	"github.com/astproxy/astproxy/proxy/listen/login"
	"github.com/astproxy/astproxy/proxy/proxytest"
	"github.com/astproxy/astproxy/sim"
	"github.com/astproxy/astproxy/sim/simtest"
	"github.com/astproxy/astproxy/upstream"
)

// panel is a web page of another host that may use the API.
const panel = "https://panel.example.org"

// stage is an API in front of Asterisks.
type stage struct {
	proxy *proxytest.Proxy
	api   *api.API
	gate  *login.Gate
	url   string
}

// newStage serves the API of a proxy with these servers and the users user, who may everything,
// nobody, who may nothing, and one, who may have one Originate.
func newStage(t *testing.T, servers ...upstream.Config) *stage {
	t.Helper()
	p := proxytest.Start(t, proxytest.Options{Servers: servers, Users: []access.UserConfig{
		proxytest.User(),
		proxytest.User(proxytest.Named("nobody"), proxytest.May(nil, nil)),
		proxytest.User(proxytest.Named("one"), func(u *access.UserConfig) { u.MaxOriginates = 1 }),
	}})
	gate := login.New(p.Proxy, []string{panel}, slog.New(slog.DiscardHandler))
	s := &stage{proxy: p, api: api.New(p.Proxy, gate), gate: gate}
	server := httptest.NewServer(s.api)
	t.Cleanup(server.Close)
	s.url = server.URL
	return s
}

// asterisk starts a simulated one, and has the session with it, as change would have it.
func asterisk(t *testing.T, name string, change ...func(*upstream.Config)) (*sim.Server, upstream.Config) {
	t.Helper()
	s := simtest.Start(t, sim.Config{})
	c := proxytest.Server(name, s.Addr(), "astproxy", "secret")
	for _, f := range change {
		f(&c)
	}
	return s, c
}

// absent is a server that cannot be reached.
func absent(t *testing.T, name string) upstream.Config {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	return proxytest.Server(name, l.Addr().String(), "astproxy", "secret")
}

// request is what a client asks for.
type request struct {
	method, path string
	user         string // "" shows nobody
	secret       string // proxytest.Secret if left out
	body         string
	header       http.Header // beside the login and, with a body, its Content-Type
}

func (r request) with(name, value string) request {
	r.header = r.header.Clone()
	if r.header == nil {
		r.header = http.Header{}
	}
	r.header.Set(name, value)
	return r
}

// run is an action of the user who may everything.
func run(action, body string) request {
	return request{method: "POST", path: "/api/v1/actions/" + action, user: "user", body: body}
}

func (r request) make(t *testing.T, url string) *http.Request {
	t.Helper()
	var body io.Reader
	if r.body != "" {
		body = strings.NewReader(r.body)
	}
	q, err := http.NewRequestWithContext(t.Context(), r.method, url+r.path, body)
	if err != nil {
		t.Fatal(err)
	}
	if r.body != "" {
		q.Header.Set("Content-Type", "application/json")
	}
	for name, values := range r.header {
		q.Header[name] = values
	}
	if r.user != "" {
		secret := r.secret
		if secret == "" {
			secret = proxytest.Secret
		}
		q.SetBasicAuth(r.user, secret)
	}
	return q
}

// answer is what comes back.
type answer struct {
	status int
	header http.Header
	body   string
	value  map[string]any
}

// code is that of a problem.
func (a answer) code() string { text, _ := a.value["code"].(string); return text }

// ask sends a request. Every answer has to be as the document says.
func (s *stage) ask(t *testing.T, r request) answer {
	t.Helper()
	q := r.make(t, s.url)
	response, err := http.DefaultClient.Do(q)
	if err != nil {
		t.Fatalf("%s %s: %v", r.method, r.path, err)
	}
	defer response.Body.Close()
	return read(t, q, response)
}

func read(t *testing.T, q *http.Request, response *http.Response) answer {
	t.Helper()
	body, err := io.ReadAll(response.Body)
	if err != nil {
		t.Fatal(err)
	}
	response.Body = io.NopCloser(bytes.NewReader(body))
	a := answer{status: response.StatusCode, header: response.Header, body: string(body)}
	if len(body) > 0 {
		if err := json.Unmarshal(body, &a.value); err != nil {
			t.Fatalf("%s %s: %v: %s", q.Method, q.URL, err, body)
		}
	}
	if documented(q.Method, q.URL.Path) {
		if good, wrong := document().ValidateHttpResponse(q, response); !good {
			for _, w := range wrong {
				t.Errorf("%s %s: %d is not as documented: %s: %s\n%s", q.Method, q.URL, a.status, w.Message, w.Reason, body)
			}
		}
	}
	return a
}

// begin sends a request whose answer nobody waits for: giveUp lets go of it.
func (s *stage) begin(t *testing.T, r request) (giveUp func()) {
	t.Helper()
	ctx, cancel := context.WithCancel(t.Context())
	q := r.make(t, s.url).WithContext(ctx)
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		if response, err := http.DefaultClient.Do(q); err == nil {
			response.Body.Close()
			t.Errorf("%s is answered with %s", r.path, response.Status)
		}
	}()
	giveUp = sync.OnceFunc(func() {
		cancel()
		<-ended
	})
	t.Cleanup(giveUp)
	return giveUp
}

// await waits until an Asterisk has got an action.
func await(t *testing.T, s *sim.Server, action string) ami.Message {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), proxytest.Patience)
	defer cancel()
	m, err := s.Await(ctx, func(m ami.Message) bool { return strings.EqualFold(m.Action(), action) })
	if err != nil {
		t.Fatal(err)
	}
	return m
}

// documented tells whether the document has such a request: not what is asked to get a 404 or 405, or
// by browsers.
func documented(method, path string) bool {
	if action, ok := strings.CutPrefix(path, "/api/v1/actions/"); ok && method == "POST" && !strings.Contains(action, "/") {
		return true
	}
	for _, route := range api.Routes() {
		if route == method+" "+path {
			return true
		}
	}
	return false
}

// document checks what is served as OpenAPI. The validator is github.com/pb33f/libopenapi-validator.
var document = sync.OnceValue(func() validator.Validator {
	d, err := libopenapi.NewDocument(api.Document())
	if err != nil {
		panic(err)
	}
	v, errs := validator.NewValidator(d)
	if len(errs) > 0 {
		panic(errs)
	}
	return v
})

// get is what a path of names and indices leads to; nil: nothing.
func get(value any, path ...any) any {
	for _, step := range path {
		switch step := step.(type) {
		case string:
			object, _ := value.(map[string]any)
			value = object[step]
		case int:
			array, _ := value.([]any)
			if step >= len(array) {
				return nil
			}
			value = array[step]
		}
	}
	return value
}

func length(value any) int {
	array, _ := value.([]any)
	return len(array)
}
