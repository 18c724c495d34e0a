package monitor_test

import (
	"os"
	"regexp"
	"strings"
	"testing"

	"github.com/astproxy/astproxy/plugins/plugintest"
	"github.com/astproxy/astproxy/proxy/proxytest"
)

const page = "../../../docs/http-monitoring.md"

func TestTheExamplesOfThePageWork(t *testing.T) {
	_, config := asterisk(t)
	p := start(t, config, absent(t, "pbx2"))
	p.Up(t, "pbx1")
	if n := proxytest.RunExamples(t, page, "http://127.0.0.1:8088", p.URL); n < 3 {
		t.Errorf("only %d examples", n)
	}
}

func TestThePageHasEveryMetricAndNoOther(t *testing.T) {
	_, stage := plugintest.NewHost(t, plugintest.Options{})
	p := stage.Proxy
	p.Login(t, "user")
	text, err := os.ReadFile(page)
	if err != nil {
		t.Fatal(err)
	}
	told := map[string]bool{}
	for row := range strings.Lines(string(text)) {
		if cell, _, found := strings.Cut(strings.TrimPrefix(row, "| "), " | "); found && strings.Contains(cell, "astproxy_") {
			names := regexp.MustCompile("`([a-z_]+)`").FindAllStringSubmatch(cell, -1)
			for _, name := range names {
				told[complete(name[1], names[0][1])] = true
			}
		}
	}
	there := map[string]bool{}
	for name := range metrics(t, p) {
		name, _, _ = strings.Cut(name, "{")
		there[name] = true
		if !told[name] {
			t.Errorf("the page does not tell of %s", name)
		}
	}
	for name := range told {
		if !there[name] {
			t.Errorf("there is no %s", name)
		}
	}
}

// complete is the name that a short one such as _events stands for: the first of its row up to where
// its last part begins, as in astproxy_view_readers.
func complete(name, first string) string {
	if !strings.HasPrefix(name, "_") {
		return name
	}
	return first[:strings.LastIndexByte(first, '_')] + name
}
