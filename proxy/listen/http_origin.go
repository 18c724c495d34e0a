package listen

import (
	"net/http"
	"slices"
	"strings"
)

// sharedWith lets the pages of the configured origins read what they are answered (the Fetch standard,
// "CORS protocol"), with the logins that the gate accepts from them. Their browser's question whether
// they may is answered here; false: that was all.
func (d *HTTP) sharedWith(w http.ResponseWriter, r *http.Request) bool {
	origins := d.setup.Load().config.Origins
	if len(origins) == 0 {
		return true
	}
	header := w.Header()
	header.Add("Vary", "Origin")
	origin := r.Header.Get("Origin")
	if origin == "" || !slices.ContainsFunc(origins, func(o string) bool { return strings.EqualFold(o, origin) }) {
		return true
	}
	header.Set("Access-Control-Allow-Origin", origin)
	header.Set("Access-Control-Allow-Credentials", "true")
	if r.Method != http.MethodOptions || r.Header.Get("Access-Control-Request-Method") == "" {
		return true
	}
	header.Set("Access-Control-Allow-Methods", "GET, POST, DELETE")
	header.Set("Access-Control-Allow-Headers", "Authorization, Content-Type, Last-Event-ID, X-Until-Event, X-Maxtime")
	header.Set("Access-Control-Max-Age", "600")
	w.WriteHeader(http.StatusNoContent)
	return false
}
