package groupcall_test

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/astproxy/astproxy/ami"
	"github.com/astproxy/astproxy/app"
	"github.com/astproxy/astproxy/plugins"
	"github.com/astproxy/astproxy/plugins/groupcall"
	"github.com/astproxy/astproxy/plugins/plugintest"
	"github.com/astproxy/astproxy/proxy/proxytest"
)

var (
	exampleAction = regexp.MustCompile(`(?m)(?:^    [A-Za-z]+: .*\n)+`)
	exampleTOML   = regexp.MustCompile("(?s)```toml\n(.*?)```")
	exampleCSV    = regexp.MustCompile(`(?m)^    group,number.*\n(?:    .*\n)+`)
)

func page(t *testing.T) string {
	t.Helper()
	text, err := os.ReadFile("../../docs/groupcall.md")
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// configured reads the page's configurations, with the page's file of groups beside them.
func configured(t *testing.T) (all []*app.Config) {
	t.Helper()
	text, folder := page(t), t.TempDir()
	lines := strings.ReplaceAll(exampleCSV.FindString(text), "    ", "")
	if err := os.WriteFile(filepath.Join(folder, "groups.csv"), []byte(lines), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, example := range exampleTOML.FindAllStringSubmatch(text, -1) {
		path := filepath.Join(folder, "astproxy.toml")
		if err := os.WriteFile(path, []byte(example[1]), 0o600); err != nil {
			t.Fatal(err)
		}
		c, err := app.Load(path)
		if err != nil {
			t.Fatalf("%s: %v", example[1], err)
		}
		all = append(all, c)
	}
	return all
}

// of is the plugin's own part of a configuration.
func of(t *testing.T, c *app.Config) *groupcall.Config {
	t.Helper()
	for _, p := range c.Plugins {
		if own, is := p.Own.(*groupcall.Config); is {
			return own
		}
	}
	t.Fatal("there is no plugin groupcall")
	return nil
}

func TestTheExamplesOfThePageWork(t *testing.T) {
	configurations := configured(t)
	if len(configurations) != 2 {
		t.Fatalf("the page has %d configurations", len(configurations))
	}
	own := of(t, configurations[0])
	own.Databases = nil // the file is not there
	s := plugintest.Start(t, groupcall.Kind, own, plugintest.Options{Proxy: proxytest.Options{Users: append(configurations[0].Users, proxytest.User())}})
	c := s.Dial(t)
	c.Login("reception", "hunter2")
	asked := 0
	for _, example := range exampleAction.FindAllString(page(t), -1) {
		text := strings.ReplaceAll(example, "    ", "")
		if ami.Parse(text).Action() == "" {
			continue // an answer
		}
		asked++
		c.SendRaw(text + "\n")
		if answer := c.Response(); answer.Response() != "Success" {
			t.Errorf("%s is answered with %s", text, answer)
		}
	}
	if asked != 4 {
		t.Errorf("the page has %d actions", asked)
	}
	c.Send("GroupShow", "Group: 700")
	if m := c.Event("GroupMember", "Group: 700"); m.Get("Name") != "Ann" {
		t.Errorf("the page's file has %s", m)
	}
}

func TestTheCommandsOfThePageWork(t *testing.T) {
	configuration := configured(t)[0]
	own := of(t, configuration)
	own.Databases = nil // the file is not there
	s := plugintest.Start(t, groupcall.Kind, own, plugintest.Options{Proxy: proxytest.Options{Users: append(configuration.Users, proxytest.User())}})
	if n := proxytest.RunExamples(t, "../../docs/groupcall.md", "http://127.0.0.1:8090", s.URL); n != 3 {
		t.Errorf("the page has %d commands", n)
	}
}

func TestThePagesRulesLetTheGroupBeCalledAndNothingElse(t *testing.T) {
	s := start(t, plugintest.Options{Proxy: proxytest.Options{Users: append(configured(t)[1].Users, proxytest.User())}}, func(c *groupcall.Config) {
		c.Groups = []groupcall.GroupConfig{{Name: "600", Members: []string{"1001", "1002"}}, {Name: "601", Members: []string{"1001"}}}
	})
	c := s.Dial(t)
	c.Login("reception", "hunter2")
	for headers, want := range map[string]string{
		"Group: 600|Conference: 8600":        "Success",
		"Group: 601|Conference: 8600":        "Error",
		"Group: 600|Conference: 8601":        "Error",
		"Destination: 1001|Conference: 8600": "Error",
	} {
		if m := c.Ask("GroupOriginate", strings.Split(headers, "|")...); m.Response() != want {
			t.Errorf("%s is answered with %s", headers, m)
		}
	}
}

func TestThePageNamesEveryHeaderAndEveryCode(t *testing.T) {
	text := page(t)
	host, _ := plugintest.NewHost(t, plugintest.Options{})
	plugin, err := groupcall.Kind.New(host, groupcall.DefaultConfig())
	if err != nil {
		t.Fatal(err)
	}
	for _, action := range plugin.(plugins.Actor).Actions() {
		for _, h := range action.Headers {
			if !strings.Contains(text, h.Name) {
				t.Errorf("%s of %s is not there", h.Name, action.Name)
			}
		}
	}
	for _, code := range []string{
		groupcall.CodeUnknownGroup, groupcall.CodeEmptyGroup, groupcall.CodeNobody, groupcall.CodeTooLarge, groupcall.CodeDestination,
		groupcall.CodeSource, groupcall.CodeLoop, groupcall.CodeUnknownJob, plugins.CodeBusy, plugins.CodeDenied, plugins.CodeFailed,
		plugins.CodeInvalid, plugins.CodeMissing, plugins.CodeServerDown, plugins.CodeUnknownHeader,
	} {
		if !strings.Contains(text, code) {
			t.Errorf("the code %s is not there", code)
		}
	}
}
