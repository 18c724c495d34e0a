package example_test

import (
	"os"
	"regexp"
	"testing"
	"time"

	"github.com/astproxy/astproxy/plugins/example"
	"github.com/astproxy/astproxy/plugins/host"
	"github.com/astproxy/astproxy/plugins/plugintest"
	"github.com/astproxy/astproxy/proxy/proxytest"
)

func TestMain(m *testing.M) { proxytest.Main(m) }

func TestLongCallsAreToldListedAndHungUp(t *testing.T) {
	clock := plugintest.NewClock()
	stage := plugintest.Start(t, example.Kind, nil, plugintest.Options{Host: host.Options{Clock: clock}})
	client := stage.Login(t, "user")
	if m := client.Ask("LongCallHangup"); m.Get("Code") != "no_long_calls" {
		t.Errorf("without a call the answer is %s", m)
	}
	client.Ask("Originate", "Channel: Local/1001@default", "Context: default", "Exten: 1002", "Priority: 1", "Async: true")
	clock.Await(2) // both halves of the Local channel are there
	clock.Advance(time.Hour)
	client.Event("LongCall")
	client.Event("LongCall")
	if list := client.List("1", "LongCallList"); len(list) != 4 || list[1].Event() != "LongCallEntry" {
		t.Errorf("the list is %v", list)
	}
	id := client.Ask("LongCallHangup").Get("JobID")
	client.Event("JobProgress", "JobID: "+id)
	client.Event("JobComplete", "JobID: "+id, "Status: done")
}

func TestThePageHasTheExampleAsItIs(t *testing.T) {
	page, err := os.ReadFile("../../docs/plugins.md")
	if err != nil {
		t.Fatal(err)
	}
	for _, file := range []string{"longcalls.go", "longcalls_test.go"} {
		content, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		text := string(content)
		if file == "longcalls_test.go" {
			text = regexp.MustCompile(`(?s)func TestLongCalls.*?\n}\n`).FindString(text)
		}
		found := false
		for _, block := range regexp.MustCompile("(?s)```go\n(.*?)```").FindAllStringSubmatch(string(page), -1) {
			found = found || block[1] == text
		}
		if !found {
			t.Errorf("docs/plugins.md does not have %s as it is", file)
		}
	}
}
