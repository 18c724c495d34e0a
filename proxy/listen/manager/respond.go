package manager

import (
	"errors"
	"fmt"
	"html"
	"net/http"
	"strconv"
)

// serverHeader is what the door calls itself. It begins as Asterisk's does, for programs that look for
// that; which version is behind it, the action CoreSettings tells.
const serverHeader = "Asterisk/astproxy"

// header is one of an answer, spelled as Asterisk spells it.
type header struct{ name, value string }

// send writes an answer with the headers Asterisk sends (http.c, ast_http_send).
func send(w http.ResponseWriter, status int, contentType string, body []byte, more ...header) {
	h := w.Header()
	h["Server"] = []string{serverHeader}
	h["Cache-Control"] = []string{"no-cache, no-store"}
	h["Content-Type"] = nil // else net/http adds one, in its own spelling
	h["Content-type"] = []string{contentType}
	h["Content-Length"] = []string{strconv.Itoa(len(body))}
	for _, each := range more {
		h[each.name] = []string{each.value}
	}
	w.WriteHeader(status)
	_, _ = w.Write(body) // who does not take it has gone
}

// refusal is a request that runs no action, and what it is told.
type refusal struct {
	status  int
	text    string
	headers []header
}

// Error implements error.
func (r *refusal) Error() string { return http.StatusText(r.status) + ": " + r.text }

// refuse answers with a refusal; any other error says that nobody waits for an answer.
func refuse(w http.ResponseWriter, err error) {
	var r *refusal
	if !errors.As(err, &r) {
		panic(http.ErrAbortHandler)
	}
	send(w, r.status, "text/html", []byte(errorPage(r.status, r.text)), r.headers...)
}

// errorPage is what Asterisk says with a status that is no 200 (http.c, ast_http_create_response).
func errorPage(status int, text string) string {
	title := http.StatusText(status)
	return fmt.Sprintf("<!DOCTYPE HTML PUBLIC \"-//IETF//DTD HTML 2.0//EN\">\r\n"+
		"<html><head>\r\n<title>%d %s</title>\r\n</head><body>\r\n"+
		"<h1>%s</h1>\r\n<p>%s</p>\r\n<hr />\r\n<address>%s</address>\r\n</body></html>\r\n",
		status, title, title, html.EscapeString(text), serverHeader)
}
