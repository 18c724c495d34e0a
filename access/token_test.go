package access

import (
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/astproxy/astproxy/ami"
)

func TestATokenIsItsUserAndNobodyElse(t *testing.T) {
	token := NewToken()
	users, err := NewUsers([]UserConfig{{Name: "Anna", Secret: "x"}, {Name: "berta", Secret: "y"}},
		TokenConfig{Name: "board", User: "anna", Hash: TokenHash(token)},
		TokenConfig{Name: "panel", User: "berta", Hash: "sha256:" + strings.ToUpper(TokenHash("other")[7:])})
	if err != nil {
		t.Fatal(err)
	}
	for text, want := range map[string]string{
		token: "Anna", "other": "berta",
		"": "", "x": "", token[1:]: "", token + "x": "", strings.ToLower(token): "", TokenHash(token): "",
	} {
		user, ok := users.AuthenticateToken(text)
		expect(t, text, user, ok, want)
	}
}

func TestTokensCannotBeGuessed(t *testing.T) {
	seen := map[string]bool{}
	for range 100 {
		token := NewToken()
		if len(token) < 26 || seen[token] { // 5 bits a letter
			t.Errorf("got %q", token)
		}
		seen[token] = true
	}
}

//astproxy:attack
func TestATokenNarrowsTheRightsOfItsUser(t *testing.T) {
	user := UserConfig{Name: "anna", Secret: "x", Read: []string{"call", "agent"}, Write: []string{"all"}, Admin: true}
	for _, test := range []struct {
		name        string
		read, write []string
		wantRead    string
		wantWrite   string
		admin       bool
	}{
		{"as it is", nil, nil, "call,agent", "all", true},
		{"less to see", []string{"call", "user"}, nil, "call", "all", false},
		{"less to do", nil, []string{"originate"}, "call,agent", "originate", false},
		{"nothing to do", nil, []string{}, "call,agent", "<none>", false},
		{"all he has", []string{"all"}, []string{"all"}, "call,agent", "all", false},
	} {
		users, err := NewUsers([]UserConfig{user}, TokenConfig{Name: "t", User: "anna", Hash: TokenHash("t"), Read: test.read, Write: test.write})
		if err != nil {
			t.Fatal(err)
		}
		got, _ := users.AuthenticateToken("t")
		if got.Read().String() != test.wantRead || got.Write().String() != test.wantWrite || got.Admin() != test.admin || got.Name() != "anna" {
			t.Errorf("%s: %v %v %v %v", test.name, got, got.Read(), got.Write(), got.Admin())
		}
		if self, _ := users.Authenticate("anna", "x"); !self.Admin() || self.Read().String() != "call,agent" {
			t.Errorf("%s: the user himself has %v", test.name, self.Read())
		}
	}
}

// What the user may by name he may without a class, and a token that leaves few would not narrow it.
//
//astproxy:attack
func TestATokenWithLessToDoHasNoActionsByName(t *testing.T) {
	user := UserConfig{Name: "anna", Secret: "x", Write: []string{"call"}, AllowActions: []string{"DBPut"}, DenyActions: []string{"Hangup"}}
	for _, test := range []struct {
		write []string
		may   bool
	}{{nil, true}, {[]string{"call"}, false}, {[]string{}, false}} {
		users, err := NewUsers([]UserConfig{user}, TokenConfig{Name: "t", User: "anna", Hash: TokenHash("t"), Write: test.write})
		if err != nil {
			t.Fatal(err)
		}
		got, _ := users.AuthenticateToken("t")
		if d := got.MayRun("DBPut", ami.ClassSystem); d.Allowed != test.may {
			t.Errorf("%q: %+v", test.write, d)
		}
		if d := got.MayRun("Hangup", ami.ClassCall); d.Allowed {
			t.Errorf("%q: %+v", test.write, d)
		}
	}
}

func TestATokenIsOfUseToTheEndOfItsLastDay(t *testing.T) {
	synctest.Test(t, func(t *testing.T) { // where it is 2000-01-01, 00:00 UTC
		users, err := NewUsers([]UserConfig{{Name: "anna", Secret: "x"}},
			TokenConfig{Name: "t", User: "anna", Hash: TokenHash("t"), Expires: "2000-01-02"},
			TokenConfig{Name: "o", User: "anna", Hash: TokenHash("o"), Expires: "1999-12-31"})
		if err != nil {
			t.Fatal(err)
		}
		if _, ok := users.AuthenticateToken("o"); ok {
			t.Error("one of yesterday is of use")
		}
		time.Sleep(48*time.Hour - time.Nanosecond)
		if _, ok := users.AuthenticateToken("t"); !ok {
			t.Error("it is of no use on its last day")
		}
		time.Sleep(time.Nanosecond)
		if _, ok := users.AuthenticateToken("t"); ok {
			t.Error("it is of use after its last day")
		}
	})
}

func TestAProxyKeyIsTheSecretOfWhoMayGiveItAlone(t *testing.T) {
	users := newUsers(t, UserConfig{Name: "anna", Secret: "key", ProxyKey: true}, UserConfig{Name: "berta", Secret: "other"})
	for key, want := range map[string]string{"key": "anna", "other": "", "": "", "ke": "", "KEY": ""} {
		user, ok := users.AuthenticateKey(key)
		expect(t, key, user, ok, want)
	}
}

func TestNewUsersRefusesTokensAndKeysThatAreNobodys(t *testing.T) {
	_, err := NewUsers([]UserConfig{
		{Name: "anna", Secret: "hunter2", ProxyKey: true},
		{Name: "berta", Secret: "hunter2", ProxyKey: true},
		{Name: "carla", Secret: "hunter2"},
	},
		TokenConfig{Name: "a", User: "dora", Hash: TokenHash("a")},
		TokenConfig{Name: "b", User: "anna", Hash: TokenHash("b")},
		TokenConfig{Name: "c", User: "anna", Hash: TokenHash("b")},
		TokenConfig{Name: "d", User: "anna", Hash: "b"},
	)
	want := `user "berta": proxy_key: the secret is that of user "anna", who has proxy_key as well
token "a": there is no user named "dora"
token "c": another token has the same hash
token "d": hash: a token's hash is sha256: and 64 hexadecimal digits, as astproxy token prints it`
	if err == nil || err.Error() != want {
		t.Errorf("got\n%v\nwant\n%s", err, want)
	}
}
