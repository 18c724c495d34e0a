package migrate

import (
	"fmt"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"
)

// commentWidth is where the lines of comments end.
const commentWidth = 110

// output is an astproxy.toml in the making.
type output struct{ b strings.Builder }

// heading begins a part of the file.
func (o *output) heading(text string) {
	o.b.WriteString("\n\n# " + strings.Repeat("-", commentWidth-17) + "\n")
	o.note("%s", text)
}

// table begins a table. Notes before it belong to it.
func (o *output) table(header string) { o.line(header) }

// blank separates what is to be read apart.
func (o *output) blank() { o.b.WriteByte('\n') }

func (o *output) line(text string) { o.b.WriteString(text + "\n") }

// printable is a text that may stand in a comment.
func printable(text string) string {
	return strings.Map(func(r rune) rune {
		if unicode.IsControl(r) {
			return '?'
		}
		return r
	}, strings.ToValidUTF8(text, "?"))
}

// note writes a comment. What comes from outside is put in it by %q, or is known to be harmless.
func (o *output) note(format string, args ...any) {
	for _, line := range wrap(printable(fmt.Sprintf(format, args...)), commentWidth-len("# ")) {
		o.line(strings.TrimRight("# "+line, " "))
	}
}

// warn writes a comment that somebody should look at.
func (o *output) warn(format string, args ...any) { o.note("WARNING: "+format, args...) }

// example writes a line to be copied from a comment, such as a command.
func (o *output) example(text string) { o.line("#     " + printable(text)) }

// set writes a key.
func (o *output) set(key string, value any) { o.line(key + " = " + literal(value)) }

// literal writes a value as Load reads it.
func literal(value any) string {
	switch v := value.(type) {
	case string:
		return quote(v)
	case []string:
		quoted := make([]string, len(v))
		for i, text := range v {
			quoted[i] = quote(text)
		}
		if one := "[" + strings.Join(quoted, ", ") + "]"; len(one) <= commentWidth-len("eventfilter = ") {
			return one
		}
		return "[\n    " + strings.Join(quoted, ",\n    ") + ",\n]"
	case time.Duration:
		return quote(shortest(v))
	}
	return fmt.Sprint(value)
}

// shortest writes a duration without the zeros that its String has.
func shortest(d time.Duration) string {
	if d%time.Second == 0 {
		return fmt.Sprintf("%ds", d/time.Second)
	}
	return fmt.Sprintf("%dms", d/time.Millisecond)
}

// quote writes a basic string of TOML, in which ${ is no environment variable of Load's.
func quote(text string) string {
	var b strings.Builder
	b.WriteByte('"')
	for _, r := range strings.ReplaceAll(text, "${", "$${") {
		switch {
		case r == '"' || r == '\\':
			b.WriteByte('\\')
			b.WriteRune(r)
		case r < ' ' || r == 0x7f:
			fmt.Fprintf(&b, `\u%04X`, r)
		default:
			b.WriteRune(r)
		}
	}
	b.WriteByte('"')
	return b.String()
}

// writable tells whether TOML, which is UTF-8, can hold a text.
func writable(texts ...string) bool {
	for _, text := range texts {
		if !utf8.ValidString(text) {
			return false
		}
	}
	return true
}

// wrap breaks a text at blanks into lines of at most width bytes, where it can.
func wrap(text string, width int) (lines []string) {
	line := ""
	for word := range strings.FieldsSeq(text) {
		if line != "" && len(line)+1+len(word) > width {
			lines = append(lines, line)
			line = ""
		}
		if line != "" {
			line += " "
		}
		line += word
	}
	return append(lines, line)
}
