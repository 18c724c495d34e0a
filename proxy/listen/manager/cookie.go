package manager

import (
	"crypto/rand"
	"encoding/hex"
	"fmt"
	"net/http"
	"strings"

	"github.com/astproxy/astproxy/proxy/listen/login"
)

// cookieName is Asterisk's (http.c, ast_http_manid_from_vars).
const cookieName = "mansession_id"

// newSessionID is what a session is called: hex digits as Asterisk's, which a client that looks for
// them finds, but 32 of them: 8 can be guessed.
func newSessionID() string {
	var random [16]byte
	_, _ = rand.Read(random[:]) // never fails
	return hex.EncodeToString(random[:])
}

// sessionCookie is the session that a request gives as its own, "" for none. Of several the last counts,
// and case does not, as with Asterisk (http.c, parse_cookies).
func sessionCookie(r *http.Request) (id string) {
	for _, c := range r.Cookies() {
		if strings.EqualFold(c.Name, cookieName) {
			id = c.Value
		}
	}
	return id
}

// setCookie is the header that gives a session its name, byte for byte as programs know it. A
// browser, which would send it with requests that pages of other sites make, or in plain text what it
// got by TLS, is told not to.
func setCookie(r *http.Request, id string) string {
	cookie := fmt.Sprintf(`%s="%s"; Version=1; Max-Age=%d`, cookieName, id, int(sessionTimeout.Seconds()))
	if login.IsBrowser(r) {
		cookie += "; SameSite=Strict"
		if r.TLS != nil {
			cookie += "; Secure"
		}
	}
	return cookie
}
