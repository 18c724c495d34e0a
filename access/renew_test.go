package access

import (
	"errors"
	"testing"
)

//astproxy:attack
func TestWhoCouldNotLogInAgainIsNobodyAfterAReload(t *testing.T) {
	anna := UserConfig{Name: "anna", Secret: "one", Read: []string{"call"}}
	token := TokenConfig{Name: "t", User: "anna", Hash: TokenHash("token")}
	users := func(token []TokenConfig, configs ...UserConfig) *Users {
		t.Helper()
		u, err := NewUsers(configs, token...)
		if err != nil {
			t.Fatal(err)
		}
		return u
	}
	before := users([]TokenConfig{token}, anna)
	bySecret, _ := before.Authenticate("ANNA", "one")
	byToken, _ := before.AuthenticateToken("token")
	if same, err := before.Renewed(bySecret); err != nil || same != bySecret {
		t.Errorf("of the same snapshot he is %v, %v", same, err)
	}
	more, secret, certificate := anna, anna, anna
	more.Read, secret.Secret, certificate.Certificate = []string{"all"}, "two", "anna"
	for name, test := range map[string]struct {
		now  *Users
		old  *User
		want error
	}{
		"more rights":           {users([]TokenConfig{token}, more), bySecret, nil},
		"a token's":             {users([]TokenConfig{token}, more), byToken, nil},
		"removed":               {users(nil, UserConfig{Name: "berta", Secret: "one"}), bySecret, ErrUserRemoved},
		"spelled otherwise":     {users(nil, UserConfig{Name: "Anna", Secret: "one"}), bySecret, ErrUserRemoved},
		"another secret":        {users(nil, secret), bySecret, ErrSecretChanged},
		"another certificate":   {users(nil, certificate), bySecret, ErrSecretChanged},
		"another secret, token": {users([]TokenConfig{token}, secret), byToken, nil},
		"a token that is gone":  {users(nil, anna), byToken, ErrTokenWithdrawn},
	} {
		now, err := test.now.Renewed(test.old)
		if !errors.Is(err, test.want) || err == nil && (now == nil || now == test.old) {
			t.Errorf("%s: he is %v, %v", name, now, err)
		}
	}
}
