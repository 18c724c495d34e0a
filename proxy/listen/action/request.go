package action

import (
	"errors"
	"fmt"
	"io"
	"mime"
	"net/http"
	"os"
	"strconv"
	"strings"
	"time"

	"github.com/astproxy/astproxy/ami"
	"github.com/astproxy/astproxy/formats"
	"github.com/astproxy/astproxy/proxy/listen/login"
)

// maxBody is how long a body may be: as an action in AMI's own text, and room for what escapes cost.
const maxBody = 4 * (ami.MaxLine + 2) * ami.MaxHeaders

// request is what one HTTP request asks for.
type request struct {
	values  ami.Message // everything that was given
	action  ami.Message // of that, what is for Asterisk
	format  formats.Format
	until   string        // the event behind the answer to wait for
	maxtime time.Duration // how long to wait; 0: as usual
}

func (q request) id() string { return q.values.ActionID() }

// refusal is why a request has not become an action.
type refusal struct {
	status int
	text   string
}

// Error implements error.
func (r *refusal) Error() string { return r.text }

func refused(status int, format string, a ...any) error {
	return &refusal{status, fmt.Sprintf(format, a...)}
}

// The names that are the door's own.
const (
	formatName  = "format"
	ticketName  = "ticket"
	untilName   = "X-Until-Event"
	maxtimeName = "X-Maxtime"
)

// readRequest reads what a request asks for. With an error it is what could be read of it, so that
// the error is answered in the right format.
func readRequest(r *http.Request) (q request, err error) {
	if r.Method != http.MethodGet && r.Method != http.MethodPost {
		return q, refused(http.StatusMethodNotAllowed, "GET and POST are served here")
	}
	if q.values, err = readValues(r); err != nil {
		if query, wrong := formats.DecodeForm(r.URL.RawQuery); wrong == nil { // then it was the body
			q.values = query
			q.format, _ = formatNamed(exactly(query, formatName))
		}
		return q, err
	}
	if q.format, err = formatNamed(exactly(q.values, formatName)); err != nil {
		return q, err
	}
	q.until = either(q.values.Get(untilName), r.Header.Get(untilName))
	if q.maxtime, err = parseMaxtime(either(q.values.Get(maxtimeName), r.Header.Get(maxtimeName))); err != nil {
		return q, err
	}
	q.action = q.values.Without(isOwn)
	if q.action.Action() == "" && q.action.Get("ProxyAction") == "" {
		return q, refused(http.StatusBadRequest, "Missing action in request")
	}
	return q, nil
}

// either is value, or what is said elsewhere if it is empty.
func either(value, elsewhere string) string {
	if value != "" {
		return value
	}
	return elsewhere
}

// exactly is the value of the first header that is spelled like that.
func exactly(m ami.Message, name string) string {
	for n, v := range m.All() {
		if n == name {
			return v
		}
	}
	return ""
}

// isOwn tells whether a name is the door's own.
func isOwn(name string) bool {
	if name == formatName || name == ticketName {
		return true
	}
	for _, own := range ownNames {
		if strings.EqualFold(own, name) {
			return true
		}
	}
	return false
}

var ownNames = append([]string{untilName, maxtimeName}, login.Credentials...)

func formatNamed(name string) (formats.Format, error) {
	if name == "" {
		return nil, nil
	}
	format, known := formats.Lookup(name)
	if !known {
		return nil, refused(http.StatusBadRequest, "There is no such format; there are %s", strings.Join(formats.Names(), ", "))
	}
	return format, nil
}

func parseMaxtime(text string) (time.Duration, error) {
	if text == "" {
		return 0, nil
	}
	milliseconds, err := strconv.ParseUint(text, 10, 31)
	if err != nil || milliseconds == 0 {
		return 0, refused(http.StatusBadRequest, "%s is a number of milliseconds", maxtimeName)
	}
	return time.Duration(milliseconds) * time.Millisecond, nil
}

// readValues reads the query and the body.
func readValues(r *http.Request) (ami.Message, error) {
	if r.Method == http.MethodGet || r.ContentLength == 0 {
		return decode(formats.DecodeForm(r.URL.RawQuery))
	}
	kind, err := bodyKind(r)
	if err != nil {
		return ami.Message{}, err
	}
	body, err := readBody(r)
	if err != nil {
		return ami.Message{}, err
	}
	if kind == formKind {
		return decode(formats.DecodeForm(r.URL.RawQuery + "&" + string(body)))
	}
	var values ami.Message
	if kind == jsonKind {
		values, err = decode(formats.DecodeJSON(body))
	} else {
		values, err = decode(formats.DecodeXML(body))
	}
	if err != nil || r.URL.RawQuery == "" {
		return values, err
	}
	query, err := decode(formats.DecodeForm(r.URL.RawQuery))
	if err != nil {
		return ami.Message{}, err
	}
	values = ami.Parse(query.Raw() + values.Raw())
	if err := ami.CheckAction(values); err != nil {
		return ami.Message{}, refused(http.StatusBadRequest, "%v", err)
	}
	return values, nil
}

func decode(m ami.Message, err error) (ami.Message, error) {
	if errors.Is(err, formats.ErrNoHeaders) { // whoever types the address into a browser
		return m, refused(http.StatusBadRequest, "Missing action in request: it goes into the address, as in /?Action=Ping, or into the body")
	}
	if err != nil {
		return m, refused(http.StatusBadRequest, "%v", err)
	}
	return m, nil
}

// What a body may be.
type kind int

const (
	formKind kind = iota
	jsonKind
	xmlKind
)

// bodyKind is what the request says its body is; without a word it is a form, which the predecessor
// took everything for.
func bodyKind(r *http.Request) (kind, error) {
	given := r.Header.Get("Content-Type")
	if r.Header.Get("Content-Encoding") != "" {
		return 0, refused(http.StatusUnsupportedMediaType, "A body with a Content-Encoding is not read")
	}
	if given == "" {
		return formKind, nil
	}
	name, parameters, err := mime.ParseMediaType(given)
	if charset := parameters["charset"]; err == nil && (charset == "" || strings.EqualFold(charset, "utf-8")) {
		switch name {
		case "application/x-www-form-urlencoded":
			return formKind, nil
		case "application/json":
			return jsonKind, nil
		case "application/xml", "text/xml":
			return xmlKind, nil
		}
	}
	return 0, refused(http.StatusUnsupportedMediaType,
		"A body is application/x-www-form-urlencoded, application/json, application/xml or text/xml, in UTF-8")
}

func readBody(r *http.Request) ([]byte, error) {
	if r.ContentLength > maxBody {
		return nil, errTooLong
	}
	body, err := io.ReadAll(io.LimitReader(r.Body, maxBody+1))
	var tooLong *http.MaxBytesError
	switch {
	case errors.As(err, &tooLong) || len(body) > maxBody:
		return nil, errTooLong
	case errors.Is(err, os.ErrDeadlineExceeded):
		return nil, refused(http.StatusRequestTimeout, "The body did not come in time")
	case err != nil:
		return nil, refused(http.StatusBadRequest, "The body did not come as it should")
	}
	return body, nil
}

var errTooLong = refused(http.StatusRequestEntityTooLarge, "The body is longer than %d bytes", maxBody)
