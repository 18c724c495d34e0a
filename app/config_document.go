package app

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"
)

// document is a configuration file while it is looked through.
type document struct {
	file     string
	text     string
	root     *node
	problems Problems

	// bad are the keys that something was found wrong with, so that nothing follows from it: a
	// port that is no number is not missing as well. A key that is misspelt is bad under its right
	// name.
	bad map[place]bool
}

// place is a key of a table.
type place struct {
	table *node
	key   string
}

// add notes a problem at an offset into the text.
func (d *document) add(offset int, problem Problem) {
	problem.File = d.file
	problem.Line, problem.Column = position(d.text, offset)
	d.problems = append(d.problems, problem)
}

// position is the line and column of an offset, in characters and from 1.
func position(text string, offset int) (line, column int) {
	before := text[:min(offset, len(text))]
	start := strings.LastIndexByte(before, '\n') + 1
	return 1 + strings.Count(before, "\n"), 1 + utf8.RuneCountInString(before[start:])
}

// at is for what is found wrong in one table.
func (d *document) at(table *node) reporter { return reporter{document: d, table: table} }

// reporter places what is wrong with the keys of one table.
type reporter struct {
	document *document
	table    *node
}

// problem reports a key, or the table itself where the key is empty.
func (r reporter) problem(key, text string) { r.add(key, Problem{Text: text}) }

// hinted reports a key, and what to do about it.
func (r reporter) hinted(key, text, hint string) { r.add(key, Problem{Text: text, Hint: hint}) }

// add reports a key such as "read" or "read[1]". One that is not in the file is reported where its
// table is, and one that is known to be bad not again.
func (r reporter) add(key string, problem Problem) {
	r.addAt(key, 0, problem)
}

// addAt reports byte at of a text in a list.
func (r reporter) addAt(key string, at int, problem Problem) {
	name, index := splitIndex(key)
	if r.document.bad[place{r.table, name}] {
		return
	}
	offset := r.offset(name, index)
	if index >= 0 {
		offset = textOffset(r.document.text, offset, at)
	}
	r.document.add(offset, problem)
}

// below is the place of a key such as "rule[1].action[0]": the table that it is in, and its key there.
// A table that is not there is its own nearest.
func (r reporter) below(key string) (reporter, string) {
	table, rest, deeper := strings.Cut(key, ".")
	if !deeper {
		return r, key
	}
	name, index := splitIndex(table)
	n := r.table.keys[name]
	switch {
	case n != nil && index < 0 && n.keys != nil:
		return r.document.at(n).below(rest)
	case n == nil || index < 0 || index >= len(n.items):
		return r, name
	}
	return r.document.at(n.items[index]).below(rest)
}

func (r reporter) offset(name string, index int) int {
	n := r.table.keys[name]
	if n == nil && name == "secret" {
		n = r.table.keys["secret_file"] // whose text the secret was
	}
	switch {
	case n == nil:
		return r.table.offset
	case index >= 0 && index < len(n.items):
		return n.items[index].offset
	}
	return n.offset
}

// markBad keeps a key from being reported again.
func (r reporter) markBad(key string) {
	if r.document.bad == nil {
		r.document.bad = make(map[place]bool)
	}
	r.document.bad[place{r.table, key}] = true
}

// splitIndex takes "read[1]" apart; without an index it is -1.
func splitIndex(key string) (name string, index int) {
	name, rest, found := strings.Cut(key, "[")
	if !found {
		return key, -1
	}
	index, err := strconv.Atoi(strings.TrimSuffix(rest, "]"))
	if err != nil {
		return name, -1
	}
	return name, index
}

// choice reports a value that is not one of those known.
func (r reporter) choice(key, given string, known []string) {
	if !slices.Contains(known, given) {
		r.hinted(key, fmt.Sprintf("unknown %s %q", key, given), offer(given, known))
	}
}

// offer is the nearest known name, or all of them.
func offer(given string, known []string) string {
	if hint := didYouMean(given, known); hint != "" {
		return hint
	}
	return "known here: " + strings.Join(known, ", ")
}
