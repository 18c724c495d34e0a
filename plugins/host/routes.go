package host

import (
	"fmt"
	"net/http"
	"slices"
	"strings"

	"github.com/astproxy/astproxy/access"
	"github.com/astproxy/astproxy/plugins"
	"github.com/astproxy/astproxy/proxy"
)

// route is a plugin's path as the proxy knows it.
func (s *slot) route(route plugins.Route) proxy.Route {
	serve := func(w http.ResponseWriter, r *http.Request, user *access.User) {
		i := s.current.Load()
		if i == nil || !i.begin() {
			plugins.WriteProblem(w, http.StatusServiceUnavailable, CodeStopped, errStopped.Text)
			return
		}
		defer i.work.Done()
		begun := &begunWriter{ResponseWriter: w}
		err := i.safely("route "+route.Path, func() error { return i.serve(route, begun, r, user) })
		switch {
		case err == nil:
		case begun.begun:
			panic(http.ErrAbortHandler) // it cannot be completed: cut off is better than wrong
		default:
			plugins.WriteProblem(w, http.StatusInternalServerError, plugins.CodeFailed, "the plugin has failed; the proxy's log tells why")
		}
	}
	return proxy.Route{Method: route.Method, Path: route.Path, Summary: route.Summary, Serve: serve}
}

// serve has the instance's own route serve: another instance's may be another.
func (i *instance) serve(route plugins.Route, w http.ResponseWriter, r *http.Request, user *access.User) error {
	for _, own := range i.routes {
		if own.Method == route.Method && own.Path == route.Path {
			own.Serve(w, r, plugins.Caller{User: user, Remote: r.RemoteAddr, Server: user.Server()})
			return nil
		}
	}
	return errStopped
}

// begunWriter knows whether something was written.
type begunWriter struct {
	http.ResponseWriter
	begun bool
}

// WriteHeader implements http.ResponseWriter.
func (w *begunWriter) WriteHeader(status int) {
	w.begun = true
	w.ResponseWriter.WriteHeader(status)
}

// Write implements http.ResponseWriter.
func (w *begunWriter) Write(p []byte) (int, error) {
	w.begun = true
	return w.ResponseWriter.Write(p)
}

// Unwrap is for http.ResponseController.
func (w *begunWriter) Unwrap() http.ResponseWriter { return w.ResponseWriter }

// taken are the paths below /api/v1/ that are the proxy's own.
var taken = []string{"actions", "servers", "clients", "tickets", "openapi.json", "jobs"}

// clashingRoutes tells of paths that cannot be served.
func clashingRoutes(slots []*slot) (wrong []Wrong) {
	mux := http.NewServeMux()
	for _, s := range slots {
		for _, route := range s.routes {
			rest, below := strings.CutPrefix(route.Path, "/api/v1/")
			first, _, _ := strings.Cut(rest, "/")
			if !below || first == "" || slices.Contains(taken, first) {
				wrong = append(wrong, Wrong{s.name, "", fmt.Sprintf("the path %s is not a plugin's to serve", route.Path)})
				continue
			}
			if err := register(mux, route.Method+" "+route.Path); err != nil {
				wrong = append(wrong, Wrong{s.name, "", fmt.Sprintf("the path %s: %v", route.Path, err)})
			}
		}
	}
	return wrong
}

// register makes an error of what net/http panics about.
func register(mux *http.ServeMux, pattern string) (err error) {
	defer func() {
		if value := recover(); value != nil {
			err = fmt.Errorf("%v", value)
		}
	}()
	mux.Handle(pattern, http.NotFoundHandler())
	return nil
}
