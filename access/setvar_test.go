package access

import (
	"strings"
	"testing"

	"github.com/astproxy/astproxy/ami"
)

func TestTheVariablesOfAUserStandBeforeThoseOfHisClient(t *testing.T) {
	users, err := NewUsers([]UserConfig{{Name: "anna", Secret: "x", SetVar: []string{"ACCOUNT=north", "CDR(userfield)=a b"}}})
	if err != nil {
		t.Fatal(err)
	}
	anna, _ := users.Authenticate("anna", "x")
	action := ami.Parse("Action: Originate\r\nVariable: ACCOUNT=mine\r\nChannel: PJSIP/1\r\n\r\n")
	got := anna.WithVariables("originate", action).Raw()
	want := "Variable: ACCOUNT=north\r\nVariable: CDR(userfield)=a b\r\nAction: Originate\r\nVariable: ACCOUNT=mine\r\nChannel: PJSIP/1\r\n"
	if strings.TrimRight(got, "\r\n") != strings.TrimRight(want, "\r\n") {
		t.Errorf("got %q, want %q", got, want)
	}
	if other := ami.Parse("Action: Setvar\r\n\r\n"); anna.WithVariables("Setvar", other).Raw() != other.Raw() {
		t.Error("another action is changed")
	}
}

func TestAVariableIsSaidByOneHeader(t *testing.T) {
	for assignment, right := range map[string]bool{
		"A=b": true, "A=": true, "CDR(x)=y": true, "A=b=c": true, "CONFBRIDGE(user,admin)=yes": true,
		"A": false, "=b": false, "": false, " A=b": false, "A=b ": false, "A=b,c": false, `A="b"`: false, `A=\b`: false, "A=b\r\nAction: x": false,
		"A=" + strings.Repeat("b", ami.MaxLine): false,
	} {
		if err := (UserConfig{Name: "anna", Secret: "x", SetVar: []string{assignment}}).Validate(); (err == nil) != right {
			t.Errorf("%.20q: %v", assignment, err)
		}
	}
}
