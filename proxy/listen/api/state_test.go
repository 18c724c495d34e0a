package api_test

import "testing"

func TestServersTellsWhoIsConnected(t *testing.T) {
	_, config := asterisk(t, "pbx1")
	down := absent(t, "down")
	s := newStage(t, config, down)
	s.proxy.Up(t, "pbx1")
	a := s.ask(t, request{method: "GET", path: "/api/v1/servers", user: "user"})
	up, other := get(a.value, "servers", 0), get(a.value, "servers", 1)
	if get(up, "name") != "pbx1" || get(up, "connected") != true || get(up, "reason") != "" ||
		get(up, "banner") != "Asterisk Call Manager/11.0.0" || get(up, "address") != config.Address || get(up, "username") != "astproxy" {
		t.Errorf("the one that is connected: %v", up)
	}
	if get(other, "name") != "down" || get(other, "connected") != false || get(other, "reason") == "" || get(other, "address") != down.Address {
		t.Errorf("the one that is not: %v", other)
	}
	a = s.ask(t, request{method: "GET", path: "/api/v1/servers", user: "nobody"})
	up = get(a.value, "servers", 0)
	if _, shown := up.(map[string]any)["address"]; shown || get(up, "connected") != true {
		t.Errorf("to who is no administrator: %v", up)
	}
}

func TestClientsShowsAdministratorsWhoIsConnected(t *testing.T) {
	_, config := asterisk(t, "pbx1")
	s := newStage(t, config)
	s.proxy.Up(t, "pbx1")
	c := s.proxy.Login(t, "nobody")
	c.Ask("Ping", "ActionID: seven")
	a := s.ask(t, request{method: "GET", path: "/api/v1/clients", user: "user"})
	for _, client := range a.value["clients"].([]any) {
		if get(client, "user") != "nobody" {
			continue
		}
		if get(client, "remote") != c.LocalAddr().String() || get(client, "action_id") != "seven" || get(client, "output") != "standard" {
			t.Errorf("got %v", client)
		}
		return
	}
	t.Errorf("got %s", a.body)
}

func TestATicketLetsInOnceAndGetsNoOther(t *testing.T) {
	_, config := asterisk(t, "pbx1")
	s := newStage(t, config)
	ticket := func() string {
		t.Helper()
		a := s.ask(t, request{method: "POST", path: "/api/v1/tickets", user: "nobody"})
		if get(a.value, "expires_in") != 30.0 {
			t.Errorf("got %d %s", a.status, a.body)
		}
		return get(a.value, "ticket").(string)
	}
	once := request{method: "GET", path: "/api/v1/servers?ticket=" + ticket()}
	if a := s.ask(t, once); a.status != 200 {
		t.Errorf("the first time: %d %s", a.status, a.body)
	}
	if a := s.ask(t, once); a.status != 401 || a.code() != "login_failed" {
		t.Errorf("the second time: %d %s", a.status, a.body)
	}
	if a := s.ask(t, request{method: "POST", path: "/api/v1/tickets?ticket=" + ticket()}); a.status != 403 {
		t.Errorf("a ticket for a ticket: %d %s", a.status, a.body)
	}
}
