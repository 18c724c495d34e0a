package app

import (
	"os"
	"strings"
	"testing"
)

// Whatever a file says, reading it ends, and each problem has a place in the file. No secret is
// shown, but for a text that stands elsewhere as well.
func FuzzLoad(f *testing.F) {
	content, err := os.ReadFile("testdata/broken.txt")
	if err != nil {
		f.Fatal(err)
	}
	for section := range strings.SplitSeq(string(content), "\n=== ") {
		_, section, _ = strings.Cut(section, "\n")
		text, _, _ := strings.Cut(section, "---\n")
		f.Add(completed(text))
	}
	f.Add("\x1b") // the decoder places what it says of this before the file
	f.Fuzz(func(t *testing.T, text string) {
		for _, reads := range []string{"_file", "tls_ca", `\`} { // or files that never end could be read
			if strings.Contains(text, reads) {
				return
			}
		}
		const secret = "hunter2"
		if strings.Count(text, secret) != strings.Count(text, `secret = "`+secret+`"`) {
			return
		}
		d := &document{file: "astproxy.toml", text: text}
		config := d.load()
		if config == nil && !d.problems.fatal() {
			t.Fatal("neither a configuration nor a problem")
		}
		lines := strings.Count(text, "\n") + 1
		for _, problem := range d.problems {
			if problem.Line < 1 || problem.Line > lines || problem.Column < 1 || problem.Text == "" {
				t.Errorf("%#v", problem)
			}
		}
		if strings.Contains(d.problems.Error(), secret) {
			t.Errorf("shows a secret: %v", d.problems)
		}
	})
}
