package api_test

import (
	"encoding/json"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"maps"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/astproxy/astproxy/formats"
	"github.com/astproxy/astproxy/proxy/listen/api"
	"github.com/astproxy/astproxy/upstream"
)

func TestTheDocumentIsOpenAPI(t *testing.T) {
	if good, wrong := document().ValidateDocument(); !good {
		for _, w := range wrong {
			t.Errorf("%s: %s", w.Message, w.Reason)
			for _, s := range w.SchemaValidationErrors {
				t.Errorf("%s: %s", s.FieldPath, s.Reason)
			}
		}
	}
}

// inDocument is every answer the document has: "GET /api/v1/servers 200".
func inDocument(t *testing.T) (answers, routes []string) {
	t.Helper()
	var d struct {
		Paths map[string]map[string]struct{ Responses map[string]any }
	}
	if err := json.Unmarshal(api.Document(), &d); err != nil {
		t.Fatal(err)
	}
	for path, methods := range d.Paths {
		for method, operation := range methods {
			route := strings.ToUpper(method) + " " + path
			routes = append(routes, route)
			for status := range operation.Responses {
				answers = append(answers, route+" "+status)
			}
		}
	}
	return answers, routes
}

func TestTheDocumentHasEveryRouteAndNoOther(t *testing.T) {
	_, documented := inDocument(t)
	expectSame(t, documented, api.Routes())
}

// Each of the document's answers is provoked here, and none that it does not have.
func TestEveryAnswerInTheDocumentIsGiven(t *testing.T) {
	slow, slowConfig := asterisk(t, "slow", func(c *upstream.Config) { c.ActionTimeout = time.Second })
	pbx, config := asterisk(t, "pbx1")
	s := newStage(t, config, slowConfig, absent(t, "down"))
	s.proxy.Up(t, "pbx1")
	s.proxy.Up(t, "slow")
	defer slow.HoldReplies("DBGet")()
	someone := func(method, path, user string) request { return request{method: method, path: path, user: user} }
	tickets := someone("POST", "/api/v1/tickets", "user")
	const crossSite, elsewhere = "Sec-Fetch-Site", "cross-site"
	ringing := `{"Channel":"Local/2001@default","Context":"default","Exten":"1002","Priority":1,"Timeout":600000}`

	var given []string
	expect := func(route string, status int, code string, r request) answer {
		t.Helper()
		a := s.ask(t, r)
		if a.status != status || a.code() != code {
			t.Errorf("%s %s: %d %s, want %d %s: %s", r.method, r.path, a.status, a.code(), status, code, a.body)
		}
		given = append(given, route+" "+strconv.Itoa(status))
		return a
	}
	const action = "POST /api/v1/actions/{action}"
	expect(action, 200, "", run("Ping", ""))
	expect(action, 400, "invalid_action", run("Ping", `{"A":`))
	expect(action, 401, "login_required", request{method: "POST", path: "/api/v1/actions/Ping"})
	expect(action, 401, "login_failed", request{method: "POST", path: "/api/v1/actions/Ping", user: "user", secret: "wrong"})
	expect(action, 403, "permission_denied", someone("POST", "/api/v1/actions/Command", "nobody"))
	expect(action, 403, "cross_site", run("Ping", "").with(crossSite, elsewhere))
	expect(action, 404, "unknown_action", run("NoSuchAction", ""))
	expect(action, 404, "unknown_server", run("Ping", `{"Server":"elsewhere"}`))
	expect(action, 413, "too_large", run("Ping", `{"A":"`+strings.Repeat("x", 1<<20)+`"}`))
	expect(action, 415, "not_json", run("Ping", "Action: Ping").with("Content-Type", "text/plain"))
	expect(action, 422, "asterisk_error", run("DBGet", `{"Family":"none","Key":"none"}`))
	expect(action, 502, "server_down", run("Ping", `{"Server":"down"}`))
	expect(action, 504, "timed_out", run("DBGet", `{"Server":"slow","Family":"none","Key":"none"}`))
	one := run("Originate", ringing)
	one.user = "one"
	giveUp := s.begin(t, one)
	await(t, pbx, "Originate")
	expect(action, 429, "too_many", one)
	giveUp()
	s.api.SetBodyTimeout(time.Millisecond)
	given = append(given, fmt.Sprint(action, " ", s.askWithoutItsBody(t).status))

	for _, route := range []string{"GET /api/v1/servers", "GET /api/v1/clients", "POST /api/v1/tickets"} {
		method, path, _ := strings.Cut(route, " ")
		good := 200
		if method == "POST" {
			good = 201
		}
		expect(route, good, "", someone(method, path, "user"))
		expect(route, 401, "login_required", someone(method, path, ""))
		expect(route, 403, "cross_site", someone(method, path, "user").with(crossSite, elsewhere))
	}
	expect("GET /api/v1/clients", 403, "permission_denied", someone("GET", "/api/v1/clients", "nobody"))
	expect("GET /api/v1/openapi.json", 200, "", someone("GET", "/api/v1/openapi.json", ""))
	user, _ := s.proxy.Users().Authenticate("user", "hunter2")
	for _, err := s.gate.Ticket(user); err == nil; _, err = s.gate.Ticket(user) {
	}
	if a := expect("POST /api/v1/tickets", 429, "too_many", tickets); a.header.Get("Retry-After") != "30" {
		t.Errorf("Retry-After is %q", a.header.Get("Retry-After"))
	}

	documented, _ := inDocument(t)
	expectSame(t, given, documented)
}

