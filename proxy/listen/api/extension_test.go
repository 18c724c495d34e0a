package api_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"testing"

	"github.com/pb33f/libopenapi"
	validator "github.com/pb33f/libopenapi-validator"

	"github.com/astproxy/astproxy/access"
	"github.com/astproxy/astproxy/ami"
	"github.com/astproxy/astproxy/proxy"
)

// greeting adds the action Greet and the path /api/v1/greetings/{name...}.
var greeting = proxy.Extension{
	Actions: []proxy.OwnAction{{
		Name: "Greet", Class: ami.ClassCall, Summary: "Greet somebody.",
		Headers: []proxy.OwnHeader{{Name: "Name", Description: "Who.", Required: true}, {Name: "Title", Description: "What he is.", Repeated: true}},
		Begin: func(q proxy.Question) {
			if q.Action.Get("Name") == "nobody" {
				go q.Answer([]ami.Message{ami.NewError(q.Action.ActionID(), "There is nobody")}, "unknown_person")
				return
			}
			go q.Answer([]ami.Message{ami.NewResponse("Success", q.Action.ActionID()).Message()}, "")
		},
	}},
	Routes: []proxy.Route{
		{Method: "GET", Path: "/api/v1/greetings/{name...}", Summary: "A greeting.", Serve: func(w http.ResponseWriter, r *http.Request, _ *access.User) {
			w.Header().Set("Content-Type", "application/json")
			fmt.Fprintf(w, `{"hello":%q}`, r.PathValue("name"))
		}},
	},
}

func TestWhatIsAddedIsServedAndInTheDocument(t *testing.T) {
	_, config := asterisk(t, "pbx1")
	s := newStage(t, config)
	s.proxy.Up(t, "pbx1")
	path := request{method: "GET", path: "/api/v1/greetings/anna", user: "user"}
	if a := s.ask(t, path); a.status != 404 {
		t.Errorf("before it is there it is answered with %d %s", a.status, a.body)
	}
	s.proxy.Extend(greeting)
	if a := s.ask(t, path); a.status != 200 || a.value["hello"] != "anna" {
		t.Errorf("%d %s", a.status, a.body)
	}
	text := s.ask(t, request{method: "GET", path: "/api/v1/openapi.json"}).body
	d, err := libopenapi.NewDocument([]byte(text))
	if err != nil {
		t.Fatal(err)
	}
	v, errs := validator.NewValidator(d)
	if len(errs) > 0 {
		t.Fatal(errs)
	}
	if good, wrong := v.ValidateDocument(); !good {
		for _, w := range wrong {
			t.Errorf("%s: %s %v", w.Message, w.Reason, w.SchemaValidationErrors)
		}
	}
	for body, want := range map[string]struct {
		status int
		good   bool // by the document
	}{
		`{"Name":"Anna"}`:                         {200, true},
		`{"Name":"Anna","Title":["Dr.","Prof."]}`: {200, true},
		`{"Name":"nobody"}`:                       {422, true},
		`{"Surname":"Anna"}`:                      {200, false}, // headers are checked by who adds the action
	} {
		q := run("Greet", body).make(t, s.url)
		if good, wrong := v.ValidateHttpRequest(q); good != want.good {
			t.Errorf("%s: the request is good: %v, %v", body, good, wrong)
		}
		response, err := http.DefaultClient.Do(run("Greet", body).make(t, s.url))
		if err != nil {
			t.Fatal(err)
		}
		if response.StatusCode != want.status {
			t.Errorf("%s is answered with %d", body, response.StatusCode)
		}
		if good, wrong := v.ValidateHttpResponse(q, response); !good {
			t.Errorf("%s: the answer is not as documented: %v", body, wrong[0])
		}
		response.Body.Close()
	}
	var document map[string]any
	if err := json.Unmarshal([]byte(text), &document); err != nil {
		t.Fatal(err)
	}
	if get(document, "paths", "/api/v1/greetings/{name}", "get", "summary") != "A greeting." || !strings.Contains(text, "Needs one of the classes call.") {
		t.Error("there is something missing")
	}
	s.proxy.Extend(proxy.Extension{})
	if a := s.ask(t, path); a.status != 404 {
		t.Errorf("when it is gone it is answered with %d %s", a.status, a.body)
	}
}
