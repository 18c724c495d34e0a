package app

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
)

// Problem is one thing wrong with a configuration file, and where. It never holds a secret.
type Problem struct {
	File    string // as it was named to Load
	Line    int    // from 1; 0 if the whole file is meant
	Column  int    // in characters, from 1
	Text    string
	Hint    string // what to do about it, if that can be said
	Warning bool   // worth a look, and no reason to refuse the file
}

// String is the problem in one line: astproxy.toml:12:5: unknown key "adress"; did you mean
// "address"?
func (p Problem) String() string {
	var line strings.Builder
	line.WriteString(p.File)
	if p.Line > 0 {
		fmt.Fprintf(&line, ":%d:%d", p.Line, p.Column)
	}
	line.WriteString(": ")
	if p.Warning {
		line.WriteString("warning: ")
	}
	line.WriteString(p.Text)
	if p.Hint != "" {
		line.WriteString("; ")
		line.WriteString(p.Hint)
	}
	return line.String()
}

// Problems are all that is wrong with a file, in its order. As an error they are a line each.
type Problems []Problem

// Error implements error.
func (p Problems) Error() string {
	lines := make([]string, len(p))
	for i, problem := range p {
		lines[i] = problem.String()
	}
	return strings.Join(lines, "\n")
}

// fatal tells whether there is more than warnings.
func (p Problems) fatal() bool {
	return slices.ContainsFunc(p, func(problem Problem) bool { return !problem.Warning })
}

// sort orders the problems by where they stand.
func (p Problems) sort() {
	slices.SortStableFunc(p, func(a, b Problem) int {
		return cmp.Or(cmp.Compare(a.Line, b.Line), cmp.Compare(a.Column, b.Column))
	})
}
