package app

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/BurntSushi/toml"
)

// Whatever may stand between keys, each is found where it is.
func TestIndexPositions(t *testing.T) {
	const text = `top = 1 # [no]
"quoted \"key\"" = '''
[no]
no = 1''''' # two quotes of the text itself
dotted . below."at the end" = [ # no = 1
  [1, "]"], { inline = 1, # no = 2
    deeper.down = "}", },
  1979-05-27 07:32:00, 2.5e3, ]
long = """
no = 1 \""" "" \\"""

[a.b]
c = true
[a]
d = 1
	[[list]] # one
	x = 1
	[list.table]
	y = { }
[[list]]
x = 2
list.x = 3
`
	root := indexPositions(text)
	for path, want := range map[string]string{
		"top":                      "1:1",
		`quoted "key"`:             "2:1",
		"dotted":                   "5:1",
		"dotted/below":             "5:10",
		"dotted/below/at the end":  "5:16",
		"dotted/below/at the end#": "6:3 6:13 8:3 8:24",
		"long":                     "9:1",
		"a":                        "14:2",
		"a/b":                      "12:4",
		"a/b/c":                    "13:1",
		"a/d":                      "15:1",
		"list#":                    "16:4 20:3",
		"list/0/x":                 "17:2",
		"list/0/table":             "18:8",
		"list/0/table/y":           "19:2",
		"list/1/x":                 "21:1",
		"list/1/list/x":            "22:6",
		"list/1/y":                 "",
		"no":                       "",
	} {
		if got := look(text, root, path); got != want {
			t.Errorf("%s: got %q, want %q", path, got, want)
		}
	}
	inner := root.keys["dotted"].keys["below"].keys["at the end"].items[1]
	for path, want := range map[string]string{"inline": "6:15", "deeper/down": "7:12"} {
		if got := look(text, inner, path); got != want {
			t.Errorf("%s: got %q, want %q", path, got, want)
		}
	}
}

// look writes down where a node stands, or with # at its end all its items.
func look(text string, n *node, path string) string {
	path, items := strings.CutSuffix(path, "#")
	for name := range strings.SplitSeq(path, "/") {
		if i := strings.Index("0123456789", name); i >= 0 && i < len(n.items) {
			n = n.items[i]
			continue
		}
		if n = n.keys[name]; n == nil {
			return ""
		}
	}
	show := []*node{n}
	if items {
		show = n.items
	}
	var places []string
	for _, n := range show {
		line, column := position(text, n.offset)
		places = append(places, fmt.Sprintf("%d:%d", line, column))
	}
	return strings.Join(places, " ")
}

func TestPositionCountsCharacters(t *testing.T) {
	const text = "a\r\nü = 1\n"
	for offset, want := range []string{"1:1", "1:2", "1:3", "2:1"} {
		line, column := position(text, offset)
		if got := fmt.Sprintf("%d:%d", line, column); got != want {
			t.Errorf("%d: got %s, want %s", offset, got, want)
		}
	}
	if line, column := position(text, 6); line != 2 || column != 3 {
		t.Errorf("behind ü and a blank: got %d:%d", line, column)
	}
	if line, column := position(text, 99); line != 3 || column != 1 {
		t.Errorf("behind the end: got %d:%d", line, column)
	}
}

// Whatever key the decoder finds in a text, the index finds, and where it says there is a name.
func FuzzIndexPositions(f *testing.F) {
	for _, seed := range []string{
		"a=1", "a.b=1\na.c=2", "[a]\nb=1\n[a.c]\nd=2", "[[a]]\nb=1\n[[a]]\n[a.b]\nc=[1,[2,{d=3}]]", "a={b=1,\n#c\nc.d=2,}",
		"a=\"\"\"x\n\"\"\"\"\"\nb='''\n'''''\nc=''", "\"\\u0061\"=1\n'b.c'=2\n\"\"=3", "a=1979-05-27 07:32:00\nb=[1979-05-27 07:32:00,1]",
		"\r\na = 1 # x\r\n[ b . c ]\r\n", "a=\"\\\\\"\nb=\"\\\"\"", "[[a.b]]\n[a]\nc=1",
	} {
		f.Add(seed)
	}
	samples, err := filepath.Glob("../*.toml")
	if err != nil {
		f.Fatal(err)
	}
	for _, sample := range samples {
		text, err := os.ReadFile(sample)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(string(text))
	}
	f.Fuzz(func(t *testing.T, text string) {
		text = strings.TrimPrefix(text, "\ufeff")
		root := indexPositions(text) // must end, whatever the text
		var values map[string]any
		if _, err := toml.Decode(text, &values); err != nil {
			return
		}
		compare(t, text, "", values, root)
	})
}

// compare walks over what the decoder found and wants a position for each of it.
func compare(t *testing.T, text, path string, value any, n *node) {
	t.Helper()
	if n == nil {
		t.Fatalf("%s is not in the index", path)
	}
	switch value := value.(type) {
	case map[string]any:
		for name, below := range value {
			compare(t, text, path+"/"+name, below, n.keys[name])
			checkName(t, text, name, n.keys[name].offset)
		}
	case []map[string]any:
		for i, below := range value {
			compare(t, text, fmt.Sprint(path, "#", i), below, n.item(i))
		}
	case []any:
		for i, below := range value {
			compare(t, text, fmt.Sprint(path, "#", i), below, n.item(i))
		}
	}
}

func (n *node) item(i int) *node {
	if i < len(n.items) {
		return n.items[i]
	}
	return nil
}

func checkName(t *testing.T, text, name string, offset int) {
	t.Helper()
	rest := text[offset:]
	if !strings.HasPrefix(rest, name) && !strings.HasPrefix(rest, `"`) && !strings.HasPrefix(rest, "'") {
		t.Fatalf("%q is said to stand at %d, but there is %q", name, offset, rest)
	}
}
