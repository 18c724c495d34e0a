package access

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	"golang.org/x/crypto/bcrypt"
)

// hashed is a hash of little cost; with $2y$ in front it is as PHP and htpasswd write it.
func hashed(t *testing.T, secret string, cost int, prefix string) Secret {
	t.Helper()
	hash, err := bcrypt.GenerateFromPassword([]byte(secret), cost)
	if err != nil {
		t.Fatal(err)
	}
	return Secret(prefix + string(hash[4:]))
}

func TestASecretMayBeItsHash(t *testing.T) {
	users := newUsers(t,
		UserConfig{Name: "anna", Secret: hashed(t, "hunter2", 4, "$2y$")},
		UserConfig{Name: "berta", Secret: hashed(t, "hunter3", 5, "$2a$")},
		UserConfig{Name: "carla", Secret: "hunter4"},
	)
	for range 2 { // the second time it is remembered
		for _, test := range []struct{ name, secret, want string }{
			{"anna", "hunter2", "anna"},
			{"ANNA", "hunter2", "anna"},
			{"berta", "hunter3", "berta"},
			{"carla", "hunter4", "carla"},
			{"anna", "hunter3", ""},
			{"anna", "", ""},
			{"berta", "hunter2", ""},
			{"carla", "hunter2", ""},
			{"dora", "hunter2", ""},
			{"anna", string(users.byName["anna"].secret().hash), ""},
			{"", "", ""},
		} {
			user, ok := users.Authenticate(test.name, test.secret)
			expect(t, test.name+" "+test.secret, user, ok, test.want)
		}
	}
}

func TestAHashOfAnotherProgramIsUnderstood(t *testing.T) {
	const published = "$2y$05$CCCCCCCCCCCCCCCCCCCCC.E5YPO9kmyuRGyh0XouQYb4YMJKvyOeW" // of crypt_blowfish's own tests
	users := newUsers(t, UserConfig{Name: "anna", Secret: published})
	if _, ok := users.Authenticate("anna", "U*U"); !ok {
		t.Error("refused")
	}
}

// Who is known by a hash alone can answer no challenge, and nobody can in his name.
func TestAHashedSecretAnswersNoChallenge(t *testing.T) {
	hash := hashed(t, "hunter2", 4, "$2b$")
	users := newUsers(t, UserConfig{Name: "anna", Secret: hash})
	for _, guess := range []string{"hunter2", "", string(hash)} {
		key := hexMD5("123456789" + guess)
		if user, ok := users.AuthenticateMD5("anna", "123456789", key); ok {
			t.Errorf("%q: got %v", guess, user)
		}
		d := Digest{Method: "GET", Realm: "r", Username: "anna", Nonce: "n", URI: "/"}
		d.Response = d.response(hexMD5("anna:r:" + guess))
		if user, ok := users.AuthenticateDigest(d); ok {
			t.Errorf("%q: got %v by HTTP Digest", guess, user)
		}
	}
}

// bcrypt reads 72 bytes. A longer secret is not its beginning.
func TestNoMoreThanTheWholeSecretIsHashed(t *testing.T) {
	whole := strings.Repeat("x", 72)
	users := newUsers(t, UserConfig{Name: "anna", Secret: hashed(t, whole, 4, "$2b$")})
	if _, ok := users.Authenticate("anna", whole+"y"); ok {
		t.Error("a longer one is taken for it")
	}
	if _, ok := users.Authenticate("anna", whole); !ok {
		t.Error("the right one is refused")
	}
	if _, err := HashSecret(whole + "y"); !errors.Is(err, ErrSecretTooLong) {
		t.Errorf("got %v", err)
	}
}

func TestHashSecret(t *testing.T) {
	hash, err := HashSecret("hunter2")
	if err != nil {
		t.Fatal(err)
	}
	if err := (UserConfig{Name: "anna", Secret: Secret(hash)}).Validate(); err != nil || !Secret(hash).Hashed() {
		t.Errorf("%s: %v", hash, err)
	}
	if _, ok := newUsers(t, UserConfig{Name: "anna", Secret: Secret(hash)}).Authenticate("anna", "hunter2"); !ok {
		t.Error("it is not the hash of its secret")
	}
	for _, secret := range []string{"", " x", "a\nb"} {
		if _, err := HashSecret(secret); err == nil {
			t.Errorf("%q has a hash", secret)
		}
	}
}

