package migrate

import "strings"

// uncommenter takes comments out of the lines of one of Asterisk's files: from a ; up to the line's end, and
// all between ;-- and --;, which may be many lines, and be nested. \; is no comment but a ;.
type uncommenter struct {
	depth int // of ;-- that have not ended
	line  int
	began int // the line in which the outermost began
}

// strip is what is left of the next line.
func (u *uncommenter) strip(line string) string {
	u.line++
	var kept strings.Builder
	keep := func(text string) {
		if u.depth == 0 {
			kept.WriteString(text)
		}
	}
	for rest := line; ; {
		at := strings.IndexByte(rest, ';')
		if at < 0 {
			keep(rest)
			return kept.String()
		}
		before, behind := rest[:at], rest[at+1:]
		switch {
		case strings.HasSuffix(before, `\`):
			keep(before[:at-1] + ";")
		case strings.HasPrefix(behind, "--") && !strings.HasPrefix(behind, "---"):
			keep(before)
			if u.depth == 0 {
				u.began = u.line
			}
			u.depth++
			behind = behind[2:]
		case u.depth > 0 && strings.HasSuffix(before, "--"):
			u.depth--
		case u.depth == 0:
			keep(before)
			return kept.String()
		}
		rest = behind
	}
}
