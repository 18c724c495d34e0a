package sim

import (
	"strconv"
	"strings"

	"github.com/astproxy/astproxy/ami"
)

// leadingInt is the number a text begins with, as C's %d reads it.
func leadingInt(text string) (n int, ok bool) {
	text = strings.TrimLeft(text, " \t")
	end := 0
	for end < len(text) && (text[end] >= '0' && text[end] <= '9' || end == 0 && (text[end] == '-' || text[end] == '+')) {
		end++
	}
	n, err := strconv.Atoi(text[:end])
	return n, err == nil
}

// parseCallerID reads `"Name" <number>`, `Name <number>` or a number.
func parseCallerID(text string) party {
	name, number, both := strings.Cut(text, "<")
	if both {
		number, _, _ = strings.Cut(number, ">")
		return party{number: strings.TrimSpace(number), name: strings.Trim(strings.TrimSpace(name), `"`)}
	}
	text = strings.TrimSpace(text)
	if strings.Trim(text, "+0123456789*#") == "" {
		return party{number: text}
	}
	return party{name: strings.Trim(text, `"`)}
}

// parseVariables reads the Variable headers, each of which may hold several, separated by commas.
func parseVariables(m ami.Message) variables {
	var v variables
	for header := range m.Values("Variable") {
		for assignment := range strings.SplitSeq(splitOutside(header), "\x00") {
			if name, value, ok := strings.Cut(assignment, "="); ok {
				v.set(strings.TrimSpace(name), value)
			}
		}
	}
	return v
}

// splitOutside replaces the commas outside of parentheses by NUL: CONFBRIDGE(user,admin)=yes is one variable.
func splitOutside(text string) string {
	depth := 0
	return strings.Map(func(r rune) rune {
		switch r {
		case '(':
			depth++
		case ')':
			depth--
		case ',':
			if depth == 0 {
				return 0
			}
		}
		return r
	}, text)
}
