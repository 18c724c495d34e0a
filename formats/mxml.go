package formats

import (
	"slices"
	"strconv"
	"strings"

	"github.com/astproxy/astproxy/ami"
)

// MXML is what Asterisk's HTTP manager gives at /mxml: an element a message, with an attribute a
// header, as manager.c, xml_translate, makes it of AMI text. Names are in lower case, with _ for
// whatever is no letter or digit; the second of the same name is called name-2. Lines without a
// name, and all that follow, are one attribute opaque_data.
//
// Where Asterisk's would be no XML (names that differ in case alone, control characters, bytes that
// are no UTF-8, quotes in Dest), or XML of another namespace (a header Xmlns), this is.
type MXML struct {
	Dest   string // the id of every response: parameter ajaxdest, "" for unknown
	Object string // the name of the element in it: parameter ajaxobjtype, "" or no XML name for generic
}

// Append implements Format.
func (f MXML) Append(dst []byte, m ami.Message, o Options) []byte {
	// A header costs about as much as in text; the ends are 60 bytes.
	dst = slices.Grow(dst, len(m.Raw())+2*m.Len()+len(o.Server)+len(o.ActionID)+len(o.Sequence)+160)
	dst = append(dst, "<response type='object' id='"...)
	dst = appendOr(dst, f.Dest, "unknown")
	dst = append(dst, "'><"...)
	if isXMLName(f.Object) {
		dst = append(dst, f.Object...)
	} else {
		dst = append(dst, "generic"...)
	}
	dst = appendAttributes(dst, m, o)
	return append(dst, " /></response>\n"...)
}

// AppendList implements Format.
func (f MXML) AppendList(dst []byte, answer []Item) []byte {
	dst = append(dst, "<ajax-response>\n"...)
	dst = appendEach(f, dst, answer)
	return append(dst, "</ajax-response>\n"...)
}

// MediaType implements Format.
func (MXML) MediaType() string { return "text/xml" }

func appendOr(dst []byte, value, otherwise string) []byte {
	if value == "" {
		value = otherwise
	}
	return appendXMLEscaped(dst, value, &singleQuoted)
}

// appendAttributes appends the headers, each with a blank before it.
func appendAttributes(dst []byte, m ami.Message, o Options) []byte {
	var seen nameSet
	var times map[string]int // how often each attribute occurred, once one may have occurred twice
	opaque := false
	first := len(dst)
	for l := o.lines(m); ; {
		header, ok := l.next()
		switch {
		case !ok && opaque:
			return append(dst, '\'')
		case !ok:
			return dst
		case opaque:
			dst = append(dst, '\n')
			if !header.raw {
				dst = append(appendXMLEscaped(dst, header.name, &singleQuoted), ": "...)
			}
			dst = appendXMLEscaped(dst, trimBlanks(header.value), &singleQuoted)
			continue
		case header.raw:
			opaque = true
			dst = append(dst, " opaque_data='"...)
			dst = appendXMLEscaped(dst, trimBlanks(header.value), &singleQuoted)
			continue
		}
		dst = append(dst, ' ')
		start := len(dst)
		dst = appendAttributeName(dst, header.name)
		if hash, _ := hashName(dst[start:]); seen.add(hash) && times == nil {
			times = attributeCounts(dst[first : start-1])
		}
		if times != nil {
			name := string(dst[start:])
			if times[name]++; times[name] > 1 {
				dst = strconv.AppendInt(append(dst, '-'), int64(times[name]), 10)
			}
		}
		dst = append(dst, "='"...)
		dst = appendXMLEscaped(dst, trimBlanks(header.value), &singleQuoted)
		dst = append(dst, '\'')
	}
}

// attributeCounts says how often each attribute in text occurs; every one of them is written
// " name='value'".
func attributeCounts(text []byte) map[string]int {
	times := map[string]int{}
	for rest := string(text); rest != ""; {
		name, after, _ := strings.Cut(rest[1:], "='")
		times[name]++
		_, rest, _ = strings.Cut(after, "'")
	}
	return times
}

// appendAttributeName spells a header's name as Asterisk does (manager.c, xml_copy_escape), but for the one
// that says which namespace the element is of: with it an event would be another element to its readers,
// or one that a browser runs.
func appendAttributeName(dst []byte, name string) []byte {
	if len(name) == len("xmlns") && strings.EqualFold(name, "xmlns") {
		dst = append(dst, '_')
	}
	for i := range len(name) {
		c := name[i]
		switch {
		case 'A' <= c && c <= 'Z':
			c += 'a' - 'A'
		case '0' <= c && c <= '9':
			if i == 0 {
				dst = append(dst, '_')
			}
		case c < 'a' || c > 'z':
			c = '_'
		}
		dst = append(dst, c)
	}
	return dst
}

// trimBlanks takes away what Asterisk takes for blanks at the end (ast_trim_blanks).
func trimBlanks(value string) string {
	end := len(value)
	for end > 0 && value[end-1] <= ' ' {
		end--
	}
	return value[:end]
}
