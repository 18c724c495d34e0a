package plugins

import (
	"encoding/json"
	"net/http"
	"strconv"
)

// WriteJSON answers a Route's request with a document; one that cannot be JSON is status 500.
func WriteJSON(w http.ResponseWriter, status int, document any) {
	writeDocument(w, status, "application/json", document)
}

// WriteProblem answers a Route's request with what is wrong, as /api/v1 does (RFC 9457): code is for programs,
// detail for people.
func WriteProblem(w http.ResponseWriter, status int, code, detail string) {
	writeDocument(w, status, "application/problem+json", map[string]any{
		"title": http.StatusText(status), "status": status, "code": code, "detail": detail, "may_have_happened": false,
	})
}

func writeDocument(w http.ResponseWriter, status int, mediaType string, document any) {
	text, err := json.Marshal(document)
	if err != nil {
		status, text = http.StatusInternalServerError, []byte("null")
	}
	w.Header().Set("Content-Type", mediaType)
	w.Header().Set("Content-Length", strconv.Itoa(len(text)))
	w.WriteHeader(status)
	_, _ = w.Write(text) // who has gone misses it
}
