package api

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"mime"
	"net/http"
	"os"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/astproxy/astproxy/access"
	"github.com/astproxy/astproxy/ami"
	"github.com/astproxy/astproxy/formats"
	"github.com/astproxy/astproxy/proxy"
)

// maxBody is how long a body may be: as the longest action, and room for what JSON's escapes cost.
const maxBody = 4 * (ami.MaxLine + 2) * ami.MaxHeaders

// everyServer is what header Server says to ask all of them.
const everyServer = "*"

func (a *API) runAction(w http.ResponseWriter, r *http.Request, user *access.User) error {
	body, err := readBody(w, r)
	if err != nil {
		return err
	}
	m, err := decodeAction(r.PathValue("action"), body)
	if err != nil {
		return err
	}
	by := proxy.Caller{User: user, Remote: r.RemoteAddr}
	if m.Get("Server") == everyServer {
		return a.askEverywhere(w, r, by, m)
	}
	answer, err := a.proxy.Ask(r.Context(), by, m)
	if err != nil {
		return err
	}
	good, wrong := judge(answer)
	if wrong != nil {
		return wrong
	}
	writeJSON(w, http.StatusOK, good.appendJSON(nil))
	return nil
}

// readBody returns the body if it is JSON, and nothing if it is empty.
func readBody(w http.ResponseWriter, r *http.Request) ([]byte, error) {
	body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, maxBody))
	var tooLong *http.MaxBytesError
	switch {
	case errors.As(err, &tooLong):
		return nil, newProblem(http.StatusRequestEntityTooLarge, tooLarge, fmt.Sprintf("an action has at most %d bytes", tooLong.Limit))
	case errors.Is(err, os.ErrDeadlineExceeded):
		w.Header().Set("Connection", "close") // what comes late is no request
		return nil, newProblem(http.StatusRequestTimeout, bodyTimedOut, "the body did not come in time")
	case err != nil:
		return nil, invalid("the body could not be read")
	}
	// From here on the connection is read to learn whether the client goes.
	_ = http.NewResponseController(w).SetReadDeadline(time.Time{})
	body = bytes.TrimLeft(body, " \t\r\n")
	if len(body) > 0 && !isJSON(r.Header) {
		w.Header().Set("Accept", "application/json")
		return nil, newProblem(http.StatusUnsupportedMediaType, notJSON, "the body's Content-Type must be application/json")
	}
	return body, nil
}

func isJSON(h http.Header) bool {
	kind, parameters, err := mime.ParseMediaType(h.Get("Content-Type"))
	charset := parameters["charset"]
	return err == nil && kind == "application/json" && h.Get("Content-Encoding") == "" &&
		(charset == "" || strings.EqualFold(charset, "utf-8"))
}

func invalid(detail string) *problem { return refused(proxy.InvalidAction, detail) }

// decodeAction makes an action of the path's name and the body's headers.
func decodeAction(name string, body []byte) (ami.Message, error) {
	if strings.ContainsAny(name, "\r\n\x00") || !utf8.ValidString(name) || strings.TrimSpace(name) == "" {
		return ami.Message{}, invalid("the path names no action")
	}
	b := ami.NewAction(name)
	if len(body) == 0 {
		return b.Message(), nil
	}
	headers, err := formats.DecodeJSON(body)
	if err != nil && !errors.Is(err, formats.ErrNoHeaders) {
		return ami.Message{}, invalid(err.Error())
	}
	for header, value := range headers.All() {
		if !strings.EqualFold(header, "Action") {
			b.Add(header, value)
		} else if !strings.EqualFold(value, name) {
			return ami.Message{}, invalid("the body names another action than the path")
		}
	}
	return b.Message(), nil
}
