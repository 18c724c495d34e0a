package access

import (
	"strings"
	"testing"
)

// standardExample is the one of RFC 2617, 3.5.
func standardExample() Digest {
	return Digest{
		Method: "GET", Realm: "testrealm@host.com", Username: "Mufasa",
		Nonce: "dcd98b7102dd2f0e8b11d0f600bfb0c093", URI: "/dir/index.html",
		Auth: true, Count: "00000001", ClientNonce: "0a4f113b",
		Response: "6629fae49393a05397450978507c4ef1",
	}
}

func TestADigestLoginIsRightAsTheStandardHasIt(t *testing.T) {
	users, err := NewUsers([]UserConfig{{Name: "Mufasa", Secret: "Circle Of Life"}, {Name: "other", Secret: "Circle Of Life"}})
	if err != nil {
		t.Fatal(err)
	}
	if user, ok := users.AuthenticateDigest(standardExample()); !ok || user.Name() != "Mufasa" {
		t.Errorf("the standard's own example: %v, %v", user, ok)
	}
	upper := standardExample()
	upper.Response = strings.ToUpper(upper.Response)
	if _, ok := users.AuthenticateDigest(upper); !ok {
		t.Error("the same in capitals is refused")
	}
	without := standardExample()
	without.Auth, without.Count, without.ClientNonce = false, "", ""
	without.Response = "670fd8c2df070c60b045671b8b24ff02"
	if _, ok := users.AuthenticateDigest(without); !ok {
		t.Error("the one without a quality of protection (RFC 2069) is refused")
	}
	for what, change := range map[string]func(*Digest){
		"another user":       func(d *Digest) { d.Username = "other" },
		"nobody":             func(d *Digest) { d.Username = "nobody" },
		"no name":            func(d *Digest) { d.Username = "" },
		"another method":     func(d *Digest) { d.Method = "POST" },
		"another address":    func(d *Digest) { d.URI = "/dir/other.html" },
		"another realm":      func(d *Digest) { d.Realm = "asterisk" },
		"another nonce":      func(d *Digest) { d.Nonce = "0" },
		"another count":      func(d *Digest) { d.Count = "00000002" },
		"without protection": func(d *Digest) { d.Auth = false },
		"nothing":            func(d *Digest) { d.Response = "" },
	} {
		d := standardExample()
		change(&d)
		if user, ok := users.AuthenticateDigest(d); ok || user != nil {
			t.Errorf("%s gets in as %v", what, user)
		}
	}
}
