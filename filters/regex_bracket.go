package filters

import (
	"fmt"
	"strings"
	"unicode/utf8"
)

// bracket parses what follows a "[", up to and with the "]". A backslash stands for itself, "]" too
// when it comes first, "-" when it comes first or last.
func (p *regexParser) bracket() (*node, error) {
	open := p.at - 1
	inverted := p.take('^')
	var s set
	for isFirst := true; isFirst || !p.take(']'); isFirst = false {
		if err := p.bracketItem(&s, isFirst); err != nil {
			return nil, err
		}
		if p.end() {
			return nil, p.fault(open, `"[" is not closed`, `"]", or \[ for the character`)
		}
	}
	return s.node(inverted), nil
}

// bracketItem parses a class, a character, or two of these with a "-" between them, into s.
func (p *regexParser) bracketItem(s *set, isFirst bool) error {
	start := p.at
	if strings.HasPrefix(p.rest(), "[:") {
		name, err := p.bracketName()
		if err != nil {
			return err
		}
		if classes[name] == "" {
			return p.fault(start, fmt.Sprintf("there is no class %q", name), "alnum, alpha, blank, cntrl, digit, graph, lower, print, punct, space, upper or xdigit")
		}
		s.addClass(name)
		return nil
	}
	// [=x=] begins no range, for it may stand for more than x; here it never does.
	equivalents := strings.HasPrefix(p.rest(), "[=")
	low, err := p.bracketChar(isFirst)
	if err != nil {
		return err
	}
	high := low
	if !equivalents && strings.HasPrefix(p.rest(), "-") && !strings.HasPrefix(p.rest(), "-]") {
		p.at++
		class := strings.HasPrefix(p.rest(), "[:") || strings.HasPrefix(p.rest(), "[=")
		if high, err = p.bracketChar(true); err != nil {
			return err
		}
		// The GNU C library refuses ranges beyond ASCII in C.UTF-8, which has no order for them.
		if class || high < low || high >= utf8.RuneSelf {
			return p.fault(start, fmt.Sprintf("%q is no range", p.pattern[start:p.at]), "two characters of ASCII in ascending order")
		}
	}
	s.addRange(low, high)
	return nil
}

// bracketChar parses one character, which may be written [.x.] or [=x=]. A hyphen may be one only
// where hyphen says so, or in front of the "]".
func (p *regexParser) bracketChar(hyphen bool) (rune, error) {
	start := p.at
	if p.end() {
		return 0, p.fault(start, "the end", `"]"`)
	}
	rest := p.rest()
	switch {
	case strings.HasPrefix(rest, "[.") || strings.HasPrefix(rest, "[=") || strings.HasPrefix(rest, "[:"):
		name, err := p.bracketName()
		if err != nil {
			return 0, err
		}
		if len(name) != 1 || name[0] >= utf8.RuneSelf {
			return 0, p.fault(start, fmt.Sprintf("%q is not one character of ASCII", name), "one character of ASCII")
		}
		return rune(name[0]), nil
	case rest[0] == '-' && !hyphen && !strings.HasPrefix(rest, "-]"):
		return 0, p.fault(start, `"-" neither begins nor ends the list, nor a range`, "a range, or the hyphen at the end")
	}
	r, size := utf8.DecodeRuneInString(rest)
	p.at += size
	return r, nil
}

// bracketName parses [:name:], [.name.] or [=name=].
func (p *regexParser) bracketName() (string, error) {
	kind := p.rest()[1:2]
	name, _, found := strings.Cut(p.rest()[2:], kind+"]")
	if !found {
		return "", p.fault(p.at, fmt.Sprintf(`"[%s" is not closed`, kind), fmt.Sprintf(`"%s]"`, kind))
	}
	p.at += len(name) + 4
	return name, nil
}