func expectSame(t *testing.T, got, want []string) {
	t.Helper()
	for _, list := range []*[]string{&got, &want} {
		*list = slices.Compact(slices.Sorted(slices.Values(*list)))
	}
	if !slices.Equal(got, want) {
		t.Errorf("got\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
}

// What a message looks like is told in one place more than it must be, so that the document stands
// alone.
func TestTheDocumentsMessagesAreThoseOfTheSchema(t *testing.T) {
	var schema struct {
		Defs map[string]any `json:"$defs"`
	}
	text := strings.ReplaceAll(string(formats.JSONSchema), "#/$defs/", "#/components/schemas/")
	if err := json.Unmarshal([]byte(text), &schema); err != nil {
		t.Fatal(err)
	}
	var d map[string]any
	if err := json.Unmarshal(api.Document(), &d); err != nil {
		t.Fatal(err)
	}
	for name, want := range schema.Defs {
		if got := get(d, "components", "schemas", name); !reflect.DeepEqual(got, want) {
			t.Errorf("%s is not as in formats/schema.json", name)
		}
	}
}

func TestTheDocumentHasEveryCodeAndNoOther(t *testing.T) {
	var d map[string]any
	if err := json.Unmarshal(api.Document(), &d); err != nil {
		t.Fatal(err)
	}
	var documented []string
	for _, code := range get(d, "components", "schemas", "problem", "properties", "code", "enum").([]any) {
		documented = append(documented, code.(string))
	}
	expectSame(t, documented, slices.Concat(constants(t, "../../reason.go"), slices.Collect(maps.Keys(codesOfProblems(t)))))
}

func codesOfProblems(t *testing.T) map[string]bool {
	codes := map[string]bool{}
	for _, text := range constants(t, "problem.go") {
		codes[text] = true
	}
	return codes
}

// constants are a file's text constants.
func constants(t *testing.T, file string) (all []string) {
	t.Helper()
	f, err := parser.ParseFile(token.NewFileSet(), file, nil, 0)
	if err != nil {
		t.Fatal(err)
	}
	for _, d := range f.Decls {
		g, ok := d.(*ast.GenDecl)
		if !ok || g.Tok != token.CONST {
			continue
		}
		for _, spec := range g.Specs {
			for _, value := range spec.(*ast.ValueSpec).Values {
				if literal, ok := value.(*ast.BasicLit); ok && literal.Kind == token.STRING {
					text, _ := strconv.Unquote(literal.Value)
					all = append(all, text)
				}
			}
		}
	}
	return all
}
