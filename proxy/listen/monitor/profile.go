package monitor

import (
	"net/http"
	"net/http/pprof"
	"time"
)

// maxProfile is how long a profile of the processor may take, within what the door lets an answer take.
const maxProfile = 2 * time.Minute

// profile serves Go's profiles of the process, to administrators alone: what they show is everybody's.
func (m *Monitor) profile(mux *http.ServeMux) {
	for path, serve := range map[string]http.HandlerFunc{
		"/debug/pprof/{$}": pprof.Index, "/debug/pprof/profile": withTime(pprof.Profile), "/debug/pprof/trace": withTime(pprof.Trace),
		"/debug/pprof/symbol": pprof.Symbol, "/debug/pprof/{name}": pprof.Index,
	} {
		mux.Handle("GET "+path, guarded(m.administrator, serve))
	}
}

// withTime lets an answer be as late as it was asked to be.
func withTime(serve http.HandlerFunc) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		// Where that is not supported there is no connection to be held.
		_ = http.NewResponseController(w).SetWriteDeadline(time.Now().Add(maxProfile))
		serve(w, r)
	}
}
