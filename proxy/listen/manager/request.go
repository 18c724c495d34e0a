package manager

import (
	"errors"
	"io"
	"net/http"
	"strings"

	"github.com/astproxy/astproxy/ami"
	"github.com/astproxy/astproxy/formats"
)

// maxBody is how long the body of a POST may be (http.c, MAX_CONTENT_LENGTH).
const maxBody = 40960

// readAction makes an action of a request's parameters: those of the query, or, of a POST, those of its
// body alone. The zero Message is a request without any. The error is a refusal.
func readAction(w http.ResponseWriter, r *http.Request) (ami.Message, error) {
	form := r.URL.RawQuery
	switch r.Method {
	case http.MethodGet, http.MethodHead:
	case http.MethodPost:
		var err error
		if form, err = readBody(w, r); err != nil {
			return ami.Message{}, err
		}
	default:
		return ami.Message{}, &refusal{status: http.StatusNotImplemented, text: "Attempt to use unimplemented / unsupported method"}
	}
	if strings.Trim(form, "&") == "" {
		return ami.Message{}, nil
	}
	action, err := formats.DecodeForm(form)
	if err != nil {
		return ami.Message{}, &refusal{status: http.StatusBadRequest, text: err.Error()}
	}
	return action, nil
}

// readBody is the body of a form; one of any other type is not read (http.c, ast_http_get_post_vars).
func readBody(w http.ResponseWriter, r *http.Request) (string, error) {
	mediaType, _, _ := strings.Cut(r.Header.Get("Content-Type"), ";")
	if !strings.EqualFold(strings.TrimSpace(mediaType), "application/x-www-form-urlencoded") {
		return "", nil
	}
	body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, maxBody))
	var tooLong *http.MaxBytesError
	switch {
	case errors.As(err, &tooLong):
		return "", &refusal{status: http.StatusRequestEntityTooLarge, text: "Body too large"}
	case err != nil:
		return "", &refusal{status: http.StatusBadRequest, text: "Error parsing request body"}
	}
	return string(body), nil
}
