package host

import (
	"encoding/json"
	"fmt"
	"net/http"
	"time"

	"github.com/astproxy/astproxy/access"
	"github.com/astproxy/astproxy/ami"
	"github.com/astproxy/astproxy/formats"
	"github.com/astproxy/astproxy/plugins"
	"github.com/astproxy/astproxy/proxy"
)

// jobState is a job as /api/v1/jobs shows it.
type jobState struct {
	ID       string          `json:"id"`
	Action   string          `json:"action"`
	Plugin   string          `json:"plugin"`
	User     string          `json:"user,omitempty"` // none: the dialplan
	Server   string          `json:"server"`
	Status   string          `json:"status"`
	Begun    time.Time       `json:"begun"`
	Ended    *time.Time      `json:"ended,omitempty"`
	Progress json.RawMessage `json:"progress,omitempty"`
	Result   json.RawMessage `json:"result,omitempty"`
	Code     string          `json:"code,omitempty"`
	Message  string          `json:"message,omitempty"`
}

// shown is a job as a user may see it.
func (j *job) shown(user *access.User, s state) jobState {
	shown := jobState{
		ID: j.id, Action: j.action, Plugin: j.instance.name, User: owner(j.by.User), Server: j.server, Status: s.name,
		Begun: j.begun.UTC(), Progress: fields(user, s.progress), Result: fields(user, s.result),
	}
	if !s.ended.IsZero() {
		ended := s.ended.UTC()
		shown.Ended = &ended
	}
	if s.err != nil {
		told := j.instance.told("job of "+j.action, j.by, s.err)
		shown.Code, shown.Message = told.Code, told.Text
	}
	return shown
}

// fields are headers as JSON; nil: there are none.
func fields(user *access.User, m ami.Message) json.RawMessage {
	if m.IsZero() {
		return nil
	}
	return formats.AppendJSON(nil, user.Redaction().Apply(m), formats.Options{})
}

func (all *jobs) routes() []proxy.Route {
	return []proxy.Route{
		{Method: "GET", Path: "/api/v1/jobs", Summary: "Your jobs, or for administrators everybody's, the oldest first.", Serve: all.list},
		{Method: "GET", Path: "/api/v1/jobs/{id}", Summary: "A job: its status, its latest progress, its result.", Serve: all.show},
		{Method: "DELETE", Path: "/api/v1/jobs/{id}", Summary: "Cancel a job. It is answered at once; the job ends when it ends.", Serve: all.stop},
		{Method: "GET", Path: "/api/v1/jobs/{id}/events", Summary: "A job as server-sent events: as it is, and again whenever that changes, until it has ended.", Serve: all.watch},
	}
}

func (all *jobs) list(w http.ResponseWriter, _ *http.Request, user *access.User) {
	shown := []jobState{}
	for _, j := range all.of(user) {
		shown = append(shown, j.shown(user, j.snapshot()))
	}
	plugins.WriteJSON(w, http.StatusOK, shown)
}

func (all *jobs) show(w http.ResponseWriter, r *http.Request, user *access.User) {
	if j, found := all.named(w, r, user); found {
		plugins.WriteJSON(w, http.StatusOK, j.shown(user, j.snapshot()))
	}
}

func (all *jobs) stop(w http.ResponseWriter, r *http.Request, user *access.User) {
	j, found := all.named(w, r, user)
	if !found {
		return
	}
	all.host.log.Info("job cancelled", "client", r.RemoteAddr, "user", user, "action", j.action)
	j.Cancel()
	plugins.WriteJSON(w, http.StatusAccepted, j.shown(user, j.snapshot()))
}

// named is the job a path names, or says that there is none. Of a job that is not his a user is told the
// same.
func (all *jobs) named(w http.ResponseWriter, r *http.Request, user *access.User) (*job, bool) {
	j, found := all.find(r.PathValue("id"), user)
	if !found {
		plugins.WriteProblem(w, http.StatusNotFound, "not_found", "there is no such job, or it has ended long ago")
	}
	return j, found
}

// watch tells of a job until it has ended, or is not the user's any more by the rights of now. Who is slow misses what
// was in between.
func (all *jobs) watch(w http.ResponseWriter, r *http.Request, user *access.User) {
	j, found := all.named(w, r, user)
	if !found {
		return
	}
	w.Header().Set("Content-Type", "text/event-stream")
	w.WriteHeader(http.StatusOK)
	stream := http.NewResponseController(w)
	for {
		s := j.snapshot()
		var err error
		if user, err = all.host.proxy.Users().Renewed(user); err != nil || !j.isOf(user) {
			return
		}
		text, _ := json.Marshal(j.shown(user, s)) // nothing in it can fail
		name := "progress"
		if !s.ended.IsZero() {
			name = "complete"
		}
		if _, err := fmt.Fprintf(w, "event: %s\ndata: %s\n\n", name, text); err != nil || stream.Flush() != nil || !s.ended.IsZero() {
			return
		}
		select {
		case <-s.changed:
		case <-r.Context().Done():
			return
		case <-all.host.proxy.Stopping().Done():
			return
		}
	}
}
