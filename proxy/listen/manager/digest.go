package manager

import (
	"fmt"
	"net/http"
	"strconv"
	"strings"

	"github.com/astproxy/astproxy/access"
	"github.com/astproxy/astproxy/ami"
	"github.com/astproxy/astproxy/proxy/listen/login"
)

// realm is Asterisk's, unless asterisk.conf gives it a systemname (manager.c, DEFAULT_REALM).
const realm = "asterisk"

// admitDigest is the session of a request that has logged in by Digest. The error is a refusal: one
// that asks for a login, as often as not. release the session.
func (h *Handler) admitDigest(r *http.Request, action ami.Message) (*session, error) {
	d, count, ok := parseDigest(r.Header.Get("Authorization"))
	if !ok {
		return nil, askForDigest(h.sessions.newNonce(), false)
	}
	if d.URI != r.RequestURI {
		return nil, &refusal{status: http.StatusBadRequest, text: "The Digest was made for another address"}
	}
	if err := h.mayTry(r, d.Username); err != nil {
		return nil, err
	}
	d.Method = r.Method
	attempt := login.AttemptOf(r, d.Username)
	attempt.Challenge, attempt.Response, attempt.Every = d.Nonce, d.Response, true
	user, ok := h.proxy.Authenticate(attempt, func(users *access.Users) (*access.User, bool) { return users.AuthenticateDigest(d) })
	if !ok {
		h.gate.Wrong(r, d.Username)
		return nil, askForDigest(h.sessions.newNonce(), false)
	}
	// A typed address without an action gets the page, from which a browser says where it asks.
	if err := h.gate.CrossSite(r); err != nil && !(login.IsSilent(err) && action.IsZero()) {
		return nil, h.anotherSite(r, user, err)
	}
	s, next, err := h.sessions.byNonce(h.proxy, user, d.Nonce, count)
	switch {
	case err != nil:
		h.log.Warn("login refused", "client", r.RemoteAddr, "user", user, "reason", "the user has too many sessions")
		return nil, &refusal{status: http.StatusServiceUnavailable, text: err.Error()}
	case s == nil:
		return nil, askForDigest(next, true)
	}
	return s, nil
}

// newNonce is one for who has none.
func (t *sessions) newNonce() string { return t.issuer.issue(t.now()) }

// askForDigest asks for a login with a nonce; stale tells that the one before was right but for its
// nonce, so that the client asks nobody for the secret again (http.c, ast_http_auth).
func askForDigest(nonce string, stale bool) error {
	challenge := fmt.Sprintf(`Digest algorithm=MD5, realm="%s", nonce="%s", qop="auth", opaque="%s"`, realm, nonce, nonce)
	if stale {
		challenge += ", stale=true"
	}
	return &refusal{status: http.StatusUnauthorized, headers: []header{{"WWW-authenticate", challenge}}}
}

// parseDigest reads a header Authorization: all of the Digest but for its method, and its count. One
// without a quality of protection counts as the first with its nonce, which is good for one request
// then. ok is false if it is none, or lacks something (utils.c, ast_parse_digest).
func parseDigest(authorization string) (d access.Digest, count uint64, ok bool) {
	scheme, rest, _ := strings.Cut(authorization, " ")
	values, ok := digestValues(rest)
	if !strings.EqualFold(scheme, "Digest") || !ok {
		return d, 0, false
	}
	d = access.Digest{
		Realm: realm, Username: values["username"], Nonce: values["nonce"], URI: values["uri"], Response: values["response"],
	}
	algorithm, given := values["algorithm"]
	if given && !strings.EqualFold(algorithm, "MD5") || d.Username == "" || d.Nonce == "" || d.URI == "" || d.Response == "" {
		return d, 0, false
	}
	protection, given := values["qop"]
	if !given {
		return d, 1, true
	}
	d.Auth, d.Count, d.ClientNonce = true, values["nc"], values["cnonce"]
	count, err := strconv.ParseUint(d.Count, 16, 32)
	return d, count, err == nil && d.ClientNonce != "" && strings.EqualFold(protection, "auth")
}

// digestValues are the parameters by their names in lower case. ok is false if one occurs twice or is
// none.
func digestValues(text string) (values map[string]string, ok bool) {
	values = map[string]string{}
	for text = strings.TrimLeft(text, " \t,"); text != ""; text = strings.TrimLeft(text, " \t,") {
		name, rest, found := strings.Cut(text, "=")
		name = strings.ToLower(strings.TrimSpace(name))
		if _, twice := values[name]; !found || twice {
			return nil, false
		}
		rest = strings.TrimLeft(rest, " \t")
		if strings.HasPrefix(rest, `"`) {
			values[name], text, found = unquote(rest[1:])
		} else {
			values[name], text, _ = strings.Cut(rest, ",")
			values[name] = strings.TrimSpace(values[name])
		}
		if !found {
			return nil, false
		}
	}
	return values, true
}

// unquote reads up to the quote that ends a text; found is false if there is none.
func unquote(text string) (value, rest string, found bool) {
	var b strings.Builder
	for i := 0; i < len(text); i++ {
		switch text[i] {
		case '"':
			return b.String(), text[i+1:], true
		case '\\':
			if i++; i == len(text) {
				return "", "", false
			}
		}
		b.WriteByte(text[i])
	}
	return "", "", false
}
