package access

import (
	"strings"
	"unicode/utf8"
)

// pattern is a text with wildcards: * stands for any characters or none, ? for one, and a \ in front of
// either, or of itself, for the character alone. It is compared with the whole of a text.
type pattern struct {
	written string
	form    form
	text    string // what is one: the text without \; what is a beginning: the text without its *
	ascii   bool   // the text is: the same letters in another case have the same length
}

// form tells the patterns apart that are compared at once.
type form uint8

const (
	mixed form = iota
	literal
	beginning // a text and one * behind it
)

// wildcards are what makes a pattern match more than one text.
const wildcards = "*?"

func newPattern(written string) pattern {
	if text, is := plainText(written); is {
		return pattern{written, literal, text, isASCII(text)}
	}
	if before, stars := strings.CutSuffix(written, "*"); stars && !strings.HasSuffix(before, `\`) {
		if text, is := plainText(before); is {
			return pattern{written, beginning, text, isASCII(text)}
		}
	}
	return pattern{written: written}
}

// plainText is the one text that a pattern matches; false: it has wildcards.
func plainText(written string) (string, bool) {
	if !strings.ContainsAny(written, wildcards+`\`) {
		return written, true
	}
	var text strings.Builder
	for rest := written; rest != ""; {
		c, wild, after := nextOf(rest)
		if wild {
			return "", false
		}
		text.WriteString(c)
		rest = after
	}
	return text.String(), true
}

// nextOf takes the first character of a pattern.
func nextOf(p string) (c string, wild bool, rest string) {
	if c := p[0]; c < utf8.RuneSelf && c != '\\' {
		return p[:1], c == '*' || c == '?', p[1:]
	}
	if p[0] == '\\' && len(p) > 1 {
		_, size := utf8.DecodeRuneInString(p[1:])
		return p[1 : 1+size], false, p[1+size:]
	}
	_, size := utf8.DecodeRuneInString(p)
	return p[:size], false, p[size:]
}

// matches compares as it is, matchesFold without case. The time they take grows with the text's length
// times the pattern's, whatever stands in them.
func (p *pattern) matches(text string) bool {
	switch p.form {
	case literal:
		return text == p.text
	case beginning:
		return strings.HasPrefix(text, p.text)
	}
	return match(p.written, text, false)
}

func (p *pattern) matchesFold(text string) bool {
	switch p.form {
	case literal:
		return strings.EqualFold(text, p.text)
	case beginning:
		if len(text) >= len(p.text) && strings.EqualFold(text[:len(p.text)], p.text) {
			return true
		}
		if p.ascii {
			return false
		}
	}
	return match(p.written, text, true)
}

func isASCII(text string) bool {
	for i := range len(text) {
		if text[i] >= utf8.RuneSelf {
			return false
		}
	}
	return true
}

// match goes back to the latest * alone: what an earlier one could match, that one can too.
func match(p, text string, fold bool) bool {
	behindStar, starText := "", "" // where to go on when what follows the latest * does not match
	starred := false
	for text != "" || p != "" {
		if p != "" && text != "" && sameASCII(p[0], text[0], fold) {
			p, text = p[1:], text[1:]
			continue
		}
		if p != "" {
			c, wild, rest := nextOf(p)
			switch {
			case wild && c == "*":
				text = skipTo(rest, text, fold)
				behindStar, starText, starred = rest, text, true
				p = rest
				continue
			case text == "":
			case wild:
				_, size := utf8.DecodeRuneInString(text)
				p, text = rest, text[size:]
				continue
			default:
				_, size := utf8.DecodeRuneInString(text)
				if text[:size] == c || fold && strings.EqualFold(text[:size], c) {
					p, text = rest, text[size:]
					continue
				}
			}
		}
		if !starred || starText == "" {
			return false
		}
		_, size := utf8.DecodeRuneInString(starText)
		starText = skipTo(behindStar, starText[size:], fold)
		p, text = behindStar, starText
	}
	return true
}

// skipTo is the text from where a pattern may begin to match it: its first character that may be the pattern's.
func skipTo(p, text string, fold bool) string {
	if p == "" || p[0] >= utf8.RuneSelf || p[0] == '*' || p[0] == '?' || p[0] == '\\' {
		return text
	}
	for i := range len(text) {
		if text[i] >= utf8.RuneSelf || sameASCII(p[0], text[i], fold) {
			return text[i:]
		}
	}
	return ""
}

// sameASCII tells whether a pattern begins as a text does, where both are ASCII and the pattern's character stands for
// itself: most do, and this is how permission checks are fast.
func sameASCII(p, text byte, fold bool) bool {
	if p >= utf8.RuneSelf || p == '*' || p == '?' || p == '\\' {
		return false
	}
	return p == text || fold && lowerASCII(p) == lowerASCII(text)
}

func lowerASCII(c byte) byte {
	if 'A' <= c && c <= 'Z' {
		c += 'a' - 'A'
	}
	return c
}

// patterns of which one has to match.
type patterns []pattern

func newPatterns(texts []string) patterns {
	list := make(patterns, len(texts))
	for i, text := range texts {
		list[i] = newPattern(text)
	}
	return list
}

// matchFold is the first that matches, without case, as it is written.
func (l patterns) matchFold(text string) (written string, matches bool) {
	for i := range l {
		if l[i].matchesFold(text) {
			return l[i].written, true
		}
	}
	return "", false
}

// hasFold tells whether any matches, without case.
func (l patterns) hasFold(text string) bool {
	_, matches := l.matchFold(text)
	return matches
}
