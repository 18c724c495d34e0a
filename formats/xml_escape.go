package formats

import (
	"strings"
	"unicode/utf8"
)

// reservedXMLName tells whether a name is one of those that XML keeps for itself.
func reservedXMLName(name string) bool {
	return len(name) >= 3 && strings.EqualFold(name[:3], "xml")
}

// plainBytes are those that stand in an attribute as they are.
type plainBytes [256]bool

// plainBut are the printable bytes of ASCII but for those that mean something.
func plainBut(special string) (plain plainBytes) {
	for c := ' '; c < utf8.RuneSelf; c++ {
		plain[c] = !strings.ContainsRune(special, c)
	}
	return plain
}

// In double quotes, as astmanproxy escaped it, and in single quotes, as Asterisk does.
var (
	doubleQuoted = plainBut(`<>&"`)
	singleQuoted = plainBut(`<>&"'`)
)

// appendXMLEscaped appends s as it stands in an attribute; plain is for its quotes. White space that a parser would turn into blanks is a reference; what XML cannot carry at all, control
// characters and bytes that are no UTF-8, is U+FFFD.
func appendXMLEscaped(dst []byte, s string, plain *plainBytes) []byte {
	done := 0 // s[:done] is appended
	for i := 0; i < len(s); {
		c := s[i]
		if plain[c] {
			i++
			continue
		}
		size := 1
		if c >= utf8.RuneSelf {
			var r rune
			r, size = utf8.DecodeRuneInString(s[i:])
			if (r != utf8.RuneError || size > 1) && r != '\uFFFE' && r != '\uFFFF' {
				i += size
				continue
			}
		}
		dst = append(dst, s[done:i]...)
		dst = append(dst, xmlReference(c)...)
		i += size
		done = i
	}
	return append(dst, s[done:]...)
}

func xmlReference(c byte) string {
	switch c {
	case '<':
		return "&lt;"
	case '>':
		return "&gt;"
	case '&':
		return "&amp;"
	case '"':
		return "&quot;"
	case '\'':
		return "&apos;"
	case '\t':
		return "&#9;"
	case '\n':
		return "&#10;"
	case '\r':
		return "&#13;"
	}
	return "\uFFFD"
}
