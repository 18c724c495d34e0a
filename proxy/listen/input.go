package listen

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"

	"github.com/astproxy/astproxy/ami"
	"github.com/astproxy/astproxy/formats"
	"github.com/astproxy/astproxy/proxy"
)

// errInput is what is wrapped for input after which nothing can be made of what follows.
var errInput = errors.New("invalid input")

// maxDocument is how long an action in XML or JSON may be: as one in AMI's own text, and room for
// what escapes cost.
const maxDocument = 4 * (ami.MaxLine + 2) * ami.MaxHeaders

// input reads a client's actions, in the format its first byte tells: < begins XML, { JSON, and
// anything else AMI's own text.
type input struct {
	source io.Reader
	client *proxy.Client
	fixed  bool // the listener or the user says what is answered in, whatever comes in
	read   func() (ami.Message, error)
	goesOn func() bool
}

// Read returns the next action. Errors are ami.Reader's, or wrap errInput.
func (in *input) Read() (ami.Message, error) {
	if in.read == nil {
		if err := in.detect(); err != nil {
			return ami.Message{}, err
		}
	}
	return in.read()
}

// GoesOn tells whether there may be more to read though Read has just refused an action.
func (in *input) GoesOn() bool { return in.goesOn != nil && in.goesOn() }

// detect looks at what comes first, but for blanks.
func (in *input) detect() error {
	first := make([]byte, 512)
	for {
		n, err := in.source.Read(first)
		if blanks := len(first[:n]) - len(bytes.TrimLeft(first[:n], " \t\r\n")); blanks < n {
			in.begin(first[:n], first[blanks])
			return nil
		}
		if err != nil {
			return err
		}
	}
}

func (in *input) begin(had []byte, first byte) {
	source := io.MultiReader(bytes.NewReader(had), in.source)
	switch first {
	case '<':
		in.document(source, "xml", formats.XML{}, formats.ReadXML)
	case '{':
		in.document(source, "json", formats.JSON{}, formats.ReadJSON)
	default:
		reader := ami.NewReader(source, ami.ActionLimits)
		in.read, in.goesOn = reader.Read, reader.GoesOn
	}
}

func (in *input) document(source io.Reader, name string, format formats.Format, read func(*bufio.Reader, int) (ami.Message, error)) {
	if in.fixed {
		format = nil
	}
	in.client.SetInput(name, format)
	buffered := bufio.NewReaderSize(source, ami.ActionLimits.Buffer)
	in.read = func() (ami.Message, error) {
		m, err := read(buffered, maxDocument)
		if err == nil || isEnd(err) {
			return m, err
		}
		return m, fmt.Errorf("%w: %w", errInput, err)
	}
}

// isEnd tells whether an error is the connection's, and says nothing of what came.
func isEnd(err error) bool {
	var wrong interface{ Timeout() bool }
	return errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) || errors.Is(err, os.ErrDeadlineExceeded) || errors.As(err, &wrong)
}
