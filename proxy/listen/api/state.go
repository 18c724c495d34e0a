package api

import (
	"encoding/json"
	"net/http"
	"time"

	"github.com/astproxy/astproxy/access"
	"github.com/astproxy/astproxy/proxy"
	"github.com/astproxy/astproxy/proxy/listen/login"
)

// serverState is an Asterisk. What tells how the proxy reaches it is for administrators.
type serverState struct {
	Name      string    `json:"name"`
	Connected bool      `json:"connected"`
	Since     time.Time `json:"since"`  // when that became so
	Reason    string    `json:"reason"` // why it is not connected; "" if it is
	Banner    string    `json:"banner"` // of the last connection
	*serverAdministration
}

type serverAdministration struct {
	Address     string `json:"address"`
	Username    string `json:"username"`
	Outstanding int    `json:"outstanding"`
}

func (a *API) servers(w http.ResponseWriter, _ *http.Request, user *access.User) error {
	all := []serverState{}
	for _, s := range a.proxy.Servers() {
		state := serverState{Name: s.Name, Connected: s.Up, Since: s.Since.UTC(), Reason: s.Reason, Banner: s.Banner}
		if user.Admin() {
			state.serverAdministration = &serverAdministration{s.Address, s.Username, s.Outstanding}
		}
		all = append(all, state)
	}
	return writeValue(w, http.StatusOK, map[string]any{"servers": all})
}

// clientState is a connection to the proxy: proxy.ClientState by the API's names.
type clientState struct {
	Remote      string    `json:"remote"`
	User        string    `json:"user"`
	Connected   time.Time `json:"connected"`
	ActionID    string    `json:"action_id"`
	Input       string    `json:"input"`
	Output      string    `json:"output"`
	Outstanding int       `json:"outstanding"`
	Lag         uint64    `json:"lag"`
	Unread      int       `json:"unread"`
	Delivered   uint64    `json:"delivered"`
}

func (a *API) clients(w http.ResponseWriter, _ *http.Request, user *access.User) error {
	if !user.Admin() {
		return refused(proxy.PermissionDenied, "only administrators see the clients")
	}
	all := []clientState{}
	for _, c := range a.proxy.Clients() {
		c.Connected = c.Connected.UTC()
		all = append(all, clientState(c))
	}
	return writeValue(w, http.StatusOK, map[string]any{"clients": all})
}

func (a *API) ticket(w http.ResponseWriter, r *http.Request, user *access.User) error {
	if r.URL.Query().Has("ticket") {
		return refused(proxy.PermissionDenied, "a ticket lets in once, and gets no other")
	}
	text, err := a.gate.Ticket(user)
	if err != nil {
		p := refused(proxy.TooMany, err.Error())
		p.retryAfter = int(login.TicketLife / time.Second)
		return p
	}
	return writeValue(w, http.StatusCreated, map[string]any{
		"ticket": text, "expires_in": int(login.TicketLife / time.Second),
	})
}

func writeValue(w http.ResponseWriter, status int, value any) error {
	document, err := json.Marshal(value)
	if err != nil {
		return err
	}
	writeJSON(w, status, append(document, '\n'))
	return nil
}