func TestWhatOnlyLooksLikeAHashIsRefused(t *testing.T) {
	right := string(hashed(t, "hunter2", 4, "$2y$"))
	for secret, want := range map[string]string{
		right:                        "",
		right[:59]:                   "secret: this looks like a bcrypt hash, and is none: it has 60 characters and begins with $2y$, $2b$ or $2a$",
		right + "x":                  "secret: this looks like a bcrypt hash, and is none: it has 60 characters and begins with $2y$, $2b$ or $2a$",
		"$2x$" + right[4:]:           "secret: this looks like a bcrypt hash, and is none: it has 60 characters and begins with $2y$, $2b$ or $2a$",
		"$2y$31$" + right[7:]:        "secret: the cost of this bcrypt hash is 31, not from 4 to 15",
		"$2y$03$" + right[7:]:        "secret: the cost of this bcrypt hash is 3, not from 4 to 15",
		"$2y is how it begins":       "",
		"$1$abcdefgh$0123456789abcd": "",
	} {
		err := UserConfig{Name: "anna", Secret: Secret(secret)}.Validate()
		if got := fmt.Sprint(err); want == "" && err != nil || want != "" && got != want {
			t.Errorf("%q: got %v", secret, err)
		}
	}
	err := UserConfig{Name: "anna", Secret: Secret(right), ProxyKey: true}.Validate()
	if err == nil || !strings.Contains(err.Error(), "proxy_key: ") {
		t.Errorf("a ProxyKey of a hash: %v", err)
	}
}

// compared counts what an Authenticate costs: the sum of 2 to the power of the costs compared.
func compared(t *testing.T, users *Users, name, secret string) (cost int) {
	t.Helper()
	original := compareHash
	defer func() { compareHash = original }()
	compareHash = func(hash, secret []byte) error {
		err := original(hash, secret)
		if err != nil && !errors.Is(err, bcrypt.ErrMismatchedHashAndPassword) {
			t.Errorf("nothing was compared: %v", err)
		}
		cost += 1 << Secret(hash).cost()
		return err
	}
	users.Authenticate(name, secret)
	return cost
}

// The work is counted and not its time: a wrong secret takes as much for everybody, and for nobody, and a
// right one that is remembered takes none.
//
//astproxy:attack
func TestAWrongSecretTakesAsLongWhoeversItIs(t *testing.T) {
	users := newUsers(t,
		UserConfig{Name: "anna", Secret: hashed(t, "hunter2", 4, "$2y$")},
		UserConfig{Name: "berta", Secret: hashed(t, "hunter2", 6, "$2y$")},
		UserConfig{Name: "carla", Secret: "hunter2"},
	)
	for _, name := range []string{"anna", "berta", "carla", "nobody", ""} {
		for _, secret := range []string{"wrong", "", strings.Repeat("x", 100)} {
			if got := compared(t, users, name, secret); got != 1<<6 {
				t.Errorf("%q takes %d for %q", secret, got, name)
			}
		}
	}
	for name, want := range map[string]int{"anna": 1 << 4, "berta": 1 << 6, "carla": 0} {
		first, again := compared(t, users, name, "hunter2"), compared(t, users, name, "hunter2")
		if first != want || again != 0 {
			t.Errorf("%s takes %d, and then %d", name, first, again)
		}
	}
	if got := compared(t, users, "berta", "wrong"); got != 1<<6 {
		t.Errorf("a wrong secret takes %d behind a right one", got)
	}
	if got := compared(t, newUsers(t, UserConfig{Name: "carla", Secret: "x"}), "nobody", "x"); got != 0 {
		t.Errorf("without any hash it takes %d", got)
	}
}

func BenchmarkAuthenticateHashed(b *testing.B) {
	hash, err := HashSecret("hunter2")
	if err != nil {
		b.Fatal(err)
	}
	users, err := NewUsers([]UserConfig{{Name: "anna", Secret: Secret(hash)}})
	if err != nil {
		b.Fatal(err)
	}
	for _, secret := range []string{"hunter2", "wrong"} {
		b.Run(secret, func(b *testing.B) {
			for b.Loop() {
				users.Authenticate("anna", secret)
			}
		})
	}
}
