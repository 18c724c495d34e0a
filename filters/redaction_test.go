package filters

import (
	"errors"
	"strings"
	"testing"

	"github.com/astproxy/astproxy/ami"
)

//astproxy:attack
func TestWhatIsRedactedIsNotInTheMessage(t *testing.T) {
	for _, test := range []struct{ rules, message, want string }{ // each with "|" for a line's end
		{"mask CallerIDNum", "Event: A|CallerIDNum: 123|Exten: 1", "Event: A|CallerIDNum: (hidden)|Exten: 1"},
		{"mask calleridnum", "Event: A|CallerIDNum: 1|CallerIDNum: 2", "Event: A|CallerIDNum: (hidden)|CallerIDNum: (hidden)"},
		{"drop ConnectedLine*", "Event: A|ConnectedLineNum: 1|ConnectedLineName: 2|Exten: 1", "Event: A|Exten: 1"},
		{"drop *Num|mask CallerIDNum", "Response: Success|CallerIDNum: 1", "Response: Success"},
		{"drop *Num*", "Event: A|XNumber: 1", "Event: A"},
		{"drop X", "Event: A|Y: 1|no name", "Event: A|Y: 1|no name"},
		{"drop *", "Event: A|Privilege: call,all|ActionID: 1|X: 1", "Event: A|Privilege: call,all|ActionID: 1"},
		{"mask X", "Event: A|X: 1|more of it|Y: 2", "Event: A|X: (hidden)|Y: 2"},
		// Variables.
		{"mask variable PIN*", "Event: VarSet|Variable: PIN|Value: 1234", "Event: VarSet|Variable: PIN|Value: (hidden)"},
		{"mask variable PIN*", "Event: VarSet|Variable: __pin_code|Value: 1234", "Event: VarSet|Variable: __pin_code|Value: (hidden)"},
		{"mask variable PIN", "Event: VarSet|Variable: SPIN|Value: 1", "Event: VarSet|Variable: SPIN|Value: 1"},
		{"drop variable PIN", "Event: VarSet|Variable: PIN|Value: 1234|Uniqueid: 1", "Event: VarSet|Uniqueid: 1"},
		{"mask variable PIN", "Response: Success|Variable: IMPORT(SIP/1,PIN)|Value: 1", "Response: Success|Variable: IMPORT(SIP/1,PIN)|Value: (hidden)"},
		{"mask variable PIN", "Response: Success|Variable: PIN|Value: 1|Next: 2", "Response: Success|Variable: PIN|Value: (hidden)"},
		{"mask variable PIN", "Event: A|ChanVariable: PIN=1=2|ChanVariable: Y=2", "Event: A|ChanVariable: PIN=(hidden)|ChanVariable: Y=2"},
		{"drop variable PIN", "Event: A|DestChanVariable: PIN=1|ChanVariable: Y=2", "Event: A|ChanVariable: Y=2"},
		{"mask variable PIN", "Event: A|ChanVariable(SIP/1-1): PIN=1", "Event: A|ChanVariable(SIP/1-1): PIN=(hidden)"},
		{"mask variable PIN", "Event: Newexten|Application: Set|AppData: PIN=1,2", "Event: Newexten|Application: Set|AppData: PIN=(hidden)"},
		{"mask variable PIN", "Event: Newexten|AppData: A=1,__PIN = 2,B=3", "Event: Newexten|AppData: A=1,__PIN =(hidden)"},
		{"drop variable PIN", "Event: Newexten|AppData: A=1,PIN=2", "Event: Newexten|AppData: A=1,PIN=(hidden)"},
		{"drop variable PIN", "Event: Newexten|AppData: PIN=2", "Event: Newexten"},
		{"mask variable PIN", "Event: Newexten|AppData: HASH(PIN)=2", "Event: Newexten|AppData: HASH(PIN)=(hidden)"},
		{"mask variable PIN", "Event: Status|Variable: PIN=1", "Event: Status|Variable: PIN=(hidden)"},
		{"mask variable PIN", "Event: AGIExecStart|Command: SET VARIABLE PIN 1", "Event: AGIExecStart|Command: SET VARIABLE PIN (hidden)"},
		{"mask variable PIN", `Event: AGIExecStart|Command: SET VARIABLE "PIN" "1"`, `Event: AGIExecStart|Command: SET VARIABLE "PIN" (hidden)`},
		{"mask variable PIN", "Event: Newexten|AppData: SIP/PIN,20", "Event: Newexten|AppData: SIP/PIN,20"},
	} {
		r, _, err := NewRedaction(strings.Split(test.rules, "|"))
		if err != nil {
			t.Errorf("%s: %v", test.rules, err)
			continue
		}
		got := r.Apply(ami.Parse(strings.ReplaceAll(test.message, "|", "\r\n")))
		if want := ami.Parse(strings.ReplaceAll(test.want, "|", "\r\n")); got.Raw() != want.Raw() {
			t.Errorf("%s: of\n%s\ngot\n%s\nwant\n%s", test.rules, test.message, got, want)
		}
	}
}

func TestARedactionThatIsNoneSaysWhichAndWhere(t *testing.T) {
	for _, rules := range [][]string{
		{"mask A", ""}, {"mask A", "mask"}, {"mask A", "hide B"}, {"mask A", "mask variable"}, {"mask A", "mask B C"},
		{"mask A", "mask a*b"}, {"mask A", "drop Event"}, {"mask A", "drop actionid"}, {"mask A", "mask A:"},
	} {
		_, index, err := NewRedaction(rules)
		var wrong *Error
		if !errors.As(err, &wrong) || index != 1 || wrong.Position < 0 || wrong.Position > len(rules[1]) {
			t.Errorf("%q: rule %d, %v", rules[1], index, err)
		}
	}
	if r, _, err := NewRedaction(nil); r != nil || err != nil {
		t.Errorf("no rules make %v, %v", r, err)
	}
}

func TestWhoeverHidesNothingOfAMessageGetsItAsItIs(t *testing.T) {
	r, _, _ := NewRedaction([]string{"mask Nothing", "mask variable NOTHING"})
	if n := testing.AllocsPerRun(10, func() { r.Apply(event) }); r.Apply(event).Raw() != event.Raw() || n > 40 {
		t.Errorf("changed, or %v allocations", n)
	}
}
