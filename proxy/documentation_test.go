package proxy_test

import (
	"os"
	"regexp"
	"strings"
	"testing"

	"github.com/astproxy/astproxy/access"
	"github.com/astproxy/astproxy/proxy/proxytest"
	"github.com/astproxy/astproxy/sim"
	"github.com/astproxy/astproxy/sim/simtest"
	"github.com/astproxy/astproxy/upstream"
)

var exampleAction = regexp.MustCompile(`(?m)(?:^    [A-Za-z]+: .*\n)+`)

func TestTheExamplesOfTheProtocolPageWork(t *testing.T) {
	page, err := os.ReadFile("../docs/protocol.md")
	if err != nil {
		t.Fatal(err)
	}
	asterisk := simtest.Start(t, sim.Config{})
	p := proxytest.Start(t, proxytest.Options{Servers: []upstream.Config{
		proxytest.Server("pbx1", asterisk.Addr(), "astproxy", "secret"),
	}, Users: []access.UserConfig{proxytest.User(), proxytest.User(proxytest.Named("wallboard"))}})
	p.Up(t, "pbx1")
	c := p.Login(t, "user", "Events: off")
	p.Login(t, "wallboard", "Events: off") // whom an example disconnects
	examples := exampleAction.FindAllString(string(page), -1)
	if len(examples) < 2 {
		t.Errorf("only %d examples: %q", len(examples), examples)
	}
	for _, example := range examples {
		c.SendRaw(strings.ReplaceAll(example, "    ", "") + "\n")
		answer := c.Response()
		if answer.Response() != "Success" && answer.Get("ProxyResponse") != "Success" {
			t.Errorf("%s is answered with %s", example, answer)
		}
	}
}
