package migrate

import (
	"slices"
	"strings"
	"testing"
)

// parse reads a text as a file of Asterisk's, and returns its sections with their lines.
func parse(text string) []string {
	f := &asteriskFile{}
	f.read(source{path: "test.conf", text: text}, 1)
	var all []string
	for _, c := range f.categories {
		line := "[" + c.name + "]"
		for _, v := range c.variables {
			line += " " + v.name + "=" + v.value
		}
		all = append(all, line)
	}
	return all
}

func TestAFileOfAsterisksMeansWhatItMeansThere(t *testing.T) {
	for name, test := range map[string]struct {
		text string
		want []string
	}{
		"comments":         {"[a];x\nb=1;2\n;b=2\nc=\\;3\\;", []string{"[a] b=1 c=;3;"}},
		"comment in a row": {"[a]\nb=1;--x--;2\nc=3", []string{"[a] b=12 c=3"}},
		"long comment":     {"[a]\nb=1;-- x\ny=2\n;-- z --;\n--;c=3\nd=4", []string{"[a] b=1 c=3 d=4"}},
		"ruler":            {"[a]\n;------\nb=1\n;--- x\nc=2", []string{"[a] b=1 c=2"}},
		"arrow":            {"[a]\nb => 1\nc=> 2\nd = > 3", []string{"[a] b=1 c=2 d=> 3"}},
		"append":           {"[a]\nb = 1\nb += ,2\nc += 3", []string{"[a] b=1 ,2 c=3"}},
		"template":         {"[t](!)\nb=1\n[a](t)\nb=2\n[c](t,a)\nd=3", []string{"[t] b=1", "[a] b=1 b=2", "[c] b=1 b=1 b=2 d=3"}},
		"added to":         {"[a]\nb=1\n[c]\n[a](+)\nd=2", []string{"[a] b=1 d=2", "[c]"}},
		"escaped name":     {"[a]\n\\#b=1", []string{"[a] #b=1"}},
		"blanks":           {"  [a]  \n\t b\t=\t1 2 \r", []string{"[a] b=1 2"}},
		"no section":       {"b=1\n[a]", []string{"[a]"}},
		"filter": {
			"[a]\neventfilter(name(X),header(Y),method(regex)) = ^a=b$",
			[]string{"[a] eventfilter(name(X),header(Y),method(regex))=^a=b$"},
		},
	} {
		if got := parse(test.text); !slices.Equal(got, test.want) {
			t.Errorf("%s: %q, want %q", name, got, test.want)
		}
	}
}

// Asterisk takes a word for each class that begins with it, if another word follows, and an empty one for all.
func TestClassesAreThoseThatAsteriskGives(t *testing.T) {
	for list, want := range map[string]string{
		"all":          "all",
		"system,call":  "system call",
		"system, call": "system",
		"sys,call":     "system call",
		"call,":        "call",
		"call,,user":   "all",
		"c,user":       "call command user config cdr cc",
		"none":         "",
		"":             "",
		"Call":         "",
	} {
		if got := strings.Join(classList(&managerUser{}, variable{name: "read", value: list}), " "); got != want {
			t.Errorf("%q gives %q, want %q", list, got, want)
		}
	}
}
