package hotdesk

import (
	"testing"
	"time"

	"github.com/astproxy/astproxy/access"
	"github.com/astproxy/astproxy/plugins/host"
	"github.com/astproxy/astproxy/plugins/hotdesk"
	"github.com/astproxy/astproxy/plugins/plugintest"
	"github.com/astproxy/astproxy/proxy/proxytest"
	"github.com/astproxy/astproxy/test/database"
)

func TestPeopleComeFromPostgreSQL(t *testing.T) {
	server := database.StartPostgres(t)
	server.Run(`CREATE TABLE people (id serial, number varchar(10), who text, secret text, active boolean DEFAULT true, queues text);
		INSERT INTO people (number, who, secret, active, queues) VALUES ('760', 'Ida', '1111', true, 'support;sales:3'), ('761', 'Jon', '2222', false, NULL)`)
	config := hotdesk.Kind.Config().(*hotdesk.Config)
	config.Databases = []hotdesk.DatabaseConfig{{
		Driver: "postgres", Source: access.Secret(server.URL),
		Query: "SELECT number AS extension, who AS name, secret AS pin, active AS enabled, queues FROM people",
	}}
	clock := plugintest.NewClock()
	s := plugintest.Start(t, hotdesk.Kind, config, plugintest.Options{Host: host.Options{Clock: clock}})
	c := s.Login(t, "user")
	want := func(user, pin, device string, lines ...string) {
		t.Helper()
		if m := c.Ask("HotdeskLogin", "User: "+user, "Pin: "+pin, "Device: "+device); !proxytest.HasLines(m, lines...) {
			t.Errorf("the login of %s is answered with %s", user, m)
		}
	}
	want("760", "1111", "101", "Response: Success", "UserName: Ida", "Queues: support,sales:3")
	want("760' OR '1'='1", "1111", "101", "Code: login_refused")
	want("761", "2222", "102", "Code: user_disabled")
	server.Run("UPDATE people SET active = true; INSERT INTO people (number, secret) VALUES ('762', '3333')")
	clock.Advance(time.Minute)
	want("761", "2222", "102", "Response: Success")
	want("762", "3333", "103", "Response: Success")
	server.Run("ALTER TABLE people RENAME TO gone")
	clock.Advance(time.Minute)
	want("762", "3333", "104", "Response: Success") // those there were stay
}
