package access

import (
	"strings"
	"unicode/utf8"
)

// pattern is a text with wildcards: * stands for any characters or none, ? for one, and a \ in front of
// either, or of itself, for the character alone. It is compared with the whole of a text.
type pattern string

// wildcards are what makes a pattern match more than one text.
const wildcards = "*?"

// literal is the one text that the pattern matches; false: it has wildcards.
func (p pattern) literal() (string, bool) {
	if !strings.ContainsAny(string(p), wildcards+`\`) {
		return string(p), true
	}
	var text strings.Builder
	for rest := string(p); rest != ""; {
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
	if p[0] == '\\' && len(p) > 1 {
		_, size := utf8.DecodeRuneInString(p[1:])
		return p[1 : 1+size], false, p[1+size:]
	}
	_, size := utf8.DecodeRuneInString(p)
	return p[:size], strings.Contains(wildcards, p[:size]), p[size:]
}

// matches compares as it is, matchesFold without case. The time they take grows with the text's length
// times the pattern's, whatever stands in them.
func (p pattern) matches(text string) bool { return match(string(p), text, false) }

func (p pattern) matchesFold(text string) bool { return match(string(p), text, true) }

// match goes back to the latest * alone: what an earlier one could match, that one can too.
func match(p, text string, fold bool) bool {
	behindStar, starText := "", "" // where to go on when what follows the latest * does not match
	starred := false
	for text != "" || p != "" {
		if p != "" {
			c, wild, rest := nextOf(p)
			switch {
			case wild && c == "*":
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
		starText = starText[size:]
		p, text = behindStar, starText
	}
	return true
}

// patterns of which one has to match.
type patterns []pattern

func newPatterns(texts []string) patterns {
	list := make(patterns, len(texts))
	for i, text := range texts {
		list[i] = pattern(text)
	}
	return list
}

// matchFold is the first that matches, without case.
func (l patterns) matchFold(text string) (pattern, bool) {
	for _, p := range l {
		if p.matchesFold(text) {
			return p, true
		}
	}
	return "", false
}
