package action

import (
	"errors"
	"net/http"
	"strconv"
	"sync"

	"github.com/astproxy/astproxy/ami"
	"github.com/astproxy/astproxy/formats"
	"github.com/astproxy/astproxy/proxy/listen/login"
)

// documents are used again: an answer is small as a rule, and there are many.
var documents = sync.Pool{New: func() any { return new([]byte) }}

// maxDocument is how large one may be that is kept.
const maxDocument = 64 << 10

// write answers with a document.
func write(w http.ResponseWriter, format formats.Format, status int, answer []formats.Item) {
	document := documents.Get().(*[]byte)
	*document = format.AppendList((*document)[:0], answer)
	header := w.Header()
	header["Content-Type"] = []string{format.MediaType()}
	header["Content-Length"] = []string{strconv.Itoa(len(*document))}
	w.WriteHeader(status)
	_, _ = w.Write(*document) // who has gone gets none
	if cap(*document) <= maxDocument {
		documents.Put(document)
	}
}

// refuse answers what has not become an action.
func refuse(w http.ResponseWriter, format formats.Format, q request, err error) {
	status := http.StatusBadRequest
	var why *refusal
	switch {
	case errors.As(err, &why):
		status = why.status
	case errors.Is(err, login.ErrCrossSite):
		status = http.StatusForbidden
	case errors.Is(err, login.ErrTooMany):
		status = http.StatusTooManyRequests
	case errors.Is(err, login.ErrNobody), errors.Is(err, login.ErrWrong):
		status = http.StatusUnauthorized
	}
	switch status {
	case http.StatusMethodNotAllowed:
		w.Header().Set("Allow", "GET, POST")
	case http.StatusTooManyRequests:
		w.Header().Set("Retry-After", "1")
	}
	write(w, format, status, own(ami.NewError(q.id(), err.Error())))
}
