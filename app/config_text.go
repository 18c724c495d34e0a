package app

import (
	"strings"
	"unicode/utf8"
)

// textOffset is where in the file byte at of a text stands, which begins with its quote at begin. A text
// that the file has in another form than byte by byte (of several lines, or with an environment variable
// in it) is one place.
func textOffset(file string, begin, at int) int {
	if at <= 0 || begin >= len(file) {
		return begin
	}
	quote := file[begin]
	if quote != '"' && quote != '\'' || strings.HasPrefix(file[begin:], strings.Repeat(string(quote), 3)) {
		return begin
	}
	offset := begin + 1
	for read := 0; read < at && offset < len(file); {
		switch c := file[offset]; {
		case c == '$' || c == '\n':
			return begin
		case c == quote:
			return offset
		case c == '\\' && quote == '"':
			character, length := escape(file[offset:])
			read += character
			offset += length
		default:
			read++
			offset++
		}
	}
	return offset
}

// escape is how many bytes an escape of TOML stands for, and how many it takes.
func escape(text string) (stands, takes int) {
	switch {
	case strings.HasPrefix(text, `\u`) && len(text) >= 6:
		return hexLength(text[2:6]), 6
	case strings.HasPrefix(text, `\U`) && len(text) >= 10:
		return hexLength(text[2:10]), 10
	case strings.HasPrefix(text, `\x`) && len(text) >= 4:
		return hexLength(text[2:4]), 4
	}
	return 1, min(2, len(text))
}

// hexLength is how many bytes the character with that number has in UTF-8.
func hexLength(digits string) int {
	n := rune(0)
	for _, d := range strings.ToLower(digits) {
		n = n<<4 | rune(strings.IndexRune("0123456789abcdef", d))
	}
	return max(1, utf8.RuneLen(n))
}
