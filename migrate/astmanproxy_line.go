package migrate

import "strings"

// setting is a line of one of astmanproxy's files: a name, and what it is set to.
type setting struct {
	name, value string
	raw         string // value before it was made lower-case
	line        int
	where       string // file and line, for comments
}

// How much room astmanproxy has for a line, for a name and for a value. What is longer ran over its end.
const (
	roomOfLine  = 1023
	roomOfName  = 79
	roomOfValue = 255
)

func (s setting) tooLong(line string) bool {
	return len(line) > roomOfLine || len(s.name) > roomOfName || len(s.value) > roomOfValue
}

// isComment tells what ReadConfig and ReadPerms skip.
func isComment(line string) bool {
	return line == "" || line[0] == ';' || line[0] == '#' || line[0] == '\r'
}

// configLine reads a line as processline of config.c (1.30): blanks are nothing, ; and # end it wherever they
// stand, all is made lower-case, and = after the first is nothing. Between quotes all stays as it is, but for
// ; and #. The line of a host keeps upper case, and every = but the first.
func configLine(line string) (s setting) {
	var name, value, raw strings.Builder
	const (
		inName = iota
		inValue
		inQuotes
		inHost
	)
	state := inName
	for _, c := range []byte(line) {
		end := c == ';' || c == '#' || c == '\r' || c == 0
		blank := c == ' ' || c == '\t'
		switch {
		case end || state == inQuotes && c == '"':
			s.name, s.value, s.raw = name.String(), value.String(), raw.String()
			return s
		case state == inQuotes:
		case state == inValue && c == '"', state == inHost && c == '"' && value.Len() == 0:
			state = inQuotes
			continue
		case blank, state == inValue && c == '=':
			continue
		case state == inName && c == '=':
			state = inValue
			if name.String() == "host" {
				state = inHost
			}
			continue
		}
		if state == inName {
			name.WriteByte(lower(c))
			continue
		}
		raw.WriteByte(c)
		if state == inValue {
			c = lower(c)
		}
		value.WriteByte(c)
	}
	s.name, s.value, s.raw = name.String(), value.String(), raw.String()
	return s
}

// userLine reads a line as processperm of config_perms.c: blanks and every = but the first are nothing, ; and #
// end it wherever they stand, in a secret too.
func userLine(line string) (s setting) {
	var name, value strings.Builder
	into := &name
	for _, c := range []byte(line) {
		if c == ';' || c == '#' || c == '\r' || c == 0 {
			break
		}
		switch c {
		case ' ', '\t':
		case '=':
			into = &value
		default:
			into.WriteByte(c)
		}
	}
	s.name, s.value = name.String(), value.String()
	s.raw = s.value
	return s
}

// lower is C's tolower where nobody has chosen a language.
func lower(c byte) byte {
	if 'A' <= c && c <= 'Z' {
		return c + 'a' - 'A'
	}
	return c
}

func lowered(text string) string {
	b := []byte(text)
	for i, c := range b {
		b[i] = lower(c)
	}
	return string(b)
}

// number is C's atoi: digits, perhaps behind blanks and a sign, up to whatever is none.
func number(text string) int {
	text = strings.TrimLeft(text, " \t")
	negative := strings.HasPrefix(text, "-")
	text = strings.TrimLeft(text, "+-")
	n := 0
	for _, c := range []byte(text) {
		if c < '0' || c > '9' || n > 1<<30 {
			break
		}
		n = n*10 + int(c-'0')
	}
	if negative {
		return -n
	}
	return n
}
