package formats

import (
	"slices"

	"github.com/astproxy/astproxy/ami"
)

// XML is an element a message, with an element a header in it, as astmanproxy had it:
//
//	<AsteriskManagerOutput>
//	 <Event Value="Hangup"/>
//	 <Server Value="pbx1"/>
//	</AsteriskManagerOutput>
//
// What is the proxy's own is an AsteriskManagerProxyOutput. A name that is no XML name is written
// <Header Name=".." Value=".."/>. A list of several messages is wrapped in one AsteriskManagerList.
type XML struct {
	// Legacy is the shape astmanproxy had: headers of 30 bytes and more, and those that cannot be
	// spelled as elements, are <UnparsedText Value="Name: value"/>, and a list has no element
	// around it.
	Legacy bool
}

// The elements of XML.
const (
	outputElement      = "AsteriskManagerOutput"
	proxyOutputElement = "AsteriskManagerProxyOutput"
	inputElement       = "AsteriskManagerInput"
	listElement        = "AsteriskManagerList"
	headerElement      = "Header"
	unparsedElement    = "UnparsedText"
)

// Append implements Format. Lines end in CRLF and the message in a blank line.
func (f XML) Append(dst []byte, m ami.Message, o Options) []byte {
	// A header costs up to 12 bytes more than as text, and there is room for a few escapes. What
	// needs more makes dst grow again.
	dst = slices.Grow(dst, len(m.Raw())+12*m.Len()+len(o.Server)+len(o.ActionID)+len(o.Sequence)+192)
	element := outputElement
	if o.Server == "" {
		element = proxyOutputElement
	}
	return append(f.appendElement(dst, element, m, o), "\r\n"...)
}

// AppendList implements Format.
func (f XML) AppendList(dst []byte, answer []Item) []byte {
	if f.Legacy || len(answer) == 1 {
		return appendEach(f, dst, answer)
	}
	dst = append(dst, "<"+listElement+">\r\n"...)
	dst = appendEach(f, dst, answer)
	return append(dst, "</"+listElement+">\r\n"...)
}

// MediaType implements Format. It is the predecessor's; XML is UTF-8 unless it says otherwise.
func (XML) MediaType() string { return "text/xml" }

func (f XML) appendElement(dst []byte, element string, m ami.Message, o Options) []byte {
	dst = append(append(append(dst, '<'), element...), ">\r\n"...)
	for l := o.lines(m); ; {
		header, ok := l.next()
		if !ok {
			break
		}
		if f.Legacy {
			dst = appendLegacyHeader(dst, header)
		} else {
			dst = appendHeader(dst, header)
		}
	}
	return append(append(append(dst, "</"...), element...), ">\r\n"...)
}

func appendHeader(dst []byte, header line) []byte {
	dst = append(dst, " <"...)
	if isXMLName(header.name) {
		dst = append(dst, header.name...)
	} else {
		dst = append(dst, headerElement+` Name="`...)
		dst = appendXMLEscaped(dst, header.name, &doubleQuoted)
		dst = append(dst, '"')
	}
	dst = append(dst, ` Value="`...)
	dst = appendXMLEscaped(dst, header.value, &doubleQuoted)
	return append(dst, "\"/>\r\n"...)
}

// legacyLength is how many bytes of an escaped line astmanproxy did not write as an element any
// more (xml.c, _write).
const legacyLength = 30

func appendLegacyHeader(dst []byte, header line) []byte {
	start := len(dst)
	if !header.raw && isXMLName(header.name) {
		dst = appendHeader(dst, header)
		if len(dst)-start-len(` < Value=""/>`+"\r\n")+len(": ") < legacyLength {
			return dst
		}
		dst = dst[:start]
	}
	dst = append(dst, " <"+unparsedElement+` Value="`...)
	if !header.raw {
		dst = append(appendXMLEscaped(dst, header.name, &doubleQuoted), ": "...)
	}
	dst = appendXMLEscaped(dst, header.value, &doubleQuoted)
	return append(dst, "\"/>\r\n"...)
}

// isXMLName tells whether a header's name can be an element's: the ASCII part of XML's names,
// without those XML keeps for itself.
func isXMLName(name string) bool {
	for i := range len(name) {
		if !xmlNamed[name[i]] {
			return false
		}
	}
	return name != "" && xmlBegins[name[0]] && (name[0]|0x20 != 'x' || !reservedXMLName(name))
}

// The bytes a name is made of, and those it can begin with.
var (
	xmlNamed  = among(xmlLetters + "0123456789-.")
	xmlBegins = among(xmlLetters)
)

const xmlLetters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz_"

func among(bytes string) (set [256]bool) {
	for i := range len(bytes) {
		set[bytes[i]] = true
	}
	return set
}
