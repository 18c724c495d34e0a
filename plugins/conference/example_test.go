package conference_test

import (
	"os"
	"regexp"
	"strings"
	"testing"

	"github.com/astproxy/astproxy/plugins/conference"
	"github.com/astproxy/astproxy/plugins/plugintest"
)

// The first example in docs/conference.md, between two phones that speak with each other.
func TestTheExampleInTheDocumentationIsTrue(t *testing.T) {
	text, err := os.ReadFile("../../docs/conference.md")
	if err != nil {
		t.Fatal(err)
	}
	example := regexp.MustCompile(`(?m)^    Action: (\w+)\n((?:    .+\n)+)\n((?:    .+\n)+)`).FindStringSubmatch(string(text))
	if example == nil {
		t.Fatal("there is no example")
	}
	lines := func(block string) (all []string) {
		for line := range strings.Lines(block) {
			all = append(all, strings.TrimSpace(line))
		}
		return all
	}
	s := start(t, plugintest.Options{})
	s.call(t, "101", "102")
	got := lines(s.Ask(example[1], lines(example[2])...).Raw())
	want := lines(example[3])
	if len(got) != len(want) {
		t.Fatalf("the answer is %q, want %q", got, want)
	}
	for i := range want {
		if begin, shortened := strings.CutSuffix(want[i], "..."); got[i] != want[i] && !(shortened && strings.HasPrefix(got[i], begin[:len("JobID: ")])) {
			t.Errorf("the answer has %q, want %q", got[i], want[i])
		}
	}
}

func TestAnExtensionThatIsAnotherIsReplacedAndOneThatIsRightIsLeft(t *testing.T) {
	s := start(t, plugintest.Options{})
	added := func() (n int) {
		for _, m := range s.Asterisk.Received() {
			if m.Action() == "DialplanExtensionAdd" {
				n++
			}
		}
		return n
	}
	s.mustSucceed(t, "DialplanExtensionAdd", "Context: astproxy-conference", "Extension: join", "Priority: 1", "Application: Hangup")
	s.confer(t)
	once := added()
	caller, _ := s.call(t, "103", "104")
	s.mustSucceed(t, "ConferenceCreate", "Channel: "+caller, "Wait: yes")
	if again := added(); once < 2 || again != once {
		t.Errorf("%d priorities were added, and then %d", once, again)
	}
	s.Asterisk.ReloadDialplan()
	caller, _ = s.call(t, "105", "106")
	s.mustSucceed(t, "ConferenceCreate", "Channel: "+caller, "Wait: yes")
}

func TestWithoutTheExtensionNobodyIsRedirected(t *testing.T) {
	s := start(t, plugintest.Options{}, func(c *conference.Config) { c.InstallContext = false })
	caller, _ := s.call(t, "101", "102")
	if m := s.Ask("ConferenceCreate", "Channel: "+caller, "Wait: yes"); m.Get("Code") != conference.CodeNoDialplan {
		t.Errorf("the answer is %v", m)
	}
	for _, m := range s.Asterisk.Received() {
		if m.Action() == "Redirect" {
			t.Errorf("Asterisk was asked for %v", m)
		}
	}
	if list := s.List("call", "CoreShowChannels"); len(list) != 4 {
		t.Errorf("the call has not gone on: %v", list)
	}
}
