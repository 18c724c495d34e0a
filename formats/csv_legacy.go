package formats

import "github.com/astproxy/astproxy/ami"

// CSVLegacy is what astmanproxy called csv, with quotes doubled, which it did not: a message is
// "Name: value", "Name: value" and a blank line.
type CSVLegacy struct{}

// Append implements Format.
func (CSVLegacy) Append(dst []byte, m ami.Message, o Options) []byte {
	first := true
	for l := o.lines(m); ; {
		header, ok := l.next()
		if !ok {
			return append(dst, "\r\n\r\n"...)
		}
		if !first {
			dst = append(dst, ", "...)
		}
		first = false
		dst = append(dst, '"')
		if !header.raw {
			dst = append(appendQuoted(dst, header.name), ": "...)
		}
		dst = append(appendQuoted(dst, header.value), '"')
	}
}

// AppendList implements Format.
func (f CSVLegacy) AppendList(dst []byte, answer []Item) []byte { return appendEach(f, dst, answer) }

// MediaType implements Format. It is the predecessor's.
func (CSVLegacy) MediaType() string { return "text/plain" }
