package migrate

import "testing"

// What astmanproxy's own code, compiled, makes of each line.
func TestALineOfAstmanproxyConfMeansWhatItMeantThere(t *testing.T) {
	for line, want := range map[string][2]string{
		"listenport = 1234":             {"listenport", "1234"},
		"\tListen Port\t=\t12 34 ; why": {"listenport", "1234"},
		"logfile = /Var/Log # there":    {"logfile", "/var/log"},
		`logfile = "/Var/My Log" # it`:  {"logfile", "/Var/My Log"},
		`logfile = a"B c"D`:             {"logfile", "aB c"},
		`logfile = "a;b"`:               {"logfile", "a"},
		`log"file = x`:                  {`log"file`, "x"},
		"proxykey = a=b==c":             {"proxykey", "abc"},
		`proxykey = "a=b"`:              {"proxykey", "a=b"},
		"HOST = Pbx, 5038, User, S=x":   {"host", "Pbx,5038,User,S=x"},
		`host = "Pbx, 5038"`:            {"host", "Pbx, 5038"},
		`host = Pbx "x"`:                {"host", `Pbx"x"`},
		"no equals sign":                {"noequalssign", ""},
		"= nameless":                    {"", "nameless"},
		" ; a comment":                  {"", ""},
	} {
		if got := configLine(line); got.name != want[0] || got.value != want[1] {
			t.Errorf("%q is %q = %q, want %q", line, got.name, got.value, want)
		}
	}
}

func TestALineOfAstmanproxyUsersMeansWhatItMeantThere(t *testing.T) {
	for line, want := range map[string][2]string{
		"Dave=Secret,SIP/1":    {"Dave", "Secret,SIP/1"},
		" D ave\t= Sec ret":    {"Dave", "Secret"},
		"dave=s3cr#et":         {"dave", "s3cr"},
		"dave=s3cr;et":         {"dave", "s3cr"},
		"dave=base64==,SIP/1":  {"dave", "base64,SIP/1"},
		"dave=x\r":             {"dave", "x"},
		"dave":                 {"dave", ""},
		`dave="quoted"`:        {"dave", `"quoted"`},
		"dave=x,,,,,y # more":  {"dave", "x,,,,,y"},
		"   \t ; only comment": {"", ""},
	} {
		if got := userLine(line); got.name != want[0] || got.value != want[1] {
			t.Errorf("%q is %q = %q, want %q", line, got.name, got.value, want)
		}
	}
}

func TestMoreEventsIsWhateverStandsInItsPlace(t *testing.T) {
	for value, want := range map[string]bool{
		"s,c,o,i,a,s":      false,
		"s,c,o,i,a,s,":     true, // the end of the line stands there
		"s,c,o,i,a,s,n":    true,
		"s,c,o,i,a,s,,":    false,
		"s,c,o,i,a,s,no,x": true,
	} {
		if got := parseUser(setting{value: value}); got.moreEvents != want {
			t.Errorf("%q: %v, want %v", value, got.moreEvents, want)
		}
	}
}

func TestANumberIsReadAsCReadsIt(t *testing.T) {
	for text, want := range map[string]int{"": 0, "7": 7, "7x": 7, "-3": -3, "+4": 4, "x7": 0, "99999999999": 9999999999} {
		if got := number(text); got != want {
			t.Errorf("%q is %d, want %d", text, got, want)
		}
	}
}

func TestATextIsWrittenAsTOMLReadsIt(t *testing.T) {
	for text, want := range map[string]string{
		`a"b\c`:      `"a\"b\\c"`,
		"a\tb\x01":   `"a\u0009b\u0001"`,
		"${HOME} $x": `"$${HOME} $x"`,
		"grün":       `"grün"`,
	} {
		if got := quote(text); got != want {
			t.Errorf("%q is written %s, want %s", text, got, want)
		}
	}
}
