package formats

import (
	"errors"
	"fmt"
	"strings"
	"unicode/utf8"

	"github.com/astproxy/astproxy/ami"
)

// ErrHeaderName is what is wrapped for a name that no AMI header can have.
var ErrHeaderName = errors.New("not a header name")

// ErrUTF8 is what is wrapped for bytes that are no UTF-8.
var ErrUTF8 = errors.New("not UTF-8")

// ErrNoHeaders is what is said of a document that is well-formed, and empty.
var ErrNoHeaders = errors.New("there are no headers in it")

// action collects the headers of an action that a client sends in whatever format. What every
// format has to refuse is refused here: bytes that end an AMI line, names that are none, and more
// or longer lines than Asterisk takes. Errors name the header, never its value: it may be a secret.
type action struct {
	builder ami.Builder
	headers int
}

// add appends a header.
func (a *action) add(name, value string) error {
	if err := checkName(name); err != nil {
		return err
	}
	if i := strings.IndexAny(value, "\r\n\x00"); i >= 0 {
		return fmt.Errorf("the value of %s holds the byte 0x%02x, which AMI cannot carry: %w", quoted(name), value[i], ami.ErrForbiddenByte)
	}
	if !utf8.ValidString(value) {
		return fmt.Errorf("the value of %s is %w", quoted(name), ErrUTF8)
	}
	if len(name)+len(": ")+len(value) > ami.MaxLine {
		return ami.ErrLineTooLong
	}
	if a.headers++; a.headers > ami.MaxHeaders {
		return ami.ErrTooManyHeaders
	}
	a.builder.Add(name, value)
	return nil
}

// message is the action, when all headers are there.
func (a *action) message() (ami.Message, error) {
	m := a.builder.Message()
	if m.IsZero() {
		return m, ErrNoHeaders
	}
	return m, ami.CheckAction(m)
}

// checkName refuses what Asterisk or anybody else could read as something other than a header of
// that name: "Action " and " Action" are no Action to Asterisk.
func checkName(name string) error {
	if name == "" || name[0] == ' ' || name[len(name)-1] == ' ' || !utf8.ValidString(name) {
		return fmt.Errorf("%s is %w", quoted(name), ErrHeaderName)
	}
	for _, c := range []byte(name) {
		switch {
		case c == '\r' || c == '\n' || c == 0:
			return fmt.Errorf("a name holds the byte 0x%02x, which AMI cannot carry: %w", c, ami.ErrForbiddenByte)
		case c < ' ' || c == ':' || c == 0x7f:
			return fmt.Errorf("%s is %w", quoted(name), ErrHeaderName)
		}
	}
	return nil
}

// quoted is a name for an error's text, cut short if it is long.
func quoted(name string) string {
	const enough = 64
	if len(name) > enough {
		return fmt.Sprintf("%q...", name[:enough])
	}
	return fmt.Sprintf("%q", name)
}
