package api_test

import (
	"testing"

	"github.com/astproxy/astproxy/access"
	"github.com/astproxy/astproxy/proxy/proxytest"
	"github.com/astproxy/astproxy/upstream"
)

func TestTheExamplesOfThePageWork(t *testing.T) {
	_, config := asterisk(t, "pbx1")
	p := proxytest.Start(t, proxytest.Options{
		Servers: []upstream.Config{config, absent(t, "pbx2")},
		Users: []access.UserConfig{
			proxytest.User(), proxytest.User(proxytest.Named("admin")),
			proxytest.User(proxytest.Named("operator"), func(u *access.UserConfig) { u.Admin = false }),
		},
	})
	p.Up(t, "pbx1")
	if n := proxytest.RunExamples(t, "../../../docs/http-api.md", "http://127.0.0.1:8088", p.URL); n < 8 {
		t.Errorf("only %d examples", n)
	}
}
