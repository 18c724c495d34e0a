package conference

import (
	"os"
	"regexp"
	"strings"
	"testing"
)

func documentation(t *testing.T) string {
	t.Helper()
	text, err := os.ReadFile("../../docs/conference.md")
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

func TestTheExtensionInTheDocumentationIsTheOneThatIsMade(t *testing.T) {
	_, text, _ := strings.Cut(documentation(t), "```extensions.conf of your own\n")
	text, _, _ = strings.Cut(text, "```")
	var got []step
	for _, line := range regexp.MustCompile(`(?m)^(?:exten => join,1| same => n),(\w+)\((.*)\)$`).FindAllStringSubmatch(text, -1) {
		got = append(got, step{line[1], line[2]})
	}
	c := DefaultConfig()
	c.Menu = "astproxy"
	want := c.extension()
	if len(got) != len(want) || !same(want, got) {
		t.Errorf("the documentation has\n%q, want\n%q", got, want)
	}
	if !strings.Contains(text, "["+c.Context+"]\n") {
		t.Errorf("the context is not %s: %s", c.Context, text)
	}
}

func TestTheDocumentationHasEveryActionHeaderStateAndCode(t *testing.T) {
	text := documentation(t)
	p, err := New(nil, *DefaultConfig())
	if err != nil {
		t.Fatal(err)
	}
	for _, action := range p.Actions() {
		row := regexp.MustCompile("(?m)^\\|.*`" + action.Name + "`.*$")
		line := row.FindString(text)
		if line == "" {
			t.Errorf("there is no %s in it", action.Name)
		}
		for _, h := range action.Headers {
			if !strings.Contains(line, "`"+h.Name+"`") {
				t.Errorf("%s has no header %s in it", action.Name, h.Name)
			}
		}
		for _, class := range strings.Split(action.Class.String(), ",") {
			if !strings.HasSuffix(strings.TrimSpace(line), "| "+class+" |") {
				t.Errorf("%s is not of class %s in it", action.Name, class)
			}
		}
	}
	for _, code := range []string{
		CodeNoChannel, CodeNoPeer, CodeNoConference, CodeExists, CodeLocked, CodeNoNumber, CodeInside, CodeNotInside, CodeAmbiguous,
		CodeWrongPIN, CodeNoDialplan, CodeNobodyJoined, CodeNothingToCall,
	} {
		if !strings.Contains(text, "| `"+code+"` |") {
			t.Errorf("the code %s is not in it", code)
		}
	}
	for _, state := range []string{
		string(PartyMoving), string(PartyJoined), string(PartyLost), string(PartyKept), string(PartyUnknown), string(InviteCalling),
		string(InviteRinging), string(InviteAnswered), string(InviteBusy), string(InviteNoAnswer), string(InviteCongestion),
		string(InviteFailed), string(InviteCancelled), string(InviteUnknown),
	} {
		if !strings.Contains(text, "`"+state+"`") {
			t.Errorf("the state %s is not in it", state)
		}
	}
}
