package migrate

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
)

// What Asterisk's config.c allows.
const (
	maxIncludes        = 10   // MAX_INCLUDE_LEVEL
	maxFiles           = 1000 // ours: a file may include itself
	roomOfAsteriskLine = 8191
)

// variable is a line name = value of a file of Asterisk's.
type variable struct {
	name, value string
	where       string // file and line
}

// category is a [section] of such a file, with what it inherits in front of its own.
type category struct {
	name      string
	template  bool
	variables []variable
	where     string
}

// asteriskFile is a configuration file of Asterisk's and all it includes, as main/config.c reads it.
type asteriskFile struct {
	folder     string // that relative names begin at
	categories []*category
	files      []string
	odd        []string
	current    *category
}

// readAsterisk reads a file. What is wrong with a line is told in odd, as Asterisk tells its log: of a file
// that Asterisk refuses as a whole, what can be read is.
func readAsterisk(path string) (*asteriskFile, error) {
	f := &asteriskFile{folder: filepath.Dir(path)}
	s, err := read(path)
	if err != nil {
		return nil, err
	}
	f.read(s, 1)
	return f, nil
}

func (f *asteriskFile) oddly(where, format string, args ...any) {
	f.odd = append(f.odd, where+": "+fmt.Sprintf(format, args...))
}

func (f *asteriskFile) read(s source, level int) {
	f.files = append(f.files, s.path)
	comments := uncommenter{}
	for number, line := range s.lines {
		where := s.at(number)
		if len(line) >= roomOfAsteriskLine {
			f.oddly(where, "the line is too long for Asterisk, which skips it.")
			continue
		}
		if text := strings.Trim(comments.strip(line), " \t\r\n"); text != "" {
			f.line(text, where, level)
		}
	}
	if comments.depth > 0 {
		f.oddly(s.at(comments.began), "the comment that begins with ;-- does not end.")
	}
}

func (f *asteriskFile) line(text, where string, level int) {
	switch {
	case text[0] == '[':
		f.header(text, where)
	case text[0] == '#':
		f.directive(text[1:], where, level)
	case f.current == nil:
		f.oddly(where, "the line stands before the first [section]. Asterisk refuses such a file.")
	default:
		f.assignment(text, where)
	}
}

// header reads [name](!,+,template).
func (f *asteriskFile) header(text, where string) {
	name, rest, closed := strings.Cut(text[1:], "]")
	if !closed {
		f.oddly(where, "there is no closing ]. Asterisk refuses such a file.")
		return
	}
	c := &category{name: name, where: where}
	f.current = c
	added := true
	if inner, is := strings.CutPrefix(rest, "("); is {
		inner, _, closed = strings.Cut(inner, ")")
		if !closed {
			f.oddly(where, "there is no closing ). Asterisk refuses such a file.")
		}
		for option := range strings.SplitSeq(inner, ",") {
			switch base := f.find(option); {
			case option == "!":
				c.template = true
			case option == "+" && f.find(name) != nil:
				f.current, added = f.find(name), false
			case option != "+" && base != nil:
				c.variables = append(c.variables, base.variables...)
			default:
				f.oddly(where, "there is no section %q before this one. Asterisk refuses such a file.", strings.ReplaceAll(option, "+", name))
			}
		}
	}
	if added {
		f.categories = append(f.categories, c)
	} else {
		f.current.variables = append(f.current.variables, c.variables...)
	}
}

// find is the first section of a name, templates among them. Names of sections compare without case.
func (f *asteriskFile) find(name string) *category {
	i := slices.IndexFunc(f.categories, func(c *category) bool { return strings.EqualFold(c.name, name) })
	if i < 0 {
		return nil
	}
	return f.categories[i]
}

// directive reads #include, #tryinclude and #exec. The last is not run.
func (f *asteriskFile) directive(text, where string, level int) {
	word, argument, _ := strings.Cut(strings.ReplaceAll(text, "\t", " "), " ")
	argument = unquoted(strings.TrimSpace(argument))
	switch word = strings.ToLower(word); word {
	case "include", "tryinclude":
		f.include(argument, where, level, word == "tryinclude")
	case "exec":
		f.oddly(where, "what this #exec prints is not taken over: import runs no programs. Put its output into a file, and that in its place.")
	default:
		f.oddly(where, "Asterisk knows no directive #%s, and ignores it.", word)
	}
}

func unquoted(text string) string {
	if len(text) < 2 {
		return text
	}
	first, last := text[0], text[len(text)-1]
	if first == '"' && last == '"' || first == '<' && last == '>' {
		return text[1 : len(text)-1]
	}
	return text
}

func (f *asteriskFile) include(name, where string, level int, mayMiss bool) {
	if level >= maxIncludes {
		f.oddly(where, "Asterisk includes files up to %d deep, and so does import.", maxIncludes)
		return
	}
	pattern := name
	if !filepath.IsAbs(name) {
		pattern = filepath.Join(f.folder, name)
	}
	paths, err := filepath.Glob(pattern)
	if err != nil {
		paths = []string{pattern}
	}
	if len(paths) == 0 && !mayMiss {
		f.oddly(where, "the included file %q is not there. Asterisk refuses a manager.conf with such a line.", name)
	}
	for _, path := range paths {
		if info, err := os.Stat(path); err == nil && !info.Mode().IsRegular() {
			f.oddly(where, "%q is no file, and Asterisk ignores it.", path)
			continue
		}
		if len(f.files) >= maxFiles {
			f.oddly(where, "%d files are included before this one, and it is left out.", len(f.files))
			return
		}
		s, err := read(path)
		if err != nil {
			f.oddly(where, "%q cannot be read: %s", name, reason(err))
			continue
		}
		section := f.current // a section that begins there ends there
		f.read(s, level+1)
		f.current = section
	}
}

// assignment reads name = value, name => value and name += value. A \ in front of the name is no part of it.
func (f *asteriskFile) assignment(text, where string) {
	text = strings.TrimPrefix(text, `\`)
	name, value, is := strings.Cut(text, "=")
	if !is {
		f.oddly(where, "there is no = in the line, and Asterisk ignores it.")
		return
	}
	name, appends := strings.CutSuffix(name, "+")
	name = strings.TrimSpace(name)
	if !appends {
		value = strings.TrimPrefix(value, ">")
	}
	if name == "" {
		f.oddly(where, "there is no name in front of the =, and Asterisk ignores the line.")
		return
	}
	if appends {
		for i := len(f.current.variables) - 1; i >= 0; i-- {
			if v := &f.current.variables[i]; v.name == name {
				v.value = strings.TrimSpace(v.value + value)
				return
			}
		}
	}
	f.current.variables = append(f.current.variables, variable{name: name, value: strings.TrimSpace(value), where: where})
}
