package access

import (
	"crypto/subtle"
	"strings"
)

// Digest is what an HTTP request shows of a login by Digest with MD5 (RFC 2617, 3.2.2): the request's
// method, the realm it was asked for, and what stands in its header Authorization.
type Digest struct {
	Method   string
	Realm    string
	Username string
	Nonce    string
	URI      string
	Response string

	// Auth tells that the quality of protection is auth, without which Count and ClientNonce do not
	// count (RFC 2069).
	Auth               bool
	Count, ClientNonce string
}

// AuthenticateDigest finds the user whose secret made the Response. That the nonce is a good one is the
// caller's to know. The name counts as the configuration spells it, since Asterisk computes with that
// (manager.c, auth_http_callback). Its time tells as little as Authenticate's.
func (u *Users) AuthenticateDigest(d Digest) (*User, bool) {
	user, known := u.find(d.Username)
	want := d.response(user.secret().ha1(user.name, d.Realm))
	same := subtle.ConstantTimeCompare([]byte(strings.ToLower(d.Response)), []byte(want)) == 1
	return authenticated(user, known && same)
}

// response is what the request had to say.
func (d Digest) response(ha1 string) string {
	ha2 := hexMD5(d.Method + ":" + d.URI)
	if !d.Auth {
		return hexMD5(ha1 + ":" + d.Nonce + ":" + ha2)
	}
	return hexMD5(strings.Join([]string{ha1, d.Nonce, d.Count, d.ClientNonce, "auth", ha2}, ":"))
}
