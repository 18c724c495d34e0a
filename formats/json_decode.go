package formats

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strconv"
	"strings"
	"unicode/utf16"
	"unicode/utf8"

	"github.com/astproxy/astproxy/ami"
)

// ErrDocumentTooLong is what ReadJSON and ReadXML say of a document over the limit.
var ErrDocumentTooLong = errors.New("the document is too long")

// DecodeJSON makes an action of one JSON object. Values are strings, numbers (as they are written)
// and booleans ("true", "false"); an array of such is the header repeated; for Variable an object
// of such is a header NAME=VALUE for each. Anything else is refused, and so is a name that occurs
// twice, in whatever case.
func DecodeJSON(document []byte) (ami.Message, error) {
	if !utf8.Valid(document) {
		return ami.Message{}, fmt.Errorf("invalid JSON: the text is %w", ErrUTF8)
	}
	if halfCharacter(document) {
		return ami.Message{}, fmt.Errorf("invalid JSON: an escape for half a character is %w", ErrUTF8)
	}
	d := jsonDecoder{tokens: json.NewDecoder(bytes.NewReader(document))}
	d.tokens.UseNumber()
	if err := d.object(); err != nil {
		return ami.Message{}, fmt.Errorf("invalid JSON: %w", err)
	}
	return d.action.message()
}

// halfCharacter tells whether a surrogate stands alone among the escapes of a document (RFC 8259, 8.2).
// The decoder would make U+FFFD of it without a word.
func halfCharacter(document []byte) bool {
	for {
		_, escape, found := bytes.Cut(document, []byte{'\\'})
		if !found || len(escape) == 0 {
			return false
		}
		document = escape[1:]
		if first := escaped(escape); utf16.IsSurrogate(first) {
			second, another := bytes.CutPrefix(escape[5:], []byte{'\\'})
			if !another || utf16.DecodeRune(first, escaped(second)) == utf8.RuneError {
				return true
			}
			document = second[5:]
		}
	}
}

// escaped is what an escape of four digits behind its backslash stands for; -1: it is none.
func escaped(escape []byte) rune {
	if len(escape) < 5 || escape[0] != 'u' {
		return -1
	}
	code, err := strconv.ParseUint(string(escape[1:5]), 16, 16)
	if err != nil {
		return -1
	}
	return rune(code)
}

// ReadJSON takes one object of up to limit bytes off a connection, whatever blanks stand before it,
// and decodes it. io.EOF means that no more came; after any other error what follows could be
// anything.
func ReadJSON(r *bufio.Reader, limit int) (ami.Message, error) {
	document, err := readObject(r, limit)
	if err != nil {
		return ami.Message{}, err
	}
	return DecodeJSON(document)
}

// readObject reads up to the brace that closes the first.
func readObject(r *bufio.Reader, limit int) ([]byte, error) {
	var document []byte
	depth, inString, escaped := 0, false, false
	for blanks := 0; ; {
		c, err := r.ReadByte()
		if err != nil {
			if len(document) > 0 && errors.Is(err, io.EOF) {
				err = io.ErrUnexpectedEOF
			}
			return nil, err
		}
		if len(document) == 0 && c != '{' {
			if blanks++; strings.IndexByte(" \t\r\n", c) < 0 {
				return nil, errors.New("invalid JSON: an object was expected")
			} else if blanks > limit {
				return nil, ErrDocumentTooLong
			}
			continue
		}
		if document = append(document, c); len(document) > limit {
			return nil, ErrDocumentTooLong
		}
		switch {
		case escaped:
			escaped = false
		case inString:
			escaped, inString = c == '\\', c != '"'
		case c == '"':
			inString = true
		case c == '{' || c == '[':
			depth++
		case c == '}' || c == ']':
			if depth--; depth == 0 {
				return document, nil
			}
		}
	}
}

type jsonDecoder struct {
	tokens *json.Decoder
	action action
	names  []string // of the headers so far
}

// object reads the whole document.
func (d *jsonDecoder) object() error {
	if token, err := d.token(); err != nil {
		return err
	} else if token != json.Delim('{') {
		return errors.New("an object was expected")
	}
	for d.tokens.More() {
		token, err := d.token()
		if err != nil {
			return err
		}
		name, _ := token.(string) // the tokenizer lets nothing else be a name
		for _, other := range d.names {
			if strings.EqualFold(other, name) {
				return fmt.Errorf("%s occurs twice: repeated headers are an array", quoted(name))
			}
		}
		if d.names = append(d.names, name); len(d.names) > ami.MaxHeaders {
			return ami.ErrTooManyHeaders
		}
		if err := d.value(name); err != nil {
			return err
		}
	}
	if _, err := d.token(); err != nil { // the closing brace
		return err
	}
	if _, err := d.tokens.Token(); !errors.Is(err, io.EOF) {
		return errors.New("there is something behind the object")
	}
	return nil
}

// token is the next one, of which there has to be one.
func (d *jsonDecoder) token() (json.Token, error) {
	token, err := d.tokens.Token()
	if errors.Is(err, io.EOF) {
		err = io.ErrUnexpectedEOF
	}
	return token, err
}

// value adds what stands behind a name.
func (d *jsonDecoder) value(name string) error {
	token, err := d.token()
	if err != nil {
		return err
	}
	switch token {
	case json.Delim('['):
		return d.array(name)
	case json.Delim('{'):
		if !strings.EqualFold(name, "Variable") {
			return fmt.Errorf("%s is an object, which only Variable can be", quoted(name))
		}
		return d.variables(name)
	}
	text, err := scalar(name, token)
	if err != nil {
		return err
	}
	return d.action.add(name, text)
}

// array adds a repeated header.
func (d *jsonDecoder) array(name string) error {
	for d.tokens.More() {
		token, err := d.token()
		if err != nil {
			return err
		}
		text, err := scalar(name, token)
		if err != nil {
			return err
		}
		if err := d.action.add(name, text); err != nil {
			return err
		}
	}
	_, err := d.token()
	return err
}

// variables adds a header NAME=VALUE for each member of an object.
func (d *jsonDecoder) variables(header string) error {
	for d.tokens.More() {
		token, err := d.token()
		if err != nil {
			return err
		}
		variable, _ := token.(string)
		if variable == "" || variable[0] <= ' ' || strings.Contains(variable, "=") {
			return fmt.Errorf("%s is no name of a variable", quoted(variable))
		}
		if token, err = d.token(); err != nil {
			return err
		}
		text, err := scalar(variable, token)
		if err != nil {
			return err
		}
		if err := d.action.add(header, escapeVariable(variable)+"="+escapeVariable(text)); err != nil {
			return err
		}
	}
	_, err := d.token()
	return err
}

// escapeVariable spells text so that a comma in it does not begin another variable, and every byte
// arrives (manager.c, man_do_variable_value; app.c, __ast_app_separate_args).
func escapeVariable(text string) string {
	return variableEscapes.Replace(text)
}

var variableEscapes = strings.NewReplacer(`\`, `\\`, `,`, `\,`, `"`, `\"`)

// scalar is the text of a single value.
func scalar(name string, token json.Token) (string, error) {
	switch value := token.(type) {
	case string:
		return value, nil
	case json.Number:
		return value.String(), nil
	case bool:
		if value {
			return "true", nil
		}
		return "false", nil
	case nil:
		return "", fmt.Errorf("%s is null: leave it out, or give an empty string", quoted(name))
	}
	return "", fmt.Errorf("%s is nested too deeply", quoted(name))
}
