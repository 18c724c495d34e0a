package formats

import (
	"bufio"
	"bytes"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"strings"

	"github.com/astproxy/astproxy/ami"
)

// DecodeXML makes an action of one AsteriskManagerInput:
//
//	<AsteriskManagerInput>
//	 <Action Value="Ping"/>
//	 <Header Name="ChanVariable(x)" Value="1"/>
//	</AsteriskManagerInput>
//
// There is no DOCTYPE and so no entity but XML's own five, nothing is nested deeper, and every
// attribute has to be one of these.
func DecodeXML(document []byte) (ami.Message, error) {
	r := bufio.NewReader(bytes.NewReader(document))
	m, err := ReadXML(r, len(document))
	if errors.Is(err, io.EOF) {
		err = errors.New("invalid XML: " + inputElement + " was expected")
	}
	if err != nil {
		return ami.Message{}, err
	}
	rest, err := io.ReadAll(r)
	if err != nil {
		return ami.Message{}, err
	}
	if len(bytes.TrimSpace(rest)) > 0 {
		return ami.Message{}, errors.New("invalid XML: there is something behind " + inputElement)
	}
	return m, nil
}

// ReadXML takes one AsteriskManagerInput of up to limit bytes off a connection, whatever blanks
// stand before it, and decodes it. It reads no further than its last byte. io.EOF means that no
// more came; after any other error what follows could be anything.
func ReadXML(r *bufio.Reader, limit int) (ami.Message, error) {
	source := &boundedBytes{reader: r, left: limit}
	d := xmlDecoder{tokens: xml.NewDecoder(source)}
	err := d.document()
	switch {
	case source.left < 0:
		return ami.Message{}, ErrDocumentTooLong
	case err != nil && source.ended && !source.begun:
		return ami.Message{}, io.EOF
	case err != nil && source.ended:
		return ami.Message{}, fmt.Errorf("invalid XML: %w", io.ErrUnexpectedEOF)
	case err != nil:
		return ami.Message{}, fmt.Errorf("invalid XML: %w", err)
	}
	return d.action.message()
}

// boundedBytes gives the XML decoder, which would read ahead otherwise, one byte after the other.
type boundedBytes struct {
	reader *bufio.Reader
	left   int  // bytes it may still take; below zero: it wanted more
	begun  bool // there was something other than blanks
	ended  bool // the source has no more
}

// ReadByte implements io.ByteReader.
func (b *boundedBytes) ReadByte() (byte, error) {
	if b.left <= 0 {
		// The end of the source is none of the limit's doing.
		if _, err := b.reader.Peek(1); err == nil {
			b.left = -1
		} else {
			b.ended = true
		}
		return 0, io.EOF
	}
	c, err := b.reader.ReadByte()
	if err != nil {
		b.ended = errors.Is(err, io.EOF)
		return 0, err
	}
	b.left--
	b.begun = b.begun || !strings.ContainsRune(" \t\r\n", rune(c))
	return c, nil
}

// Read implements io.Reader, which the decoder asks for and does not use.
func (b *boundedBytes) Read(p []byte) (int, error) {
	if len(p) == 0 {
		return 0, nil
	}
	c, err := b.ReadByte()
	if err != nil {
		return 0, err
	}
	p[0] = c
	return 1, nil
}

type xmlDecoder struct {
	tokens *xml.Decoder
	action action
	depth  int // elements open
}

// document reads up to the end of the one element there is.
func (d *xmlDecoder) document() error {
	for {
		token, err := d.tokens.Token()
		if err != nil {
			return err
		}
		switch token := token.(type) {
		case xml.StartElement:
			if err := d.start(token); err != nil {
				return err
			}
			d.depth++
		case xml.EndElement:
			if d.depth--; d.depth == 0 {
				return nil
			}
		case xml.CharData:
			if len(bytes.TrimSpace(token)) > 0 {
				return errors.New("there is text where an element was expected")
			}
		case xml.Comment:
		case xml.ProcInst:
			if token.Target != "xml" {
				return errors.New("processing instructions are not taken")
			}
		case xml.Directive:
			return errors.New("a DOCTYPE is not taken")
		}
	}
}

// start is the beginning of an element.
func (d *xmlDecoder) start(element xml.StartElement) error {
	name := element.Name.Local
	switch {
	case element.Name.Space != "":
		return fmt.Errorf("element %s has a namespace", quoted(name))
	case d.depth > 1:
		return fmt.Errorf("element %s is nested too deeply", quoted(name))
	case d.depth == 0 && name != inputElement:
		return fmt.Errorf("%s was expected, not %s", inputElement, quoted(name))
	case d.depth == 0 && len(element.Attr) > 0:
		return errors.New(inputElement + " has no attributes")
	case d.depth == 0:
		return nil
	}
	return d.header(name, element.Attr)
}

// header adds the header of an element inside.
func (d *xmlDecoder) header(element string, attributes []xml.Attr) error {
	name, value := "", ""
	named, valued := false, false
	for _, a := range attributes {
		switch {
		case a.Name.Space == "" && a.Name.Local == "Value" && !valued:
			value, valued = a.Value, true
		case a.Name.Space == "" && a.Name.Local == "Name" && element == headerElement && !named:
			name, named = a.Value, true
		default:
			return fmt.Errorf("element %s has an attribute %s it cannot have", quoted(element), quoted(a.Name.Local))
		}
	}
	if !valued {
		return fmt.Errorf("element %s has no attribute Value", quoted(element))
	}
	if !named {
		name = element
	}
	return d.action.add(name, value)
}
