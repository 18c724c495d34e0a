package migrate

import (
	"fmt"
	"maps"
	"path/filepath"
	"slices"
	"strings"
)

// AstmanproxyFiles are where astmanproxy's configuration is. Only Config must be given.
type AstmanproxyFiles struct {
	Config string // astmanproxy.conf
	Users  string // astmanproxy.users; "": the one beside Config, if there is one
	SSL    string // ssl.conf; "": likewise
}

// astmanproxy is what its files say.
type astmanproxy struct {
	files   []string
	options map[string]setting // by name: the last line of each, which is the one that counts
	hosts   []setting          // in the order of the file
	users   []setting          // likewise
	ssl     []setting
	odd     []string // what is wrong with lines, for the administrator
}

// optionNames are those that processline knows, but for host. It ignores all others in silence.
var optionNames = slices.Sorted(maps.Keys(became))

func readAstmanproxy(files AstmanproxyFiles) (*astmanproxy, error) {
	a := &astmanproxy{options: map[string]setting{}}
	if files.Users == "" {
		files.Users = beside(files.Config, "astmanproxy.users")
	}
	if files.SSL == "" {
		files.SSL = beside(files.Config, "ssl.conf")
	}
	for _, each := range []struct {
		path string
		read func(source)
	}{{files.Config, a.readConfig}, {files.Users, a.readUsers}, {files.SSL, a.readSSL}} {
		if each.path == "" {
			continue
		}
		s, err := read(each.path)
		if err != nil {
			return nil, err
		}
		a.files = append(a.files, each.path)
		each.read(s)
	}
	if len(a.options) == 0 && len(a.hosts) == 0 {
		return nil, fmt.Errorf("%s has none of astmanproxy's settings", filepath.Base(files.Config))
	}
	return a, nil
}

func (a *astmanproxy) oddly(s setting, format string, args ...any) {
	a.odd = append(a.odd, s.where+": "+fmt.Sprintf(format, args...))
}

func (a *astmanproxy) readConfig(file source) {
	for line, text := range file.lines {
		if isComment(text) {
			continue
		}
		s := configLine(text)
		s.line, s.where = line, file.at(line)
		earlier, again := a.options[s.name]
		switch {
		case s.name == "" && s.value == "":
			continue
		case s.name == "host":
			a.hosts = append(a.hosts, s)
		case !slices.Contains(optionNames, s.name):
			a.oddly(s, "astmanproxy knows no %q and ignored the line, and so does this file.%s", s.name, meant(s.name, optionNames))
			continue
		default:
			a.options[s.name] = s
		}
		if again {
			a.oddly(s, "%s stands in line %d already. The last one counts, as in astmanproxy.", s.name, earlier.line)
		}
		if s.tooLong(text) {
			a.oddly(s, "astmanproxy had no room for all of this line, and wrote what is over somewhere into its memory. It is taken over in full.")
		}
	}
}

func (a *astmanproxy) readUsers(file source) {
	for line, text := range file.lines {
		if isComment(text) {
			continue
		}
		s := userLine(text)
		s.line, s.where = line, file.at(line)
		if s.name == "" && s.value == "" {
			continue // astmanproxy made a user of it, without a name and without a secret
		}
		a.users = append(a.users, s)
		if s.tooLong(text) {
			a.oddly(s, "astmanproxy had no room for all of this line, and wrote what is over somewhere into its memory. It is taken over in full.")
		}
	}
}

// readSSL reads OpenSSL's configuration only to say of each of its keys that nothing of it is needed.
func (a *astmanproxy) readSSL(file source) {
	section := "default"
	for line, text := range file.lines {
		text, _, _ = strings.Cut(text, "#")
		text = strings.TrimSpace(text)
		if inner, is := strings.CutPrefix(text, "["); is {
			section = strings.TrimSpace(strings.TrimSuffix(inner, "]"))
			continue
		}
		if name, value, is := strings.Cut(text, "="); is {
			a.ssl = append(a.ssl, setting{
				name: strings.TrimSpace(name), value: strings.TrimSpace(value), raw: section, line: line, where: file.at(line),
			})
		}
	}
}

// meant offers the name that somebody may have meant.
func meant(name string, known []string) string {
	for _, other := range known {
		if nearly(name, other) {
			return fmt.Sprintf(" Was %s meant?", other)
		}
	}
	return ""
}

// nearly tells whether one letter more, less or other makes the one of the other.
func nearly(a, b string) bool {
	if len(a) > len(b) {
		a, b = b, a
	}
	if len(b)-len(a) > 1 {
		return false
	}
	i := 0
	for i < len(a) && a[i] == b[i] {
		i++
	}
	if len(a) == len(b) {
		return i < len(a) && a[i+1:] == b[i+1:]
	}
	return a[i:] == b[i+1:]
}
