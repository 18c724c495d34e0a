package api

import (
	"encoding/json"
	"net/http"
	"regexp"
	"strings"

	"github.com/astproxy/astproxy/access"
	"github.com/astproxy/astproxy/proxy"
)

// extended is what is served besides the routes that are always there: what one proxy.Extension adds.
type extended struct {
	of       *proxy.Extension
	mux      *http.ServeMux
	document []byte
}

// extended is that of now. It is made anew when the proxy's Extension is another one.
func (a *API) extended() *extended {
	of := a.proxy.Extension()
	if e := a.extension.Load(); e != nil && e.of == of {
		return e
	}
	e := &extended{of: of, mux: http.NewServeMux(), document: documentWith(of)}
	methods := map[string][]string{}
	for _, r := range of.Routes {
		methods[r.Path] = append(methods[r.Path], r.Method)
	}
	for path, there := range methods {
		e.mux.HandleFunc(path, a.several(there, of.Routes, path))
	}
	e.mux.HandleFunc("/", nothingHere)
	a.extension.Store(e)
	return e
}

func nothingHere(w http.ResponseWriter, _ *http.Request) {
	newProblem(http.StatusNotFound, notFound, "there is nothing here; /api/v1/openapi.json tells what there is").write(w)
}

// several has a path served by those of the routes that are its.
func (a *API) several(methods []string, routes []proxy.Route, path string) http.HandlerFunc {
	allowed := strings.Join(methods, ", ")
	serve := map[string]http.HandlerFunc{}
	for _, r := range routes {
		if r.Path == path {
			serve[r.Method] = a.only(r.Method, a.withLogin(func(w http.ResponseWriter, q *http.Request, user *access.User) error {
				r.Serve(w, q, user)
				return nil
			}))
		}
	}
	return func(w http.ResponseWriter, r *http.Request) {
		method := r.Method
		if method == http.MethodHead && serve[method] == nil {
			method = http.MethodGet
		}
		switch serves := serve[method]; {
		case r.Method == http.MethodOptions:
			a.preflight(w, r, allowed)
		case serves == nil:
			w.Header().Set("Allow", allowed+", OPTIONS")
			newProblem(http.StatusMethodNotAllowed, methodNotAllowed, "the methods here are "+allowed).write(w)
		default:
			serves(w, r)
		}
	}
}

// object is one of JSON's.
type object = map[string]any

// documentWith is openapi.json with what an Extension adds to it.
func documentWith(e *proxy.Extension) []byte {
	if len(e.Actions) == 0 && len(e.Routes) == 0 {
		return openAPIDocument
	}
	var d object
	if err := json.Unmarshal(openAPIDocument, &d); err != nil {
		return openAPIDocument // its test tells
	}
	paths, _ := d["paths"].(object)
	for _, action := range e.Actions {
		paths["/api/v1/actions/"+action.Name] = object{"post": operation(action)}
	}
	for _, r := range e.Routes {
		path := wildcard.ReplaceAllString(r.Path, "{$1}")
		methods, _ := paths[path].(object)
		if methods == nil {
			methods = object{}
			paths[path] = methods
		}
		methods[strings.ToLower(r.Method)] = routeOperation(r, path)
	}
	if tags, is := d["tags"].([]any); is {
		d["tags"] = append(tags, object{"name": "plugins"})
	}
	openCodes(d)
	document, err := json.Marshal(d)
	if err != nil {
		return openAPIDocument
	}
	return document
}

// wildcard is one of net/http's, which in OpenAPI has no dots.
var wildcard = regexp.MustCompile(`\{(\w+)(?:\.\.\.)?\}`)

// openCodes lets a problem have codes that are a plugin's.
func openCodes(d object) {
	at := d
	for _, key := range []string{"components", "schemas", "problem", "properties", "code"} {
		at, _ = at[key].(object)
	}
	if at == nil {
		return
	}
	at["anyOf"] = []any{
		object{"enum": at["enum"]},
		object{"type": "string", "description": "One of a plugin's own."},
	}
	delete(at, "enum")
}

func reference(to string) object { return object{"$ref": "#/components/" + to} }

// operation describes an action of an Extension's.
func operation(action proxy.OwnAction) object {
	one := object{"type": []string{"string", "number", "boolean"}}
	properties := object{
		"ActionID": object{"type": one["type"], "description": "Comes back in the answer."},
		"Server":   object{"type": "string", "description": "The server it is about; left out, it is the user's, or the first."},
		"Wait":     object{"type": one["type"], "description": "yes: where the action begins a job, the answer is that of its end."},
	}
	required := []string{}
	for _, h := range action.Headers {
		property := object{"type": one["type"], "description": h.Description}
		if h.Repeated {
			property = object{"description": h.Description, "anyOf": []any{one, object{"type": "array", "items": one}, object{"type": "object", "additionalProperties": one}}}
		}
		properties[h.Name] = property
		if h.Required {
			required = append(required, h.Name)
		}
	}
	schema := object{"type": "object", "properties": properties, "additionalProperties": false}
	if len(required) > 0 {
		schema["required"] = required
	}
	responses := object{"200": object{
		"description": "It is done, or has begun: then the response has a JobID.",
		"content":     object{"application/json": object{"schema": reference("schemas/answer")}},
	}}
	for status, name := range map[string]string{
		"400": "InvalidAction", "401": "Unauthorized", "403": "Forbidden", "404": "NotFound", "408": "RequestTimeout", "413": "TooLarge",
		"415": "NotJSON", "422": "AsteriskError", "429": "TooMany", "502": "ServerLost",
	} {
		responses[status] = reference("responses/" + name)
	}
	return object{
		"operationId": action.Name, "tags": []string{"plugins"}, "summary": action.Summary,
		"description": "Needs one of the classes " + action.Class.String() + ".",
		"requestBody": object{"required": len(required) > 0, "content": object{"application/json": object{"schema": schema}}},
		"responses":   responses,
	}
}

// routeOperation describes a path of an Extension's.
func routeOperation(r proxy.Route, path string) object {
	parameters := []any{}
	for _, found := range wildcard.FindAllStringSubmatch(path, -1) {
		parameters = append(parameters, object{"name": found[1], "in": "path", "required": true, "schema": object{"type": "string"}})
	}
	o := object{
		"operationId": strings.ToLower(r.Method) + strings.NewReplacer("/api/v1", "", "/", "_", "{", "", "}", "", ".", "_").Replace(path),
		"tags":        []string{"plugins"}, "summary": r.Summary,
		"responses": object{
			"2XX": object{"description": "It is done."},
			"401": reference("responses/Unauthorized"), "403": reference("responses/Forbidden"),
			"default": object{
				"description": "What went wrong.",
				"content":     object{"application/problem+json": object{"schema": reference("schemas/problem")}},
			},
		},
	}
	if len(parameters) > 0 {
		o["parameters"] = parameters
	}
	return o
}
