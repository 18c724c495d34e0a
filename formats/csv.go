package formats

import (
	"strings"
	"unicode/utf8"

	"github.com/astproxy/astproxy/ami"
)

// CSV is a table by RFC 4180, in UTF-8: a line of column names, then a line a message. A list is
// one table that has every name of every message as a column, in the order of their first
// appearance, and an empty field where a message has no such header. The values of a header that
// occurs more than once are one field with a line each.
//
// In a stream every message is a table of its own, and a blank line ends it.
type CSV struct{}

// Append implements Format.
func (f CSV) Append(dst []byte, m ami.Message, o Options) []byte {
	return append(f.AppendList(dst, []Item{{m, o}}), "\r\n"...)
}

// AppendList implements Format.
func (CSV) AppendList(dst []byte, answer []Item) []byte {
	columns := map[string]int{} // by the name in lower case
	var names []string
	rows := make([][]group, len(answer))
	for i, item := range answer {
		rows[i] = grouped(item.Message, item.Options)
		for _, g := range rows[i] {
			key := strings.ToLower(g.name)
			if _, known := columns[key]; !known {
				columns[key] = len(names)
				names = append(names, g.name)
			}
		}
	}
	dst = appendRow(dst, names)
	for _, row := range rows {
		fields := make([]string, len(names))
		for _, g := range row {
			fields[columns[strings.ToLower(g.name)]] = strings.Join(g.values, "\n")
		}
		dst = appendRow(dst, fields)
	}
	return dst
}

// MediaType implements Format.
func (CSV) MediaType() string { return "text/csv; charset=utf-8; header=present" }

func appendRow(dst []byte, fields []string) []byte {
	for i, field := range fields {
		if i > 0 {
			dst = append(dst, ',')
		}
		// A row of one empty field would be a blank line.
		if len(fields) == 1 || strings.ContainsAny(field, ",\"\r\n") || strings.TrimSpace(field) != field {
			dst = append(appendQuoted(append(dst, '"'), field), '"')
		} else {
			dst = appendQuoted(dst, field)
		}
	}
	return append(dst, "\r\n"...)
}

// appendQuoted appends s as it stands in a quoted field. NUL, at which readers of CSV stumble, and
// bytes that are no UTF-8 are U+FFFD.
func appendQuoted(dst []byte, s string) []byte {
	for i, r := range s {
		switch r {
		case '"':
			dst = append(dst, `""`...)
		case 0, utf8.RuneError:
			dst = append(dst, "\uFFFD"...)
		default:
			dst = append(dst, s[i:i+utf8.RuneLen(r)]...)
		}
	}
	return dst
}
